package delivery_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/printscout/printscout/delivery"
	"github.com/printscout/printscout/delivery/simprinter"
	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/internal/outcome"
)

// laterDelivery is one of several deliveries to a printer that is remembered.
type laterDelivery struct {
	pages  int            // of the document
	raw    simprinter.Raw // how the printer behaves
	grows  int            // its page counter
	state  outcome.State  // that is wanted
	level  string         // that is wanted
	reason string         // that is wanted
}

// TestAPrinterIsHeldToHowItHasCounted by its own words, and by its page counter.
func TestAPrinterIsHeldToHowItHasCounted(t *testing.T) {
	peers.Short(t, "a printer that is waited for five times")
	t.Parallel()
	says := func(n int) simprinter.Raw { return simprinter.Raw{Pages: &n} }
	silent := simprinter.Raw{Silent: true}
	for name, all := range map[string][]laterDelivery{
		"its words": {
			{4, says(2), 0, outcome.Delivered, "R3", ""}, // it may count sheets
			{4, says(4), 0, outcome.Delivered, "R3", ""},
			{5, says(4), 0, outcome.Uncertain, "R3", outcome.ReasonMissing},
			{5, says(4), 5, outcome.Delivered, "R3", ""},
			{5, says(4), 0, outcome.Delivered, "R3", ""}, // it has been shown not to count right
		},
		"its counter": {
			{4, silent, 0, outcome.Delivered, "R1", ""}, // it may not count
			{4, silent, 4, outcome.Delivered, "R4", ""},
			{4, silent, 0, outcome.Uncertain, "R1", outcome.ReasonWithErrors},
			{0, silent, 0, outcome.Delivered, "R1", ""},
			{4, silent, 4, outcome.Delivered, "R4", ""},
		},
		"no pages": {
			{4, says(0), 0, outcome.Uncertain, "R2", outcome.ReasonWithErrors},
			{4, says(0), 4, outcome.Delivered, "R4", ""},
			{0, says(0), 0, outcome.Uncertain, "R2", outcome.ReasonWithErrors},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCall(t, byRaw(simprinter.Raw{}), small)
			toRaw(c)
			agent := c.withAgent(t, simprinter.AgentConfig{V2c: true, Printer: readyPrinter()})
			p, memory := readyPrinter(), &testMemory{}
			for i, l := range all {
				c.p.SetRaw(l.raw)
				c.doc = documentOf(c.content)
				c.doc.Pages = l.pages
				c.onJournal(delivery.StepSent, func() error { p.LifeCount += l.grows; return agent.SetPrinter(p) })
				o := delivery.New(delivery.Config{Timeouts: c.limits, Memory: memory}).Deliver(c.ctx, c.entry, c.doc, delivery.Hooks{Journal: c.journal})
				if o.State != l.state || o.EvidenceLevel != l.level || o.Reason != l.reason {
					t.Errorf("%d: %+v", i, o)
				}
			}
		})
	}
}

// TestADocumentsOwnCopiesByRaw: what its header says stands against what is
// asked.
func TestADocumentsOwnCopiesByRaw(t *testing.T) {
	for header, state := range map[string]outcome.State{
		"@PJL SET QTY=1\r\n": outcome.NotSent, "@PJL SET COPIES = 2\r\n": outcome.NotSent, "@PJL JOB\r\n": outcome.NotSent,
		"@PJL SET QTY=3\r\n": outcome.Delivered, "@PJL SET DUPLEX=OFF\r\n": outcome.Delivered,
	} {
		c := newCall(t, byRaw(simprinter.Raw{}), small)
		toRaw(c)
		c.content = slices.Concat([]byte("\x1b%-12345X@PJL\r\n"+header+"@PJL ENTER LANGUAGE=PDF\r\n"), c.content, []byte("\x1b%-12345X"))
		c.doc = documentOf(c.content)
		c.doc.Attributes = ticketBytes(ipp.Integer("copies", 3))
		o := c.deliver()
		c.p.Close()
		jobs := c.p.RawJobs()
		if o.State != state || (state == outcome.NotSent) != (o.Reason == outcome.ReasonCopies) || len(jobs) > 0 && jobs[0].Bytes > 0 && jobs[0].Copies != 3 {
			t.Errorf("%q: %+v, %+v", header, o, jobs)
		}
	}
}

// TestWhatSNMPSaysOfTheStatusIsEvidence, that it says nothing too.
func TestWhatSNMPSaysOfTheStatusIsEvidence(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		agent simprinter.AgentConfig
		want  string
	}{
		"down":    {simprinter.AgentConfig{V2c: true, Printer: simprinter.AgentPrinter{DeviceStatus: 5, PrinterStatus: 1}}, "SNMP calls the printer down, and does not say why."},
		"unknown": {simprinter.AgentConfig{V2c: true, Printer: simprinter.AgentPrinter{DeviceStatus: 1, PrinterStatus: 2}}, "SNMP does not say how the printer is: status unavailable."},
		"silent":  {simprinter.AgentConfig{V2c: true, Temper: simprinter.TemperSilent}, "SNMP says nothing of the printer: status unavailable."},
		"refuses": {simprinter.AgentConfig{V2c: true, Temper: simprinter.TemperRefuse}, "SNMP says nothing of the printer: status unavailable."},
		"well":    {simprinter.AgentConfig{V2c: true, Printer: readyPrinter()}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCall(t, byRaw(simprinter.Raw{}), small)
			toRaw(c)
			c.withAgent(t, x.agent)
			d := delivery.New(delivery.Config{Timeouts: c.limits, Memory: &testMemory{}})
			for range 2 { // the second time a silent one is not asked
				o := d.Deliver(t.Context(), c.entry, documentOf(c.content), delivery.Hooks{})
				said := strings.Join(o.Evidence, "\n")
				if o.State != outcome.Delivered || !strings.Contains(said, x.want) || x.want == "" && strings.Contains(said, "SNMP") {
					t.Errorf("%+v", o)
				}
			}
		})
	}
}
