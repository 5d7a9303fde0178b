package delivery_test

import (
	"crypto/x509"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/delivery"
	"github.com/printscout/printscout/delivery/simprinter"
	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/outcome"
)

// medium is more than the 64 and 96 KiB after which scenarios fail.
const medium = 300 << 10

// scenario is a delivery to a printer of docs/simprinter.md and its wanted
// outcome. Its name is the printer's, with a variant after a slash.
type scenario struct {
	size  int    // of the document; medium where 0
	clock int    // the printer's own waits are so many times shorter; 0 leaves them
	roots bool   // the printer's certificate is a root of the computer
	snmp  bool   // the printer is asked by SNMP too, and is as the scenario says
	told  string // a part of a sentence that has to be told meanwhile
	set   func(*deliveryCall)
	// atPrinter is done by a person at the printer once told has been told.
	atPrinter func(*deliveryCall)
	wantedOutcome
	evidence string // a part of a sentence of it
	lies     bool   // the printer loses what it says it printed; nothing shows that
	then     func(*testing.T, *scenarioRun)
}

// wantedOutcome is an outcome.
type wantedOutcome struct {
	state  outcome.State
	reason string
	grade  directory.Grade
	level  string
	sent   int // documents that were begun; with 0 no byte of one may have come
}

// printed is the outcome of all that goes well.
var printed = wantedOutcome{state: outcome.Delivered, grade: directory.GradePinned, level: outcome.EvidenceState, sent: 1}

// byNumber is the same if only its number says which job is ours.
var byNumber = wantedOutcome{state: outcome.Delivered, grade: directory.GradePinned, level: outcome.EvidenceTaken, sent: 1}

// counted returns the same outcome with the printer's count of pages.
func (w wantedOutcome) counted() wantedOutcome {
	w.level = outcome.EvidenceCounted
	return w
}

// by returns the same outcome over a way of another grade.
func (w wantedOutcome) by(g directory.Grade) wantedOutcome {
	w.grade = g
	return w
}

// refusedOutcome returns the wanted outcome if no document may have been
// begun.
func refusedOutcome(reason string, g directory.Grade) wantedOutcome {
	return wantedOutcome{state: outcome.NotSent, reason: reason, grade: g, level: outcome.EvidenceNone}
}

// undoneWanted returns the wanted outcome if a document was begun, and the
// printer counts no page of it.
func undoneWanted(reason string) wantedOutcome {
	return wantedOutcome{state: outcome.NotSent, reason: reason, grade: directory.GradePinned, level: outcome.EvidenceCounted, sent: 1}
}

// uncertainWanted returns the wanted outcome that a person has to decide on.
func uncertainWanted(reason, level string) wantedOutcome {
	return wantedOutcome{state: outcome.Uncertain, reason: reason, grade: directory.GradePinned, level: level, sent: 1}
}

// TestScenarios delivers to every printer of docs/simprinter.md that is
// reached by IPP or IPPS.
func TestScenarios(t *testing.T) {
	t.Parallel()
	tested := map[string]bool{}
	for name, s := range ippScenarios {
		printer := printerOf(name)
		tested[printer] = true
		t.Run(name, func(t *testing.T) {
			if slices.Contains(longest, name) {
				peers.Short(t, "a printer that takes its time")
			}
			t.Parallel()
			s.runScenario(t, printer)
		})
	}
	for _, s := range simprinter.Scenarios() {
		if byIPP := !s.Config.NoTLS || !s.Config.NoPlain; byIPP && !tested[s.Name] {
			t.Errorf("nothing is delivered to the scenario %q", s.Name)
		}
	}
}

// longest are the rows of TestScenarios and TestRawScenarios whose printers are
// waited for longest.
var longest = []string{
	"sleeps-refusing", "sleeps-refusing/plain", "sleeps-18s", "sleeps-18s/plain", "silent-document", "out-of-paper/nobody",
	"jam-in-job/nobody", "held", "never-ends", "stalls-at-64k", "number-reused-nameless/canceled", "gzip-broken",
	"raw-out-of-paper/nobody", "raw-stops-reading/nobody", "raw-busy", "raw-jams-at-end",
}

// printerOf returns the scenario that a row of a table is at.
func printerOf(row string) string {
	printer, _, _ := strings.Cut(row, "/")
	return printer
}

func (s scenario) runScenario(t *testing.T, printer string) {
	v := s.newRun(t, printer)
	s.checkOutcome(t, v, v.deliver())
	if s.then != nil {
		s.then(t, v)
	}
}

// scenarioRun is a scenario being run.
type scenarioRun struct {
	*deliveryCall
	d      *delivery.Deliverer
	memory testMemory

	mu   sync.Mutex
	said []string
}

func (s scenario) newRun(t *testing.T, printer string) *scenarioRun {
	found, err := simprinter.FindScenario(printer)
	if err != nil {
		t.Fatal(err)
	}
	if s.clock > 1 {
		found.Config.After = func(d time.Duration) <-chan time.Time { return time.After(d / time.Duration(s.clock)) }
	}
	if s.size == 0 {
		s.size = medium
	}
	c := newCall(t, found.Config, s.size)
	c.limits = calmLimits()
	c.entry.SNMP = &directory.SNMP{Version: directory.SNMPOff}
	if s.snmp {
		agent, err := found.SNMP.Agent(c.p.Serial())
		if err != nil {
			t.Fatal(err)
		}
		c.withAgent(t, agent)
		c.entry.Serial = c.p.Serial()
	}
	if s.set != nil {
		s.set(c)
	}
	return s.prepareCall(c)
}

// calmLimits run out only where a row waits for that, or the machine fails.
func calmLimits() delivery.Timeouts {
	l := testLimits()
	l.Connect, l.Answer, l.Body, l.Lost = time.Minute, time.Minute, time.Minute, time.Minute
	l.Settle, l.Unchanged = 3*time.Second, 5*time.Second
	return l
}

func (s scenario) prepareCall(c *deliveryCall) *scenarioRun {
	v := &scenarioRun{deliveryCall: c}
	config := delivery.Config{Timeouts: c.limits, Memory: &v.memory, Roots: x509.NewCertPool()}
	if s.roots {
		config.Roots.AddCert(c.p.Certificate())
	}
	v.d = delivery.New(config)
	come := sync.OnceFunc(func() { s.atPrinter(c) })
	c.tell = func(_, sentence string) {
		v.mu.Lock()
		v.said = append(v.said, sentence)
		v.mu.Unlock()
		if s.atPrinter != nil && strings.Contains(sentence, s.told) {
			come()
		}
	}
	return v
}

func (v *scenarioRun) deliver() delivery.Outcome {
	return v.d.Deliver(v.ctx, v.entry, v.doc, delivery.Hooks{Journal: v.journal, Tell: v.tell})
}

func (s scenario) checkOutcome(t *testing.T, v *scenarioRun, o delivery.Outcome) {
	t.Helper()
	s.judgeSaid(t, v, o, documentRequests(v.p))
	if n := v.p.Stats().DocumentBytes; s.sent == 0 && n > 0 {
		t.Errorf("%d document bytes came", n)
	}
	if s.lies {
		wantsLost(t, v.deliveryCall, o)
		return
	}
	checkTruthful(t, v.p, o, v.content)
}

// judgeSaid checks the outcome, and what was told meanwhile.
func (s scenario) judgeSaid(t *testing.T, v *scenarioRun, o delivery.Outcome, sent int) {
	t.Helper()
	got := wantedOutcome{o.State, o.Reason, directory.Grade(o.Grade), o.EvidenceLevel, sent}
	if s.level == "" { // it hangs on how much was out when the printer answered
		got.level = ""
	}
	if got != s.wantedOutcome {
		t.Errorf("%+v\nwant %+v\n%s %q", got, s.wantedOutcome, o.Message, o.Evidence)
	}
	if evidence := strings.Join(o.Evidence, "\n"); !strings.Contains(evidence, s.evidence) {
		t.Errorf("the evidence has nothing of %q:\n%s", s.evidence, evidence)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if said := strings.Join(v.said, "\n"); !strings.Contains(said, s.told) {
		t.Errorf("nothing of %q was told, but %q", s.told, said)
	}
}

// documentRequests returns how many requests with a document a printer began
// to carry out.
func documentRequests(p *simprinter.Printer) int {
	n := p.Stats().Requests
	return n[goipp.OpPrintJob] + n[goipp.OpSendDocument]
}

// wantsLost checks that the printer of a delivery which nothing can be known
// of is indeed one that lies, and got the document once.
func wantsLost(t *testing.T, c *deliveryCall, o delivery.Outcome) {
	t.Helper()
	jobs := c.p.Jobs()
	if len(jobs) != 1 || jobs[0].State != 9 || sameFile(t, jobs[0].File, c.content) {
		t.Errorf("the printer does not lie: %+v", jobs)
	}
	if o.State == outcome.NotSent {
		t.Error("not sent, but something came out")
	}
}
