package simprinter_test

import (
	"bytes"
	"cmp"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/delivery/simprinter"
	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/ipp"
)

// clock stands still until it is told to go on; then every wait is over.
type clock struct {
	mu    sync.Mutex
	asked []time.Duration
	ch    chan time.Time
}

func (c *clock) after(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = append(c.asked, d)
	return c.ch
}

func (c *clock) goOn() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = nil
	close(c.ch)
	c.ch = make(chan time.Time)
}

// scenarioWorld is one scenario's printer and a plain client of it.
type scenarioWorld struct {
	*testing.T
	s simprinter.Scenario
	p *simprinter.Printer
	c *clock
}

// checks look at each scenario on the wire.
var checks = map[string]func(w *scenarioWorld){}

func init() {
	for _, group := range []map[string]func(w *scenarioWorld){jobChecks, httpChecks, whatItIsChecks, tlsChecks, rawChecks, snmpChecks} {
		for name, check := range group {
			checks[name] = check
		}
	}
}

func TestScenarios(t *testing.T) {
	known := map[string]bool{}
	for _, s := range simprinter.Scenarios() {
		known[s.Name] = true
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			check := checks[s.Name]
			if check == nil {
				t.Fatal("nothing checks that the printer does what the scenario says")
			}
			clock := &clock{ch: make(chan time.Time)}
			c := s.Config
			c.After = clock.after
			w := &scenarioWorld{T: t, s: s, c: clock}
			t.Cleanup(func() { // when the printer is closed
				if left := temporaryFiles(w.p.Dir()); left != nil {
					t.Errorf("left behind: %q", left)
				}
			})
			w.p = startPrinter(t, c)
			check(w)
		})
	}
	for name := range checks {
		if !known[name] {
			t.Errorf("there is no scenario %s", name)
		}
	}
}

func TestScenariosAreInTheDocument(t *testing.T) {
	page, err := os.ReadFile("../../docs/simprinter.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "| name | what the printer does |\n|---|---|\n")
	var want strings.Builder
	for _, s := range simprinter.Scenarios() {
		fmt.Fprintf(&want, "| %s | %s |\n", s.Name, s.Does)
	}
	if table != want.String() {
		t.Errorf("docs/simprinter.md should end with\n%s", want.String())
	}
}

func TestFindScenario(t *testing.T) {
	if s, err := simprinter.FindScenario("jam"); err != nil || s.SNMP.State != "jam" || s.Config.Condition.State != 5 {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := simprinter.FindScenario("no such"); err == nil {
		t.Error("it was found")
	}
}

// waitUntil waits until something is as wanted.
func (w *scenarioWorld) waitUntil(what string, yes func() bool) {
	w.Helper()
	peers.Await(w, what, yes)
}

// wantWait waits until the printer waits for that long, and lets the time pass.
func (w *scenarioWorld) wantWait(d time.Duration) {
	w.Helper()
	w.waitUntil(fmt.Sprintf("the printer waits %s", d), func() bool {
		w.c.mu.Lock()
		defer w.c.mu.Unlock()
		for _, asked := range w.c.asked {
			if asked == d {
				return true
			}
		}
		return false
	})
	w.c.goOn()
}

// client trusts whatever certificate it is shown.
func (w *scenarioWorld) client(uri string) *ipp.Client {
	tr := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}
	return &ipp.Client{HTTP: &http.Client{Transport: tr}, URI: cmp.Or(uri, w.p.AnyURI())}
}

func (w *scenarioWorld) sendRequest(op goipp.Op, attrs ...goipp.Attribute) (*goipp.Message, error) {
	c := w.client("")
	m := ipp.NewRequest(ipp.Version20, op, c.URI)
	m.Operation = append(m.Operation, attrs...)
	return c.Do(w.Context(), m, nil)
}

// printerAttributes returns the printer's attributes.
func (w *scenarioWorld) printerAttributes() goipp.Attributes {
	w.Helper()
	a, err := w.sendRequest(goipp.OpGetPrinterAttributes)
	if err != nil {
		w.Fatalf("asking the printer: %v", err)
	}
	return a.Printer
}

// jobAttributes returns the attributes of a job.
func (w *scenarioWorld) jobAttributes(id int) (goipp.Attributes, error) {
	a, err := w.sendRequest(goipp.OpGetJobAttributes, ipp.Integer("job-id", id))
	if err != nil {
		return nil, err
	}
	return a.Job, nil
}

// largeDocument returns a document that does not fit into what faults let
// through.
func largeDocument() []byte { return append(testPDF(3), make([]byte, 300<<10)...) }

func (w *scenarioWorld) printDocument(doc []byte) (int, error) {
	return w.printAs("application/pdf", doc)
}

func (w *scenarioWorld) printAs(format string, doc []byte) (int, error) {
	return w.client("").Print(w.Context(), ipp.PrintJob{Title: "t", User: "u", Format: format}, ipp.Document{Reader: bytes.NewReader(doc), Size: int64(len(doc))})
}

func (w *scenarioWorld) mustPrint(doc []byte) int {
	w.Helper()
	id, err := w.printDocument(doc)
	if err != nil {
		w.Fatalf("printing: %v", err)
	}
	return id
}

// wantKept wants exactly one file, with those bytes.
func (w *scenarioWorld) wantKept(name string, want []byte) {
	w.Helper()
	if got, err := os.ReadFile(name); err != nil || !bytes.Equal(got, want) {
		w.Errorf("%s has %d bytes, not the %d wanted (%v)", name, len(got), len(want), err)
	}
}

// wantState wants a job in that state with that reason.
func (w *scenarioWorld) wantState(id, state int, reason string) {
	w.Helper()
	a, err := w.jobAttributes(id)
	n, _ := ipp.Int(a, "job-state")
	if r := ipp.String(a, "job-state-reasons"); err != nil || n != state || r != reason {
		w.Errorf("job-state %d %s, want %d %s (%v)", n, r, state, reason, err)
	}
}

// lastJob returns the printer's own view of the last job.
func (w *scenarioWorld) lastJob() simprinter.Job {
	w.Helper()
	jobs := w.p.Jobs()
	if len(jobs) == 0 {
		w.Fatal("there was no job")
	}
	return jobs[len(jobs)-1]
}

func (w *scenarioWorld) wantStatus(err error, want goipp.Status) {
	w.Helper()
	if !ipp.IsStatus(err, want) {
		w.Errorf("got %v, want %s", err, want)
	}
}

func (w *scenarioWorld) wantHTTP(err error, want int) {
	w.Helper()
	if he, ok := asHTTP(err); !ok || he.Code != want {
		w.Errorf("got %v, want HTTP %d", err, want)
	}
}

// dial opens a connection to an address of the printer, without TLS.
func (w *scenarioWorld) dial(uri string) net.Conn {
	w.Helper()
	u, err := url.Parse(uri)
	if err != nil {
		w.Fatal(err)
	}
	c, err := net.Dial("tcp", u.Host)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	return c
}

// postHeader writes the head of a request that prints a document of that size,
// and the IPP message where it says so.
func (w *scenarioWorld) postHeader(c net.Conn, size int, message bool, header string) {
	w.Helper()
	m := ipp.NewRequest(ipp.Version20, goipp.OpPrintJob, w.p.PlainURI())
	m.Operation.Add(ipp.MIME("document-format", "application/pdf"))
	b, err := m.EncodeBytes()
	if err != nil {
		w.Fatal(err)
	}
	fmt.Fprintf(c, "POST /ipp/print HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/ipp\r\nContent-Length: %d\r\n%s\r\n", len(b)+size, header)
	if message {
		_, _ = c.Write(b)
	}
}

// wantNothing wants that nothing is said for a moment; more cannot be shown.
func (w *scenarioWorld) wantNothing(c net.Conn) {
	w.Helper()
	_ = c.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
	b := make([]byte, 1)
	if n, err := c.Read(b); n > 0 || err == nil || !os.IsTimeout(err) {
		w.Errorf("%d bytes came, %v", n, err)
	}
	_ = c.SetReadDeadline(time.Now().Add(time.Minute))
}

func readAll(c net.Conn) string {
	b, _ := io.ReadAll(c)
	return string(b)
}
