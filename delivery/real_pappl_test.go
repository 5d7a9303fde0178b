//go:build unix

package delivery_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"net"
	"regexp"
	"strconv"
	"sync"
	"testing"

	"github.com/printscout/printscout/delivery"
	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/internal/outcome"
)

// labelPaper is the label printer that LPrint prints at: it keeps what comes.
type labelPaper struct {
	l       net.Listener
	serving sync.WaitGroup
	mu      sync.Mutex
	came    bytes.Buffer
}

func newLabelPaper(t *testing.T) *labelPaper {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &labelPaper{l: l}
	p.serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_ = c.(*net.TCPConn).CloseWrite() // it answers nothing, so that LPrint need not wait
			_, _ = io.Copy(p, c)
			c.Close()
		}
	})
	t.Cleanup(func() { l.Close(); p.serving.Wait() })
	return p
}

// Write implements io.Writer.
func (p *labelPaper) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.came.Write(b)
}

var quantity = regexp.MustCompile(`\^PQ(\d+)`)

// labels returns how many labels the ZPL that came asks for.
func (p *labelPaper) labels() (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, q := range quantity.FindAllSubmatch(p.came.Bytes(), -1) {
		k, _ := strconv.Atoi(string(q[1]))
		n += k
	}
	return n
}

// rasterLabel is a picture in PNG.
func rasterLabel(t *testing.T) []byte {
	t.Helper()
	i := image.NewGray(image.Rect(0, 0, 64, 96))
	for x := range 64 {
		for y := range 96 {
			i.SetGray(x, y, color.Gray{Y: uint8(255 * ((x/8 + y/8) % 2))})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, i); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestRealPAPPL prints at LPrint, whose IPP is that of PAPPL: a picture and a
// raster, over ipp and, pinned, over ipps. LPrint 1.1 counts the copies of a
// raster as one page, and prints the square of a picture's copies: of pictures
// it is asked for one.
func TestRealPAPPL(t *testing.T) {
	peers.Need(t, "lprint")
	if !peers.Alone(t) {
		return
	}
	paper := newLabelPaper(t)
	port := peers.StartLPrint(t, "label", "socket://"+paper.l.Addr().String())
	raster, err := peers.PWG("4x6", "sgray-8", 203, 1)
	if err != nil {
		t.Fatal(err)
	}
	d := delivery.New(delivery.Config{Timeouts: printServerLimits()})
	at := func(scheme string) string { return fmt.Sprintf("%s://localhost:%d/ipp/print/label", scheme, port) }
	id, err := d.Inspect(t.Context(), at("ipps"))
	if err != nil {
		t.Fatal(err)
	}
	pinned := directory.Printer{ID: "label", Name: "Label", URIs: []string{at("ipps")}, Pin: id.Pin, UUID: id.UUID, Floor: directory.GradePinned}
	for i, c := range []struct {
		format   string
		content  []byte
		copies   int
		entry    directory.Printer
		protocol string
		grade    directory.Grade
	}{
		{"image/png", rasterLabel(t), 1, plainEntry(at("ipp")), "ipp", directory.GradeIPP},
		{"image/png", rasterLabel(t), 1, pinned, "ipps", directory.GradePinned},
		{"image/pwg-raster", raster, 1, plainEntry(at("ipp")), "ipp", directory.GradeIPP},
		{"image/pwg-raster", raster, 3, pinned, "ipps", directory.GradePinned},
	} {
		before := paper.labels()
		doc := documentOf(c.content)
		doc.Format = c.format
		doc.Attributes = ticketBytes(ipp.Integer("copies", c.copies))
		o := d.Deliver(t.Context(), c.entry, doc, delivery.Hooks{})
		checkOutcome(t, o, outcome.Delivered, "", c.protocol, c.grade)
		if o.EvidenceLevel != outcome.EvidenceCounted || o.PagesPrinted == nil || *o.PagesPrinted != 1 {
			t.Errorf("%d: %s, %v pages, %q", i, o.EvidenceLevel, o.PagesPrinted, o.Evidence)
		}
		peers.Await(t, "the labels have come", func() bool { return paper.labels() >= before+c.copies })
		if n := paper.labels() - before; n != c.copies {
			t.Errorf("%d: %d labels of %d", i, n, c.copies)
		}
	}
}
