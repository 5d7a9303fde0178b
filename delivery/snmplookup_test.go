package delivery_test

import (
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/delivery"
	"github.com/printscout/printscout/delivery/simprinter"
	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/outcome"
)

// jammed is what a printer says of itself by SNMP that is down with a jam.
var jammed = simprinter.AgentPrinter{DeviceStatus: 5, PrinterStatus: 1, Errors: []byte{0x04}, Serial: "S1", LifeCount: 100}

func readyPrinter() simprinter.AgentPrinter {
	p := jammed
	p.DeviceStatus, p.PrinterStatus, p.Errors = 2, 3, []byte{0}
	return p
}

// withAgent lets a call's printer be asked by SNMP.
func (c *deliveryCall) withAgent(t *testing.T, a simprinter.AgentConfig) *simprinter.Agent {
	t.Helper()
	agent, err := simprinter.StartAgent(a)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { agent.Close() })
	c.entry.SNMP = &directory.SNMP{Version: "2c", Port: agent.Port()}
	return agent
}

// afterSNMP has the printer answer by IPP only when SNMP has told nearly all: a
// delivery waits 100 ms for the rest, which a slow machine may need.
func (c *deliveryCall) afterSNMP(agent *simprinter.Agent) {
	const questions = 4 // of the first lookup
	c.p.SetFault(getPrn, simprinter.Fault{Times: 1, Hook: func() {
		for agent.Requests() < questions && c.ctx.Err() == nil {
			runtime.Gosched()
		}
	}})
}

func TestRawWaitsForAPrinterThatIsDown(t *testing.T) {
	t.Parallel()
	c := newCall(t, byRaw(simprinter.Raw{}), small)
	toRaw(c)
	c.withAgent(t, simprinter.AgentConfig{V2c: true, Printer: jammed})
	var told []string
	c.tell = func(_, s string) { told = append(told, s) }
	o := c.deliver()
	if o.State != outcome.NotSent || o.Reason != outcome.ReasonStopped || len(c.p.RawJobs()) != 0 || !strings.Contains(strings.Join(told, " "), "jam") {
		t.Errorf("%+v, %d on paper, told %q", o, len(c.p.RawJobs()), told)
	}

	c = newCall(t, byRaw(simprinter.Raw{}), small)
	toRaw(c)
	agent := c.withAgent(t, simprinter.AgentConfig{V2c: true, Printer: jammed})
	c.limits.Ready = time.Minute
	c.tell = func(_, s string) {
		if s != "" {
			_ = agent.SetPrinter(readyPrinter())
		}
	}
	o = c.deliver()
	truthfulRaw(t, c.p, o, c.content)
	if o.State != outcome.Delivered {
		t.Errorf("seen to: %+v", o)
	}
}

// By IPP a printer that calls itself well is printed at, whatever SNMP says;
// that is told.
func TestIPPHasTheLastWord(t *testing.T) {
	c := newCall(t, simprinter.Config{}, small)
	c.afterSNMP(c.withAgent(t, simprinter.AgentConfig{V2c: true, Printer: jammed}))
	o := c.deliver()
	checkTruthful(t, c.p, o, c.content)
	if o.State != outcome.Delivered || !strings.Contains(strings.Join(o.Evidence, " "), "jam") {
		t.Errorf("%+v", o)
	}
}

func TestAnotherSerialNumberIsAnotherPrinter(t *testing.T) {
	for name, set := range map[string]func(*deliveryCall){"ipps": func(*deliveryCall) {}, "raw": toRaw} {
		t.Run(name, func(t *testing.T) {
			c := newCall(t, byRaw(simprinter.Raw{}), small)
			set(c)
			c.afterSNMP(c.withAgent(t, simprinter.AgentConfig{V2c: true, Printer: readyPrinter()}))
			c.entry.Serial = "S2"
			o := c.deliver()
			if o.State != outcome.NotSent || o.Reason != outcome.ReasonAnother || !strings.Contains(o.Message, "S1") || len(c.p.RawJobs()) != 0 {
				t.Errorf("%+v", o)
			}
		})
	}
}

func TestSilentSNMPHoldsNothingUp(t *testing.T) {
	c := newCall(t, simprinter.Config{}, small)
	agent := c.withAgent(t, simprinter.AgentConfig{V2c: true, Temper: simprinter.TemperSilent})
	d := delivery.New(delivery.Config{Timeouts: c.limits})
	o := d.Deliver(t.Context(), c.entry, c.doc, delivery.Hooks{})
	// 2.5 s is what SNMP would take.
	if o.State != outcome.Delivered || o.FirstByteMS > 2000 {
		t.Errorf("%+v", o)
	}
	if agent.Requests() == 0 {
		t.Error("it was not asked")
	}
}

// TestPageCounter: where a job stays uncertain the counter is told, and on port
// 9100 it is the highest evidence.
func TestPageCounter(t *testing.T) {
	peers.Short(t, "a counter that is waited for")
	t.Parallel()
	c := newCall(t, simprinter.Config{Delay: time.Hour}, small)
	c.p.SetFate(simprinter.Fate{Forget: true})
	agent := c.withAgent(t, simprinter.AgentConfig{V2c: true, Printer: readyPrinter()})
	c.afterSNMP(agent)
	prints := func() error {
		p := readyPrinter()
		p.LifeCount = 104
		return agent.SetPrinter(p)
	}
	c.onJournal(delivery.StepSent, prints)
	o := c.deliver()
	if o.State != outcome.Uncertain || !slices.Contains(o.Evidence, "The printer's page counter went from 100 to 104.") {
		t.Errorf("%+v", o)
	}

	for pages, want := range map[int]string{4: "R4", 5: "R1", 0: "R1"} {
		c := newCall(t, byRaw(simprinter.Raw{Silent: true}), small)
		toRaw(c)
		c.entry.PJL, c.doc.Pages = false, pages
		agent = c.withAgent(t, simprinter.AgentConfig{V2c: true, Printer: readyPrinter()})
		c.onJournal(delivery.StepSent, prints)
		if o := c.deliver(); o.State != outcome.Delivered || o.EvidenceLevel != want {
			t.Errorf("%d pages: %+v", pages, o)
		}
	}
}

// TestWaitsAreTold: a printer that needs a person before and while it prints
// is waited for, and the person is told.
func TestWaitsAreTold(t *testing.T) {
	t.Parallel()
	jam := simprinter.Condition{State: 5, Reasons: []string{"media-jam-error"}, Message: "Paper jam in tray 2."}
	t.Run("before", func(t *testing.T) {
		c := newCall(t, simprinter.Config{Condition: jam}, small)
		c.limits.Ready = time.Minute
		var told []string
		c.tell = func(_, s string) {
			told = append(told, s)
			c.p.SetCondition(simprinter.Condition{})
		}
		o := c.deliver()
		checkTruthful(t, c.p, o, c.content)
		if o.State != outcome.Delivered || len(told) < 2 || !strings.Contains(told[0], "Paper jam in tray 2") || told[len(told)-1] != "" {
			t.Errorf("%+v, told %q", o, told)
		}
	})
	t.Run("meanwhile", func(t *testing.T) {
		c := newCall(t, simprinter.Config{Fate: simprinter.Fate{Stop: &simprinter.Stop{State: 6, Printer: jam}}}, small)
		var told []string
		c.tell = func(_, s string) {
			if told = append(told, s); s != "" {
				c.p.Resume()
			}
		}
		o := c.deliver()
		checkTruthful(t, c.p, o, c.content)
		if o.State != outcome.Delivered || len(told) < 2 || !strings.Contains(told[0], "Paper jam in tray 2") {
			t.Errorf("%+v, told %q", o, told)
		}
	})
	t.Run("busy", func(t *testing.T) {
		c := newCall(t, simprinter.Config{}, small)
		c.limits.Ready = time.Minute
		c.p.SetFault(goipp.OpCreateJob, simprinter.Fault{Status: goipp.StatusErrorBusy, Times: 2})
		var told []string
		c.tell = func(_, s string) { told = append(told, s) }
		o := c.deliver()
		checkTruthful(t, c.p, o, c.content)
		if o.State != outcome.Delivered || !slices.Contains(told, "Printer P is busy.") {
			t.Errorf("%+v, told %q", o, told)
		}
	})
}
