package delivery_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"flag"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/OpenPrinting/goipp"
	"go.uber.org/goleak"

	"github.com/printscout/printscout/delivery"
	"github.com/printscout/printscout/delivery/simprinter"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/internal/outcome"
)

func TestMain(m *testing.M) {
	flag.Parse()
	if canBeKilled() {
		return
	}
	_ = flag.Set("test.parallel", "16") // these tests wait more than they compute
	goleak.VerifyTestMain(m)
}

const (
	small = 40 << 10
	large = 3 << 20
	huge  = 32 << 20 // more than the buffers of a connection hold
)

// testLimits returns seconds for waits that a test wants to run out, so that
// none runs out because the machine is slow, and longer limits for waits that
// should not.
func testLimits() delivery.Timeouts {
	return delivery.Timeouts{
		Connect: 5 * time.Second, Wake: 2 * time.Second, Ready: 2 * time.Second, Answer: 10 * time.Second, Body: 10 * time.Second, Settle: 2 * time.Second,
		Lost: 3 * time.Second, Unchanged: 3 * time.Second, Follow: time.Minute,
	}
}

// goneURI is where nobody listens and nobody can begin to: port 1 is never given
// out. A port that a printer has given back may be another's at once.
const goneURI = "ipps://127.0.0.1:1/ipp/print"

func startPrinter(tb testing.TB, c simprinter.Config) *simprinter.Printer {
	tb.Helper()
	c.Dir = tb.TempDir()
	p, err := simprinter.Start(c)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { p.Close() })
	return p
}

// entryOf returns the directory's entry for a printer, pinned to its key.
func entryOf(p *simprinter.Printer) directory.Printer {
	e := directory.Printer{ID: "p1", Name: "P", Floor: directory.GradePinned, URIs: []string{p.URI()}}
	e.Pin = directory.PinOf(p.Certificate().RawSubjectPublicKeyInfo)
	return e
}

// randomContent returns n bytes that are the same for every call with that
// seed.
func randomContent(n int, seed uint64) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8)})
	_, _ = r.Read(b)
	return b
}

func documentOf(b []byte) delivery.Document {
	return delivery.Document{
		Title: "Quarterly figures", User: "erika", Format: "application/pdf", Size: int64(len(b)),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil },
	}
}

// breakingOpener gives n bytes of b, calls f, and then gives err, or the rest
// where err is nil.
func breakingOpener(b []byte, n int, f func(), err error) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) {
		rest := io.Reader(bytes.NewReader(b[n:]))
		if err != nil {
			rest = failingReader{err}
		}
		return io.NopCloser(io.MultiReader(bytes.NewReader(b[:n]), callOnRead(f), rest)), nil
	}
}

type failingReader struct{ err error }

func (f failingReader) Read([]byte) (int, error) { return 0, f.err }

// callOnRead runs itself when it is read, and is empty.
func callOnRead(f func()) io.Reader {
	once := sync.OnceFunc(f)
	return readerFunc(func([]byte) (int, error) { once(); return 0, io.EOF })
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

// ticketBytes returns job template attributes as they are parked with a job.
func ticketBytes(attrs ...goipp.Attribute) []byte {
	m := ipp.NewRequest(ipp.Version20, goipp.OpPrintJob, "ipp://localhost/")
	m.Job = attrs
	b, err := m.EncodeBytes()
	if err != nil {
		panic(err)
	}
	return b
}

// countPapers returns how many documents came out of a printer whole and in
// part.
func countPapers(tb testing.TB, p *simprinter.Printer, content []byte) (whole, part int) {
	tb.Helper()
	for _, j := range p.Jobs() {
		switch {
		case j.File == "", j.Size == 0 && len(content) > 0: // nothing of it has come
		case j.Whole:
			whole++
		default:
			part++
		}
	}
	return whole, part
}

func sameFile(tb testing.TB, name string, want []byte) bool {
	tb.Helper()
	f, err := os.Open(name)
	if err != nil {
		tb.Error(err)
		return false
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		tb.Error(err)
	}
	sum := sha256.Sum256(want)
	return bytes.Equal(h.Sum(nil), sum[:])
}

// checkTruthful fails the test unless an outcome agrees with what the printer
// has: delivered is one whole and equal copy, not sent is nothing, and there
// are never two.
func checkTruthful(tb testing.TB, p *simprinter.Printer, o delivery.Outcome, want []byte) {
	tb.Helper()
	whole, part := countPapers(tb, p, want)
	if whole+part > 1 {
		tb.Errorf("%d copies came out", whole+part)
	}
	switch o.State {
	case outcome.Delivered:
		if whole != 1 || part != 0 {
			tb.Errorf("delivered, but %d whole and %d broken documents came out", whole, part)
		}
		for _, j := range p.Jobs() {
			if j.File != "" && !sameFile(tb, j.File, want) {
				tb.Error("another document came out")
			}
		}
	case outcome.NotSent:
		if whole+part != 0 {
			tb.Errorf("not sent, but %d documents came out", whole+part)
		}
	}
	if o.State != outcome.Delivered && (o.Reason == "" || o.Message == "") {
		tb.Errorf("no reason or message: %+v", o)
	}
}

// deliveryCall is one delivery being prepared.
type deliveryCall struct {
	p       *simprinter.Printer
	entry   directory.Printer
	content []byte
	doc     delivery.Document
	journal func(delivery.Point) error
	tell    func(reason, sentence string)
	limits  delivery.Timeouts
	memory  delivery.Memory // nil remembers nothing from one delivery to the next
	ctx     context.Context
	cancel  context.CancelFunc
	cleanup func(func()) // of the test
}

func newCall(t *testing.T, c simprinter.Config, size int) *deliveryCall {
	t.Helper()
	p := startPrinter(t, c)
	b := randomContent(size, 1)
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	return &deliveryCall{p: p, entry: entryOf(p), content: b, doc: documentOf(b), limits: testLimits(), ctx: ctx, cancel: cancel, cleanup: t.Cleanup}
}

func (c *deliveryCall) deliver() delivery.Outcome {
	return delivery.New(delivery.Config{Timeouts: c.limits, Memory: c.memory}).Deliver(c.ctx, c.entry, c.doc, delivery.Hooks{Journal: c.journal, Tell: c.tell})
}

// onJournal runs f when the journal comes to a step.
func (c *deliveryCall) onJournal(step delivery.Step, f func() error) {
	c.journal = func(p delivery.Point) error {
		if p.Step == step {
			return f()
		}
		return nil
	}
}

// cancelsIn cancels once the document is out and the printer has the job in
// that state.
func cancelsIn(state int) func(*deliveryCall) {
	return func(c *deliveryCall) {
		c.onJournal(delivery.StepSent, func() error {
			c.waitForJob(func(j simprinter.Job) bool { return j.State == state })
			c.cancel()
			return nil
		})
	}
}

// cancelsHalfway cancels in the middle of the document, whose other half comes
// only when the printer has seen the connection end.
func cancelsHalfway(c *deliveryCall) {
	c.doc.Open = breakingOpener(c.content, len(c.content)/2, func() {
		c.cancel()
		c.waitForJob(func(j simprinter.Job) bool { return j.State > 6 })
	}, nil)
}

// waitForJob waits for the printer to have a job that is so.
func (c *deliveryCall) waitForJob(so func(simprinter.Job) bool) {
	for jobs := c.p.Jobs(); len(jobs) == 0 || !so(jobs[0]); jobs = c.p.Jobs() {
		runtime.Gosched()
	}
}
