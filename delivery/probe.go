package delivery

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/printscout/printscout/delivery/snmp"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/outcome"
)

// ProbeOptions say how far Probe goes. The zero value sends nothing that any
// printer could print, and asks by SNMP with a printer's factory settings.
type ProbeOptions struct {
	// Raw also asks port 9100, by PJL; a printer that does not know PJL may
	// print a line.
	Raw bool
	// OldTLS allows versions and ciphers of TLS no longer considered safe.
	OldTLS bool
	// NoSNMP does not ask by SNMP; else it is asked as SNMP says.
	NoSNMP bool
	SNMP   snmp.Access
	// Entry is what the directory says of the printer; nil if that is not
	// known. With it, its addresses are tried and the target is only a name.
	Entry *directory.Printer
}

// Probe is what was found of a printer; docs/probe.md has every name.
type Probe struct {
	Target  string       `json:"target"`
	Printer string       `json:"printer,omitempty"`
	Ways    []ProbeWay   `json:"ways"`
	SNMP    *ProbeSNMP   `json:"snmp,omitempty"`
	Verdict ProbeVerdict `json:"verdict"`
	Took    int64        `json:"took_ms"`
}

// prober is one call of Probe.
type prober struct {
	d       *Deliverer
	printer directory.Printer // the entry, or one that allows everything
	entry   bool              // it is one of a directory
	plan    probePlan
	options ProbeOptions

	mu   sync.Mutex
	ways []ProbeWay
}

// Probe asks a printer what it is and which way a job would go to it:
// docs/probe.md. It sends no document and changes nothing. An invalid target
// is an error of kind ipp.ErrURI; a printer that does not answer is not an
// error.
func (d *Deliverer) Probe(ctx context.Context, target string, o ProbeOptions) (Probe, error) {
	plan, err := planOf(target, o)
	if err != nil {
		return Probe{}, err
	}
	return d.runProbe(ctx, target, plan, o), nil
}

func (d *Deliverer) runProbe(ctx context.Context, target string, plan probePlan, o ProbeOptions) Probe {
	ctx, cancel := context.WithTimeout(ctx, 4*d.limit.Answer)
	defer cancel()
	began := d.now()
	p := &prober{d: d, options: o, plan: plan, printer: directory.Printer{Name: "at " + plan.host, Floor: directory.GradeRaw, OldTLS: o.OldTLS}}
	if o.Entry != nil {
		p.printer, p.entry = *o.Entry, true
		p.printer.OldTLS = p.printer.OldTLS || o.OldTLS
	}
	out := Probe{Target: target, SNMP: p.askAll(ctx)}
	if p.entry {
		out.Printer = p.printer.Name
	}
	out.SNMP.applyVerdict(p.saidByIPP())
	p.judgeRaw(out.SNMP)
	p.judgeSerial(out.SNMP)
	slices.SortStableFunc(p.ways, func(a, b ProbeWay) int { return a.rank() - b.rank() })
	out.Ways = p.ways
	out.Verdict = p.verdict(out.SNMP)
	out.Took = d.now().Sub(began).Milliseconds()
	return out
}

// askAll asks by IPP and SNMP side by side, and port 9100 if that is wanted or
// nothing else is left.
func (p *prober) askAll(ctx context.Context) (s *ProbeSNMP) {
	var all sync.WaitGroup
	if !p.options.NoSNMP {
		all.Go(func() { s = lookBeside(ctx, p.plan.host, p.options.SNMP) })
	}
	var byIPP sync.WaitGroup
	for i, group := range p.plan.groups {
		byIPP.Go(func() { p.tryGroup(ctx, i, group) })
	}
	if p.plan.rawWanted {
		all.Go(func() { p.tryRaw(ctx) })
	}
	byIPP.Wait()
	if p.plan.raw != "" && !p.plan.rawWanted && !p.anyPrinter() {
		p.tryRaw(ctx)
	}
	all.Wait()
	return s
}

// tryGroup tries one endpoint after the other until a printer answers or TLS
// is spoken.
func (p *prober) tryGroup(ctx context.Context, order int, group []probeEnd) {
	for _, e := range group {
		w := p.askIPP(ctx, e)
		w.order = order
		p.addWay(w)
		if w.Answers || w.TLS != nil {
			return
		}
	}
}

func (p *prober) addWay(w ProbeWay) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ways = append(p.ways, w)
}

func (p *prober) anyPrinter() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.ContainsFunc(p.ways, func(w ProbeWay) bool { return w.Answers })
}

// saidByIPP returns what IPP says of the printer's state, for the verdict by
// SNMP.
func (p *prober) saidByIPP() (i snmp.IPP) {
	for _, w := range p.ways {
		if w.IPP != nil {
			i.Answered, i.Stopped = true, i.Stopped || w.IPP.stopped
		}
	}
	return i
}

// judgeSerial closes every way to a printer whose serial number is not that of
// the directory.
func (p *prober) judgeSerial(s *ProbeSNMP) {
	if s == nil || s.Serial == "" || p.printer.Serial == "" || strings.TrimSpace(s.Serial) == p.printer.Serial {
		return
	}
	for i := range p.ways {
		if w := &p.ways[i]; w.Answers {
			w.setFailure(&failure{reason: outcome.ReasonAnother, message: fmt.Sprintf("Another printer answers at the address of printer %s: its serial number is %s.", p.printer.Name, s.Serial)})
			w.forgetGrade()
		}
	}
}

// millisSince returns the milliseconds since a moment.
func millisSince(since time.Time) int64 { return time.Since(since).Milliseconds() }
