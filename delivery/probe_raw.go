package delivery

import (
	"context"
	"slices"
	"time"

	"github.com/printscout/printscout/delivery/internal/raw"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/outcome"
)

// ProbeRaw is what there is at port 9100.
type ProbeRaw struct {
	Asked   bool     `json:"asked"`
	PJL     bool     `json:"pjl"`
	ID      string   `json:"id"`
	Status  string   `json:"status"`
	Formats []string `json:"formats"`
}

// tryRaw connects to port 9100 and, only if that is wanted, asks by PJL.
func (p *prober) tryRaw(ctx context.Context) {
	began := time.Now()
	w := ProbeWay{Address: schemeRaw + "://" + p.plan.raw, Protocol: "raw", Raw: &ProbeRaw{Asked: p.plan.ask, Formats: []string{}}}
	err := p.visitRaw(ctx, w.Address, w.Raw)
	w.Took, w.Answers = millisSince(began), err == nil
	if err != nil {
		w.Raw = nil
		w.setFailure(asFailure(p.printer.Name, w.Address, err))
	}
	p.addWay(w)
}

func (p *prober) visitRaw(ctx context.Context, uri string, r *ProbeRaw) error {
	if !p.plan.ask {
		conn, err := (&dialer{timeout: p.d.limit.Connect}).dialPlain(ctx, "tcp", p.plan.raw)
		if err != nil {
			return err
		}
		return conn.Close()
	}
	id, err := p.d.InspectRaw(ctx, uri)
	if err == nil {
		r.PJL, r.ID, r.Status, r.Formats = id.PJL, id.ID, id.Status, orEmpty(id.Formats)
	}
	return err
}

// judgeRaw decides, once all that the printer says is known, whether a job
// could go to port 9100.
func (p *prober) judgeRaw(s *ProbeSNMP) {
	at := slices.IndexFunc(p.ways, func(w ProbeWay) bool { return w.Raw != nil })
	if at < 0 {
		return
	}
	w := &p.ways[at]
	w.Raw.Formats = p.rawFormats(w.Raw.Formats, s)
	w.Grade = directory.GradeRaw
	name := p.printer.Name
	switch {
	case !directory.GradeRaw.AtLeast(p.printer.Floor):
		w.setFailure(plainForbidden(name))
	case p.entry && len(rawAddresses(p.printer)) == 0:
		w.setFailure(&failure{reason: ReasonNotNamed, next: true, message: "The directory does not name " + w.Address + "."})
	case s != nil && s.Verdict == "block":
		w.setFailure(&failure{reason: outcome.ReasonStopped, message: "Printer " + name + " is stopped: " + s.Sentences[0]})
	case len(w.Raw.Formats) == 0:
		w.setFailure(unknownFormat(name))
	}
	w.forgetGrade()
}

func rawAddresses(p directory.Printer) []endpoint { return endpointsOf(p.URIs, schemeRaw) }

// rawFormats returns the formats that a printer is known to take at port 9100:
// by the directory, else by SNMP. What it says by PJL counts when it is added
// to the directory, and so for a printer that is not in one.
func (p *prober) rawFormats(byPJL []string, s *ProbeSNMP) []string {
	switch {
	case len(p.printer.Formats) > 0:
		return p.printer.Formats
	case !p.entry && len(byPJL) > 0:
		return byPJL
	case s == nil:
		return []string{}
	}
	formats, _ := raw.Formats(s.ID1284, s.Languages)
	return orEmpty(formats)
}
