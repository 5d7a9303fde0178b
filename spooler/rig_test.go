package spooler

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/OpenPrinting/goipp"
	"go.uber.org/goleak"

	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/spooler/docinfo"
)

// TestMain is also the program that squats on a port: see runSquatter.
func TestMain(m *testing.M) {
	if at := os.Getenv(squatVariable); at != "" {
		runSquatter(at, os.Getenv(relayVariable))
		return
	}
	goleak.VerifyTestMain(m)
}

// memoryIntake is an Intake in memory, with faults on demand.
type memoryIntake struct {
	mu        sync.Mutex
	condition Condition
	beginErr  error                  // of Begin
	writeErr  func(at int) error     // of Write, by the bytes written before
	endErr    error                  // of End
	parkErr   func() error           // of Park
	message   string                 // of Park
	onWrite   func(p *memoryParking) // told of each Write
	parked    []*memoryParking       // in the order they were
	begun     int
	aborted   int
}

// memoryParking is one job of a memoryIntake: its documents, one after the other.
type memoryParking struct {
	intake *memoryIntake
	ctx    context.Context
	ticket Ticket
	docs   []Document
	ends   []int        // where each of them ends
	info   docinfo.Info // of the last of them
	bytes.Buffer
}

// documentBytes returns the bytes of one document.
func (p *memoryParking) documentBytes(i int) []byte {
	from := 0
	if i > 0 {
		from = p.ends[i-1]
	}
	return p.Bytes()[from:p.ends[i]]
}

// identifierIntake is a memoryIntake that is an Identifier.
type identifierIntake struct {
	*memoryIntake
	identified chan string
}

func (s *identifierIntake) Identify(i Identification) {
	s.identified <- fmt.Sprintf("%s by %s (%s): %s", strings.Join(i.Actions, "+"), i.User, i.Source, i.Message)
}

// withIdentifier makes the printer's Intake an Identifier.
func withIdentifier(c *Config) {
	c.Intake = &identifierIntake{c.Intake.(*memoryIntake), make(chan string, 100)}
}

// setFaults changes the faults while the printer serves.
func (s *memoryIntake) setFaults(change func(s *memoryIntake)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

// currentFaults returns the hooks at this moment.
func (s *memoryIntake) currentFaults() (write func(int) error, wrote func(*memoryParking), park func() error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.writeErr, s.onWrite, s.parkErr
}

func newMemoryIntake() *memoryIntake { return &memoryIntake{condition: Condition{Accepting: true}} }

func (s *memoryIntake) Condition() Condition {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.condition
}

func (s *memoryIntake) Begin(ctx context.Context, t Ticket) (Parking, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.beginErr != nil {
		return nil, s.beginErr
	}
	s.begun++
	return &memoryParking{intake: s, ctx: ctx, ticket: t}, nil
}

func (p *memoryParking) Write(b []byte) (int, error) {
	write, wrote, _ := p.intake.currentFaults()
	if write != nil {
		if err := write(p.Len()); err != nil {
			return 0, err
		}
	}
	n, err := p.Buffer.Write(b)
	if wrote != nil {
		wrote(p)
	}
	return n, err
}

func (p *memoryParking) End(d Document) error {
	p.intake.mu.Lock()
	defer p.intake.mu.Unlock()
	p.docs, p.ends, p.info = append(p.docs, d), append(p.ends, p.Len()), d.Info
	return p.intake.endErr
}

func (p *memoryParking) Park() (string, error) {
	if _, _, park := p.intake.currentFaults(); park != nil {
		if err := park(); err != nil {
			return "", err
		}
	}
	p.intake.mu.Lock()
	defer p.intake.mu.Unlock()
	p.intake.parked = append(p.intake.parked, p)
	return p.intake.message, nil
}

func (p *memoryParking) Abort() {
	p.intake.mu.Lock()
	defer p.intake.mu.Unlock()
	p.intake.aborted++
}

// counts returns how many jobs were begun, parked and aborted.
func (s *memoryIntake) counts() (begun, parked, aborted int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.begun, len(s.parked), s.aborted
}

// onlyParked returns the one job that was parked.
func (s *memoryIntake) onlyParked(t *testing.T) *memoryParking {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.parked) != 1 {
		t.Fatalf("%d documents are parked, not one", len(s.parked))
	}
	return s.parked[0]
}

// testPrinter is a printer that serves, and a client of it.
type testPrinter struct {
	*testing.T
	p      *Printer
	intake *memoryIntake
	addr   string // 127.0.0.1:port
	port   int
	client *ipp.Client
	stop   context.CancelFunc
	served chan error
}

func testConfig(s *memoryIntake) Config {
	var last atomic.Int64
	return Config{
		Name: "Scout", Info: "Print Scout", Location: "here", Make: "Print Scout Virtual",
		UUID:      "urn:uuid:6e2f1d1c-0f0a-4f43-9a59-2d0c4d6a1b11",
		Intake:    s,
		NextJobID: func() (int, error) { return int(last.Add(1)), nil },
	}
}

func newPrinter(t testing.TB, change ...func(*Config)) (*Printer, *memoryIntake) {
	t.Helper()
	s := newMemoryIntake()
	cfg := testConfig(s)
	for _, f := range change {
		f(&cfg)
	}
	p, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p, s
}

func startPrinter(t *testing.T, change ...func(*Config)) *testPrinter {
	t.Helper()
	p, s := newPrinter(t, change...)
	ls, err := Listen(0)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	tr := &http.Transport{}
	r := &testPrinter{
		T: t, p: p, intake: s, stop: stop, served: make(chan error, 1),
		addr: ls[0].Addr().String(), port: ls[0].Addr().(*net.TCPAddr).Port,
		client: &ipp.Client{HTTP: &http.Client{Transport: tr}},
	}
	r.client.URI = "ipp://" + r.addr + "/ipp/print"
	go func() { r.served <- p.Serve(ctx, ls...); close(r.served) }()
	t.Cleanup(func() {
		stop()
		tr.CloseIdleConnections()
		if err := <-r.served; err != nil {
			t.Error(err)
		}
	})
	return r
}

// newRequest returns a request to this printer by the user alice, with
// attributes for the operation group.
func (r *testPrinter) newRequest(op goipp.Op, attrs ...goipp.Attribute) *goipp.Message {
	m := ipp.NewRequest(ipp.Version20, op, r.client.URI)
	m.Operation.Add(ipp.Name("requesting-user-name", "alice"))
	for _, a := range attrs {
		m.Operation.Add(a)
	}
	return m
}

// mustDo sends a request and returns the response, which must have that status.
func (r *testPrinter) mustDo(want goipp.Status, m *goipp.Message, doc ...byte) *goipp.Message {
	r.Helper()
	var d *ipp.Document
	if doc != nil {
		d = &ipp.Document{Reader: bytes.NewReader(doc), Size: int64(len(doc))}
	}
	a, err := r.client.Do(r.Context(), m, d)
	if _, ok := errors.AsType[*ipp.StatusError](err); err != nil && !ok {
		r.Fatalf("%s: %v", goipp.Op(m.Code), err)
	}
	if got := goipp.Status(a.Code); got != want {
		r.Fatalf("%s: %s (%s), want %s", goipp.Op(m.Code), got, ipp.String(a.Operation, "status-message"), want)
	}
	if !ipp.OK(want) && !strings.HasSuffix(ipp.String(a.Operation, "status-message"), ".") {
		r.Errorf("%s: no sentence goes with %s", goipp.Op(m.Code), want)
	}
	return a
}

func (r *testPrinter) createJob(attrs ...goipp.Attribute) int {
	r.Helper()
	id, ok := ipp.Int(r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpCreateJob, attrs...)).Job, "job-id")
	if !ok {
		r.Fatal("no job-id")
	}
	return id
}

// jobState returns job-state and job-state-reasons.
func (r *testPrinter) jobState(id int) (int, string) {
	r.Helper()
	a := r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpGetJobAttributes, ipp.Integer("job-id", id)))
	state, _ := ipp.Int(a.Job, "job-state")
	return state, strings.Join(ipp.Strings(a.Job, "job-state-reasons"), " ")
}

func (r *testPrinter) wantState(id, state int, reasons string) {
	r.Helper()
	if s, why := r.jobState(id); s != state || why != reasons {
		r.Errorf("job %d is in state %d (%s), want %d (%s)", id, s, why, state, reasons)
	}
}

func lastDocument(last bool) goipp.Attribute { return ipp.Boolean("last-document", last) }

// threePages returns a small document of three pages.
func threePages() []byte {
	return []byte("%PDF-1.4\n" + strings.Repeat("<</Type /Page /Parent 1 0 R>>\n", 3) + "%%EOF\n")
}
