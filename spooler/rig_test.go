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

// TestMain is also the program that squats on a port: see squat.
func TestMain(m *testing.M) {
	if at := os.Getenv(squatVariable); at != "" {
		squat(at, os.Getenv(relayVariable))
		return
	}
	goleak.VerifyTestMain(m)
}

// shelf is an Intake in memory, with faults on demand.
type shelf struct {
	mu        sync.Mutex
	condition Condition
	begin     error              // of Begin
	write     func(at int) error // of Write, by the bytes written before
	ended     error              // of End
	park      func() error       // of Park
	wrote     func(p *parcel)    // told of each Write
	parked    []*parcel          // in the order they were
	begun     int
	aborted   int
}

// parcel is one job on a shelf: its documents, one after the other.
type parcel struct {
	shelf  *shelf
	ctx    context.Context
	ticket Ticket
	docs   []Document
	ends   []int        // where each of them ends
	info   docinfo.Info // of the last of them
	bytes.Buffer
}

// document returns the bytes of one.
func (p *parcel) document(i int) []byte {
	from := 0
	if i > 0 {
		from = p.ends[i-1]
	}
	return p.Bytes()[from:p.ends[i]]
}

// signpost is a shelf that is an Identifier.
type signpost struct {
	*shelf
	identified chan string
}

func (s *signpost) Identify(i Identification) {
	s.identified <- fmt.Sprintf("%s by %s (%s): %s", strings.Join(i.Actions, "+"), i.User, i.Source, i.Message)
}

// identifying makes the printer's Intake an Identifier.
func identifying(c *Config) {
	c.Intake = &signpost{c.Intake.(*shelf), make(chan string, 100)}
}

// set changes the shelf while the printer serves.
func (s *shelf) set(change func(s *shelf)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

// faults are the hooks at this moment.
func (s *shelf) faults() (write func(int) error, wrote func(*parcel), park func() error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.write, s.wrote, s.park
}

func newShelf() *shelf { return &shelf{condition: Condition{Accepting: true}} }

func (s *shelf) Condition() Condition {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.condition
}

func (s *shelf) Begin(ctx context.Context, t Ticket) (Parking, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.begin != nil {
		return nil, s.begin
	}
	s.begun++
	return &parcel{shelf: s, ctx: ctx, ticket: t}, nil
}

func (p *parcel) Write(b []byte) (int, error) {
	write, wrote, _ := p.shelf.faults()
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

func (p *parcel) End(d Document) error {
	p.shelf.mu.Lock()
	defer p.shelf.mu.Unlock()
	p.docs, p.ends, p.info = append(p.docs, d), append(p.ends, p.Len()), d.Info
	return p.shelf.ended
}

func (p *parcel) Park() error {
	if _, _, park := p.shelf.faults(); park != nil {
		if err := park(); err != nil {
			return err
		}
	}
	p.shelf.mu.Lock()
	defer p.shelf.mu.Unlock()
	p.shelf.parked = append(p.shelf.parked, p)
	return nil
}

func (p *parcel) Abort() {
	p.shelf.mu.Lock()
	defer p.shelf.mu.Unlock()
	p.shelf.aborted++
}

// counts are how many documents were begun, parked and aborted.
func (s *shelf) counts() (begun, parked, aborted int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.begun, len(s.parked), s.aborted
}

// only returns the one document that was parked.
func (s *shelf) only(t *testing.T) *parcel {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.parked) != 1 {
		t.Fatalf("%d documents are parked, not one", len(s.parked))
	}
	return s.parked[0]
}

// rig is a printer that serves, and a client of it.
type rig struct {
	*testing.T
	p      *Printer
	shelf  *shelf
	addr   string // 127.0.0.1:port
	port   int
	client *ipp.Client
	stop   context.CancelFunc
	served chan error
}

func config(s *shelf) Config {
	var last atomic.Int64
	return Config{
		Name: "Scout", Info: "Print Scout", Location: "here", Make: "Print Scout Virtual",
		UUID:      "urn:uuid:6e2f1d1c-0f0a-4f43-9a59-2d0c4d6a1b11",
		Intake:    s,
		NextJobID: func() (int, error) { return int(last.Add(1)), nil },
	}
}

func newPrinter(t testing.TB, change ...func(*Config)) (*Printer, *shelf) {
	t.Helper()
	s := newShelf()
	cfg := config(s)
	for _, f := range change {
		f(&cfg)
	}
	p, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p, s
}

func start(t *testing.T, change ...func(*Config)) *rig {
	t.Helper()
	p, s := newPrinter(t, change...)
	ls, err := Listen(0)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	tr := &http.Transport{}
	r := &rig{
		T: t, p: p, shelf: s, stop: stop, served: make(chan error, 1),
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

// request makes one for this printer, with the user alice, from attributes for
// the operation group.
func (r *rig) request(op goipp.Op, attrs ...goipp.Attribute) *goipp.Message {
	m := ipp.NewRequest(ipp.Version20, op, r.client.URI)
	m.Operation.Add(ipp.Name("requesting-user-name", "alice"))
	for _, a := range attrs {
		m.Operation.Add(a)
	}
	return m
}

// do sends a request and returns the answer, which must be of that status.
func (r *rig) do(want goipp.Status, m *goipp.Message, doc ...byte) *goipp.Message {
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

func (r *rig) create(attrs ...goipp.Attribute) int {
	r.Helper()
	id, ok := ipp.Int(r.do(goipp.StatusOk, r.request(goipp.OpCreateJob, attrs...)).Job, "job-id")
	if !ok {
		r.Fatal("no job-id")
	}
	return id
}

// state returns job-state and job-state-reasons.
func (r *rig) state(id int) (int, string) {
	r.Helper()
	a := r.do(goipp.StatusOk, r.request(goipp.OpGetJobAttributes, ipp.Integer("job-id", id)))
	state, _ := ipp.Int(a.Job, "job-state")
	return state, strings.Join(ipp.Strings(a.Job, "job-state-reasons"), " ")
}

func (r *rig) wantState(id, state int, reasons string) {
	r.Helper()
	if s, why := r.state(id); s != state || why != reasons {
		r.Errorf("job %d is in state %d (%s), want %d (%s)", id, s, why, state, reasons)
	}
}

func lastDocument(last bool) goipp.Attribute { return ipp.Boolean("last-document", last) }

// pdf is a small document of three pages.
func pdf() []byte {
	return []byte("%PDF-1.4\n" + strings.Repeat("<</Type /Page /Parent 1 0 R>>\n", 3) + "%%EOF\n")
}
