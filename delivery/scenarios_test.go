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

// medium is more than the 64 and 96 KiB behind which scenarios fail.
const medium = 300 << 10

// scenario is a delivery to a printer of docs/simprinter.md and what has to
// become of it. Its name is the printer's, with a variant behind a slash.
type scenario struct {
	size  int    // of the document; medium where 0
	clock int    // the printer's own waits are so many times shorter; 0 leaves them
	roots bool   // the printer's certificate is a root of the computer
	snmp  bool   // the printer is asked by SNMP too, and is as the scenario says
	told  string // a part of a sentence that has to be told meanwhile
	set   func(*call)
	// somebody at the printer does this once told has been told.
	somebody func(*call)
	wanted
	evidence string // a part of a sentence of it
	lies     bool   // the printer loses what it says it printed; nothing shows that
	then     func(*testing.T, *visit)
}

// wanted is an outcome.
type wanted struct {
	state  outcome.State
	reason string
	grade  directory.Grade
	level  string
	sent   int // documents that were begun; with 0 no byte of one may have come
}

// printed is the outcome of all that goes well.
var printed = wanted{state: outcome.Delivered, grade: directory.GradePinned, level: outcome.EvidenceState, sent: 1}

// byNumber is the same where nothing but its number says which job is ours.
var byNumber = wanted{state: outcome.Delivered, grade: directory.GradePinned, level: outcome.EvidenceTaken, sent: 1}

// counted is the same with the printer's count of pages.
func (w wanted) counted() wanted {
	w.level = outcome.EvidenceCounted
	return w
}

// by is the same outcome over a way of another grade.
func (w wanted) by(g directory.Grade) wanted {
	w.grade = g
	return w
}

// refused is the outcome where no document may have been begun.
func refused(reason string, g directory.Grade) wanted {
	return wanted{state: outcome.NotSent, reason: reason, grade: g, level: outcome.EvidenceNone}
}

// undone is the outcome where a document was begun, and the printer counts no
// page of it.
func undone(reason string) wanted {
	return wanted{state: outcome.NotSent, reason: reason, grade: directory.GradePinned, level: outcome.EvidenceCounted, sent: 1}
}

// doubtful is the outcome that a person has to decide on.
func doubtful(reason, level string) wanted {
	return wanted{state: outcome.Uncertain, reason: reason, grade: directory.GradePinned, level: level, sent: 1}
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
			s.run(t, printer)
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

// printerOf is the scenario that a row of a table is at.
func printerOf(row string) string {
	printer, _, _ := strings.Cut(row, "/")
	return printer
}

func (s scenario) run(t *testing.T, printer string) {
	v := s.visit(t, printer)
	s.judge(t, v, v.deliver())
	if s.then != nil {
		s.then(t, v)
	}
}

// visit is a scenario in the making.
type visit struct {
	*call
	d      *delivery.Deliverer
	memory notes

	mu   sync.Mutex
	said []string
}

func (s scenario) visit(t *testing.T, printer string) *visit {
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
	return s.prepared(c)
}

// calmLimits run out only where a row waits for that, or the machine fails.
func calmLimits() delivery.Timeouts {
	l := limits()
	l.Connect, l.Answer, l.Body, l.Lost = time.Minute, time.Minute, time.Minute, time.Minute
	l.Settle, l.Unchanged = 3*time.Second, 5*time.Second
	return l
}

func (s scenario) prepared(c *call) *visit {
	v := &visit{call: c}
	config := delivery.Config{Timeouts: c.limits, Memory: &v.memory, Roots: x509.NewCertPool()}
	if s.roots {
		config.Roots.AddCert(c.p.Certificate())
	}
	v.d = delivery.New(config)
	come := sync.OnceFunc(func() { s.somebody(c) })
	c.tell = func(sentence string) {
		v.mu.Lock()
		v.said = append(v.said, sentence)
		v.mu.Unlock()
		if s.somebody != nil && strings.Contains(sentence, s.told) {
			come()
		}
	}
	return v
}

func (v *visit) deliver() delivery.Outcome {
	return v.d.Deliver(v.ctx, v.entry, v.doc, delivery.Hooks{Journal: v.journal, Tell: v.tell})
}

func (s scenario) judge(t *testing.T, v *visit, o delivery.Outcome) {
	t.Helper()
	s.judgeSaid(t, v, o, documents(v.p))
	if n := v.p.Stats().DocumentBytes; s.sent == 0 && n > 0 {
		t.Errorf("%d document bytes came", n)
	}
	if s.lies {
		lost(t, v.call, o)
		return
	}
	truthful(t, v.p, o, v.content)
}

// judgeSaid checks the outcome, and what was told meanwhile.
func (s scenario) judgeSaid(t *testing.T, v *visit, o delivery.Outcome, sent int) {
	t.Helper()
	got := wanted{o.State, o.Reason, directory.Grade(o.Grade), o.EvidenceLevel, sent}
	if s.level == "" { // it hangs on how much was out when the printer answered
		got.level = ""
	}
	if got != s.wanted {
		t.Errorf("%+v\nwant %+v\n%s %q", got, s.wanted, o.Message, o.Evidence)
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

// documents are the requests with a document that a printer began to carry out.
func documents(p *simprinter.Printer) int {
	n := p.Stats().Requests
	return n[goipp.OpPrintJob] + n[goipp.OpSendDocument]
}

// lost checks that the printer of a delivery which nothing can be known of is
// indeed one that lies, and got the document once.
func lost(t *testing.T, c *call, o delivery.Outcome) {
	t.Helper()
	jobs := c.p.Jobs()
	if len(jobs) != 1 || jobs[0].State != 9 || sameFile(t, jobs[0].File, c.content) {
		t.Errorf("the printer does not lie: %+v", jobs)
	}
	if o.State == outcome.NotSent {
		t.Error("not sent, but something came out")
	}
}
