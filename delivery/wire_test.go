package delivery_test

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/delivery"
	"github.com/printscout/printscout/delivery/simprinter"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/internal/outcome"
)

// plainPrinter answers requests by f and takes whatever f leaves of them.
func plainPrinter(t *testing.T, f func(w http.ResponseWriter, r *http.Request, m *goipp.Message)) directory.Printer {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		br := bufio.NewReader(r.Body)
		m, err := ipp.ReadMessage(br, ipp.RequestLimits)
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.Copy(io.Discard, br)
		f(w, r, m)
	}))
	t.Cleanup(srv.Close)
	uri := "ipp" + strings.TrimPrefix(srv.URL, "http") + "/ipp/print"
	return directory.Printer{ID: "p", Name: "P", URIs: []string{uri}, Floor: directory.GradeIPP}
}

// obeyRequest answers as a printer with the least that RFC 8011 asks for.
func obeyRequest(m *goipp.Message) *goipp.Message {
	a := ipp.NewResponse(m, goipp.StatusOk)
	switch goipp.Op(m.Code) {
	case goipp.OpGetPrinterAttributes:
		a.Printer.Add(ipp.MIME("document-format-supported", "application/pdf"))
		a.Printer.Add(ipp.Enum("operations-supported", 2, 4, 8, 9, 10, 11))
	case goipp.OpPrintJob, goipp.OpGetJobAttributes:
		a.Job.Add(ipp.Integer("job-id", 5))
		a.Job.Add(ipp.Enum("job-state", 9))
	}
	return a
}

func TestDocumentOnTheWire(t *testing.T) {
	var asked *http.Request
	var addresses []string
	p := plainPrinter(t, func(w http.ResponseWriter, r *http.Request, m *goipp.Message) {
		if goipp.Op(m.Code) == goipp.OpPrintJob {
			asked = r
		}
		addresses = append(addresses, r.RemoteAddr)
		_ = ipp.WriteResponse(w, obeyRequest(m))
	})
	doc := documentOf(randomContent(small, 1))
	o := delivery.New(delivery.Config{Timeouts: testLimits()}).Deliver(t.Context(), p, doc, delivery.Hooks{})
	if o.State != outcome.Delivered || asked == nil {
		t.Fatalf("%+v", o)
	}
	if asked.ContentLength <= small || len(asked.TransferEncoding) > 0 || !asked.Close {
		t.Errorf("length %d, %v, close %v", asked.ContentLength, asked.TransferEncoding, asked.Close)
	}
	for _, h := range []string{"Idempotency-Key", "X-Idempotency-Key", "Authorization"} {
		if v := asked.Header.Get(h); v != "" {
			t.Errorf("%s: %s", h, v)
		}
	}
	if n := strings.Count(strings.Join(addresses, " "), asked.RemoteAddr); n != 1 {
		t.Errorf("%d requests on the document's connection", n)
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	elsewhere := 0
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere++ }))
	defer other.Close()
	for op, status := range map[goipp.Op]int{goipp.OpGetPrinterAttributes: http.StatusSeeOther, goipp.OpValidateJob: http.StatusTemporaryRedirect, goipp.OpPrintJob: http.StatusFound} {
		p := plainPrinter(t, func(w http.ResponseWriter, r *http.Request, m *goipp.Message) {
			if goipp.Op(m.Code) == op {
				http.Redirect(w, r, other.URL, status)
				return
			}
			_ = ipp.WriteResponse(w, obeyRequest(m))
		})
		if o := delivery.New(delivery.Config{Timeouts: testLimits()}).Deliver(t.Context(), p, documentOf(randomContent(small, 1)), delivery.Hooks{}); o.State == outcome.Delivered {
			t.Errorf("%s: %+v", op, o)
		}
	}
	if elsewhere > 0 {
		t.Errorf("%d requests went elsewhere", elsewhere)
	}
}

// The printer's word that it will print fewer copies comes before the document.
func TestIgnoredCopies(t *testing.T) {
	printed := false
	p := plainPrinter(t, func(w http.ResponseWriter, _ *http.Request, m *goipp.Message) {
		a := obeyRequest(m)
		switch goipp.Op(m.Code) {
		case goipp.OpGetPrinterAttributes:
			a.Printer.Add(ipp.Range("copies-supported", 1, 9))
		case goipp.OpValidateJob:
			a.Code = goipp.Code(goipp.StatusOkIgnoredOrSubstituted)
			a.Unsupported.Add(ipp.Integer("copies", 2))
		case goipp.OpPrintJob:
			printed = true
		}
		_ = ipp.WriteResponse(w, a)
	})
	doc := documentOf(randomContent(small, 1))
	doc.Attributes = ticketBytes(ipp.Integer("copies", 2))
	if o := delivery.New(delivery.Config{Timeouts: testLimits()}).Deliver(t.Context(), p, doc, delivery.Hooks{}); o.Reason != outcome.ReasonCopies || printed {
		t.Errorf("%+v", o)
	}
}

func TestHelloFitsIntoOnePacket(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	most := make(chan int)
	go func() {
		n := 0
		for {
			c, err := l.Accept()
			if err != nil {
				most <- n
				return
			}
			head := make([]byte, 5)
			_, _ = io.ReadFull(c, head)
			n = max(n, int(binary.BigEndian.Uint16(head[3:])))
			c.Close()
		}
	}()
	p := directory.Printer{ID: "p", Name: "P", URIs: []string{"ipps://" + l.Addr().String() + "/ipp/print"}, Floor: directory.GradeIPPS}
	o := delivery.New(delivery.Config{Timeouts: testLimits()}).Deliver(t.Context(), p, documentOf(nil), delivery.Hooks{})
	if o.Reason != outcome.ReasonNoTLS {
		t.Errorf("%+v", o)
	}
	l.Close()
	if n := <-most; n == 0 || n > 600 {
		t.Errorf("the hello has %d bytes", n)
	}
}

// zeroReader is a document of any size that takes no memory.
type zeroReader struct{ left int64 }

func (z *zeroReader) Read(b []byte) (int, error) {
	if z.left == 0 {
		return 0, io.EOF
	}
	n := min(int64(len(b)), z.left)
	clear(b[:n])
	z.left -= n
	return int(n), nil
}

func (z *zeroReader) Close() error { return nil }

func TestMemoryStaysFlat(t *testing.T) {
	const size = 200 << 20
	c := newCall(t, simprinter.Config{}, 0)
	c.limits = delivery.Timeouts{}
	c.doc.Size, c.doc.Open = size, func() (io.ReadCloser, error) { return &zeroReader{size}, nil }
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	o := c.deliver()
	runtime.ReadMemStats(&after)
	if o.State != outcome.Delivered || c.p.Jobs()[0].Size != size {
		t.Fatalf("%+v", o)
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 64<<20 {
		t.Errorf("%d MB were allocated on the way", grown>>20)
	}
}
