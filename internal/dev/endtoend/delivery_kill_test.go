//go:build unix

package endtoend

import (
	"testing"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/delivery/simprinter"
	"github.com/printscout/printscout/internal/dev/peers"
)

// TestScoutKilledWhileItDelivers kills the scout when the printer gets each
// request of a delivery, starts it again, and lets it take the delivery up;
// where that ends as uncertain a person resolves it. Never do two copies come
// out, and never is a job gone of which none did.
func TestScoutKilledWhileItDelivers(t *testing.T) {
	t.Parallel()
	printers := map[string]simprinter.Fate{"answers": {}, "forgets": {Forget: true}}
	requests := []goipp.Op{
		goipp.OpGetPrinterAttributes, goipp.OpValidateJob, goipp.OpCreateJob, goipp.OpSendDocument, goipp.OpGetJobAttributes,
	}
	s := newSite(t).up()
	for name, fate := range printers {
		for _, op := range requests {
			for _, after := range []bool{false, true} {
				t.Logf("a printer that %s, killed at %s, after it: %v", name, op, after)
				s.killedAt(op, after, fate)
			}
		}
	}
}

// killedAt prints and releases a job, kills the scout when the printer has got
// a request, or has carried it out, and looks what becomes of the job.
func (s *site) killedAt(op goipp.Op, after bool, fate simprinter.Fate) {
	s.t.Helper()
	s.linked()
	doc := pdf(60_000)
	j := s.print(doc)
	before := s.papers()
	s.printer.SetFate(fate)
	kill := func() { s.agent.Process.Kill() }
	fault := simprinter.Fault{Times: 1, Hook: kill}
	if after {
		fault.Hook, fault.Done = nil, kill
	}
	s.printer.SetFault(op, fault)
	s.scout("job", "release", j.ID, "--printer", "lobby")
	<-s.agent.ended
	s.run()
	var now *job
	peers.Await(s.t, "the delivery is taken up", func() bool {
		now = s.listed(j.ID)
		return now == nil || now.State != "releasing"
	})
	s.printer.SetFate(simprinter.Fate{})
	s.mustBe(j.ID, now, s.papers()-before)
}

// mustBe checks the state of a job after copies of it came out, and brings it
// to its end.
func (s *site) mustBe(id string, now *job, copies int) {
	s.t.Helper()
	switch {
	case copies > 1:
		s.t.Fatalf("%d copies came out: %+v", copies, now)
	case now == nil && copies == 0:
		s.t.Fatal("the job is gone, and nothing came out")
	case now == nil:
	case now.State == "parked" && copies == 0:
		must(s.t, printscout, "--control", s.control, "job", "release", id, "--printer", "lobby", "--wait")
	case now.State == "uncertain":
		s.resolved(id, copies)
	default:
		s.t.Fatalf("%d copies came out, and the job is %s: %s", copies, now.State, now.Reason)
	}
	if left := s.listed(id); left != nil {
		s.t.Errorf("it is left: %+v", left)
	}
}

// resolved does what a person does who looks at the printer.
func (s *site) resolved(id string, copies int) {
	s.t.Helper()
	if shown := decode[released](s.t, must(s.t, printscout, "--control", s.control, "job", "show", id, "--json")); len(shown.Evidence) == 0 || shown.Reason == "" {
		s.t.Errorf("uncertain, and no evidence: %+v", shown)
	}
	if r := s.scout("job", "release", id, "--printer", "lobby", "--wait"); r.code == 0 {
		s.t.Error("an uncertain job is released as it is")
	}
	if copies == 1 {
		must(s.t, printscout, "--control", s.control, "job", "resolve", id, "--printed")
		return
	}
	must(s.t, printscout, "--control", s.control, "job", "resolve", id, "--print-again")
	must(s.t, printscout, "--control", s.control, "job", "release", id, "--printer", "lobby", "--wait")
}

// papers are the documents that the printer has printed.
func (s *site) papers() (n int) {
	for _, j := range s.printer.Jobs() {
		if j.File != "" {
			n++
		}
	}
	return n
}

// listed is a job of the list, nil where it is not in it.
func (s *site) listed(id string) *job {
	s.t.Helper()
	for _, j := range s.jobs() {
		if j.ID == id {
			return &j
		}
	}
	return nil
}
