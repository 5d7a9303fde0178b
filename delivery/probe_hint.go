package delivery

import (
	"slices"
	"strings"

	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/outcome"
)

// ProbeHint is what to change so that a job goes better, or at all.
type ProbeHint struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// hintRule is a ProbeHint and its condition. In a text, %s is the address that it
// is about.
type hintRule struct {
	code, text string
	when       func(*prober, ProbeVerdict, *ProbeSNMP) (about string, ok bool)
}

// hintsTable is docs/probe.md, Hints, in its order.
var hintsTable = []hintRule{
	{"turn-on", "Is it on, and is this its address? A printer that sleeps may need another try; a firewall may stand between.",
		func(_ *prober, v ProbeVerdict, _ *ProbeSNMP) (string, bool) { return "", v.State == ProbeUnreachable }},
	{"ipps", "Turn on IPPS (IPP over TLS, on some printers HTTPS or SSL) on the printer, usually in its web page under Network or Security.",
		func(p *prober, v ProbeVerdict, _ *ProbeSNMP) (string, bool) {
			return "", v.State != ProbeUnreachable && p.askedBy(schemeIPPS) && !p.anyWay(func(w ProbeWay) bool { return w.TLS != nil })
		}},
	{"ipp", "Turn on IPP on the printer, usually in its web page under Network: by port 9100 a printer hardly says what becomes of a document.",
		func(p *prober, v ProbeVerdict, _ *ProbeSNMP) (string, bool) {
			return "", v.Grade == directory.GradeRaw && p.askedBy(schemeIPP) && !p.anyWay(func(w ProbeWay) bool { return w.IPP != nil })
		}},
	{"ask-more", "Only port 9100 was asked: printscout printer probe %s shows what else there is.",
		func(p *prober, v ProbeVerdict, _ *ProbeSNMP) (string, bool) {
			return p.plan.host, v.Grade == directory.GradeRaw && !p.askedBy(schemeIPP)
		}},
	{"use-ipps", "It answers 426 without TLS at %s: use its ipps:// address.", whenReason(outcome.ReasonTLSRequired)},
	{"pin", "Take its key as the pin, by adding the printer to the directory: printscout site printer add NAME %s", pinMissing},
	{"new-key", "If it was given a new certificate, take the entry out of the directory and add the printer again; if not, find out who answers at %s.", whenReason(outcome.ReasonPinMismatch)},
	{"another", "If it was replaced, take the entry out of the directory and add the printer again; else give it its old address back.", whenReason(outcome.ReasonAnother)},
	{"floor", "Turn on IPPS on the printer; or allow the weaker way by adding it to the directory again, with --allow-plain or --allow-raw.", whenReason(outcome.ReasonPlain)},
	{"directory", "It answers at %s, which the directory does not name: take its entry out and add the printer again by that address.", whenReason(ReasonNotNamed)},
	{"old-tls", "It speaks only TLS that is no longer considered safe at %s: update its firmware, or add it with --allow-old-tls.", whenReason(ReasonOldTLS)},
	{"login", "Let it take jobs without a login from these computers: scouts have none for printers.", whenReason(outcome.ReasonLogin)},
	{"see-to-it", "See to the printer: a job waits a minute for that.", printerWaits},
	{"formats", "It does not say that it takes PDF: what it takes must be printed as that (setting PrinterResources for raster), or named from its manual by site printer add --formats.", takesNoPDF},
	{"path", "Something that is not a printer answers at %s: name its path, as in ipps://printer.example/ipp/print.", whenReason(outcome.ReasonWrongPath)},
	{"snmp", "Turn on SNMP on the printer, to read only, version 3 if it can; or say by --snmp… how it is asked.",
		func(_ *prober, v ProbeVerdict, s *ProbeSNMP) (string, bool) {
			return "", s != nil && !s.Answered && v.State != ProbeUnreachable
		}},
	{"snmp-v3", "SNMP answers by a version that others on the network can read and forge: use version 3 if the printer has it.",
		func(_ *prober, _ ProbeVerdict, s *ProbeSNMP) (string, bool) {
			return "", s != nil && s.Answered && s.Version != "3"
		}},
}

func (p *prober) hintsFor(v ProbeVerdict, s *ProbeSNMP) []ProbeHint {
	out := []ProbeHint{}
	for _, h := range hintsTable {
		about, ok := h.when(p, v, s)
		if ok {
			out = append(out, ProbeHint{h.code, strings.ReplaceAll(h.text, "%s", about)})
		}
	}
	return out
}

func (p *prober) anyWay(so func(ProbeWay) bool) bool { return slices.ContainsFunc(p.ways, so) }

func (p *prober) askedBy(protocol string) bool {
	return p.anyWay(func(w ProbeWay) bool { return w.Protocol == protocol })
}

// whenReason returns the condition that a way is closed for that reason and no
// way as strong is open.
func whenReason(reason string) func(*prober, ProbeVerdict, *ProbeSNMP) (string, bool) {
	return func(p *prober, _ ProbeVerdict, _ *ProbeSNMP) (string, bool) {
		for _, w := range p.ways {
			if w.Reason == reason && !p.anyWay(func(o ProbeWay) bool { return o.isOpen() && o.rank()/100 <= w.rank()/100 }) {
				return w.Address, true
			}
		}
		return "", false
	}
}

func pinMissing(p *prober, _ ProbeVerdict, _ *ProbeSNMP) (string, bool) {
	for _, w := range p.ways {
		if w.TLS != nil && w.Answers && p.printer.Pin == "" && (w.isOpen() || w.Grade != "") {
			return w.Address, true
		}
	}
	return "", false
}

func printerWaits(p *prober, _ ProbeVerdict, _ *ProbeSNMP) (string, bool) {
	return "", p.anyWay(func(w ProbeWay) bool {
		return slices.Contains([]string{outcome.ReasonStopped, outcome.ReasonBusy, outcome.ReasonNotAccepting}, w.Reason)
	})
}

// takesNoPDF reports whether the way that a job would go takes no PDF.
func takesNoPDF(p *prober, v ProbeVerdict, _ *ProbeSNMP) (string, bool) {
	for _, w := range p.ways {
		if w.Address != v.Address || !w.Answers {
			continue
		}
		var said []string
		if w.IPP != nil {
			said = w.IPP.Formats
		}
		if w.Raw != nil {
			said = w.Raw.Formats
		}
		return "", !slices.ContainsFunc(p.formatsOf(said), func(f string) bool { return bareFormat(f) == formatPDF })
	}
	return "", false
}
