package delivery_test

import (
	"context"
	"crypto/x509"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/delivery"
	"github.com/printscout/printscout/delivery/simprinter"
	"github.com/printscout/printscout/delivery/snmp"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/internal/outcome"
)

// quiet asks by nothing but IPP.
var quiet = delivery.ProbeOptions{NoSNMP: true}

func probeWith(t *testing.T, d *delivery.Deliverer, target string, o delivery.ProbeOptions) delivery.Probe {
	t.Helper()
	p, err := d.Probe(t.Context(), target, o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func probeOK(t *testing.T, target string, o delivery.ProbeOptions) delivery.Probe {
	t.Helper()
	return probeWith(t, delivery.New(delivery.Config{Timeouts: testLimits()}), target, o)
}

func hintsOf(p delivery.Probe) (codes []string) {
	for _, h := range p.Verdict.Hints {
		codes = append(codes, h.Code)
	}
	return codes
}

// probeCase is a printer, how it is probed, and the expected result.
type probeCase struct {
	printer simprinter.Config
	set     func(*simprinter.Printer)
	target  func(*simprinter.Printer) string
	change  func(*directory.Printer) // of its pinned entry; nil probes without one
	options func(*delivery.ProbeOptions)

	state  string
	grade  directory.Grade
	reason string // of the way that decides
	better int    // grades that are better
	hints  []string
	word   string // in the reasons, or else in why not better
}

var probeCases = map[string]probeCase{
	"self-signed":     {state: delivery.ProbeReady, grade: directory.GradeIPP, better: 2, hints: []string{"pin"}, word: "It is self-signed"},
	"host and port":   {target: func(p *simprinter.Printer) string { return bareHost(p.URI()) }, state: delivery.ProbeReady, grade: directory.GradeIPP, better: 2, hints: []string{"pin"}},
	"another path":    {printer: simprinter.Config{Path: "/printer"}, target: func(p *simprinter.Printer) string { return bareHost(p.URI()) }, state: delivery.ProbeReady, grade: directory.GradeIPP, better: 2, hints: []string{"pin"}},
	"no such path":    {target: func(p *simprinter.Printer) string { return p.URI() + "/no" }, state: delivery.ProbeUnreachable, hints: []string{"turn-on", "path"}, word: "There is no printer at"},
	"in a directory":  {change: func(*directory.Printer) {}, state: delivery.ProbeReady, grade: directory.GradePinned},
	"another key":     {change: func(e *directory.Printer) { e.Pin = directory.PinOf([]byte("other")) }, state: delivery.ProbeForbidden, reason: outcome.ReasonPinMismatch, hints: []string{"new-key"}, word: "another key"},
	"another printer": {change: func(e *directory.Printer) { e.UUID = "urn:uuid:00000000-0000-4000-8000-000000000000" }, state: delivery.ProbeForbidden, reason: outcome.ReasonAnother, hints: []string{"another"}, word: "its UUID is"},
	"untrusted":       {change: func(e *directory.Printer) { e.Pin, e.Floor = "", directory.GradeIPPS }, state: delivery.ProbeForbidden, reason: outcome.ReasonUntrusted, word: "could not be verified"},
	"plain, and forbidden": {
		printer: simprinter.Config{NoTLS: true}, change: func(e *directory.Printer) { e.Pin, e.Floor = "", directory.GradeIPPS },
		state: delivery.ProbeForbidden, reason: outcome.ReasonPlain, hints: []string{"ipps", "floor"}, word: "without encryption"},
	"plain":   {printer: simprinter.Config{NoTLS: true}, state: delivery.ProbeReady, grade: directory.GradeIPP, better: 2, hints: []string{"ipps"}, word: "does not speak TLS"},
	"426":     {printer: simprinter.Config{NoTLS: true, HTTP: simprinter.HTTP{Upgrade: true}}, state: delivery.ProbeBlocked, reason: outcome.ReasonTLSRequired, hints: []string{"ipps", "use-ipps"}, grade: "", word: "only by ipps"},
	"TLS 1.0": {printer: simprinter.Config{NoPlain: true, TLS: simprinter.TLS{Only: "1.0"}}, state: delivery.ProbeBlocked, reason: delivery.ReasonOldTLS, hints: []string{"old-tls"}, word: "no TLS that is still considered safe"},
	"old TLS, allowed": {
		printer: simprinter.Config{NoPlain: true, TLS: simprinter.TLS{Only: "1.0"}}, options: func(o *delivery.ProbeOptions) { o.OldTLS = true },
		state: delivery.ProbeReady, grade: directory.GradeIPP, better: 2, hints: []string{"pin"}},
	"old ciphers":      {printer: simprinter.Config{NoPlain: true, TLS: simprinter.TLS{RSAKeyExchange: true}}, state: delivery.ProbeBlocked, reason: delivery.ReasonOldTLS, hints: []string{"old-tls"}},
	"stopped":          {set: setCondition(simprinter.Condition{State: 5, Reasons: []string{"media-jam-error"}, Message: "Paper jam"}), state: delivery.ProbeBlocked, grade: directory.GradeIPP, reason: outcome.ReasonStopped, better: 2, hints: []string{"pin", "see-to-it"}, word: "Paper jam (media-jam-error)"},
	"takes none":       {set: setCondition(simprinter.Condition{Refuses: true}), state: delivery.ProbeBlocked, grade: directory.GradeIPP, reason: outcome.ReasonNotAccepting, better: 2, hints: []string{"pin", "see-to-it"}, word: "not accepting"},
	"sleeps":           {set: setCondition(simprinter.Condition{State: 5}), state: delivery.ProbeReady, grade: directory.GradeIPP, better: 2, hints: []string{"pin"}},
	"login":            {set: faultAt(goipp.OpValidateJob, simprinter.Fault{HTTP: 401}), state: delivery.ProbeBlocked, grade: directory.GradeIPP, reason: outcome.ReasonLogin, better: 2, hints: []string{"pin", "login"}, word: "asks for a login"},
	"login for asking": {set: faultAt(goipp.OpGetPrinterAttributes, simprinter.Fault{HTTP: 401}), state: delivery.ProbeBlocked, reason: outcome.ReasonLogin, hints: []string{"login"}, word: "asks for a login"},
	"busy":             {set: faultAt(goipp.OpValidateJob, simprinter.Fault{Status: goipp.StatusErrorBusy}), state: delivery.ProbeBlocked, grade: directory.GradeIPP, reason: outcome.ReasonBusy, better: 2, hints: []string{"pin", "see-to-it"}},
	"no Validate-Job":  {printer: simprinter.Config{Operations: []goipp.Op{goipp.OpPrintJob, goipp.OpGetPrinterAttributes}}, state: delivery.ProbeReady, grade: directory.GradeIPP, better: 2, hints: []string{"pin"}},
	"raster alone":     {printer: simprinter.Config{Formats: []string{"image/urf"}}, state: delivery.ProbeReady, grade: directory.GradeIPP, better: 2, hints: []string{"pin", "formats"}},
	"no format": {printer: simprinter.Config{Attributes: goipp.Attributes{ipp.NoValue("document-format-supported")}}, state: delivery.ProbeBlocked, grade: directory.GradeIPP,
		reason: delivery.ReasonUnknownFormat, better: 2, hints: []string{"pin", "formats"}, word: "not known to take"},
	"no format, but in the directory": {
		printer: simprinter.Config{Attributes: goipp.Attributes{ipp.NoValue("document-format-supported")}}, change: func(e *directory.Printer) { e.Formats = []string{"application/pdf"} },
		state: delivery.ProbeReady, grade: directory.GradePinned},
}

func setCondition(c simprinter.Condition) func(*simprinter.Printer) {
	return func(p *simprinter.Printer) { p.SetCondition(c) }
}

func faultAt(op goipp.Op, f simprinter.Fault) func(*simprinter.Printer) {
	return func(p *simprinter.Printer) { p.SetFault(op, f) }
}

func bareHost(uri string) string {
	host, _, _ := strings.Cut(strings.SplitN(uri, "://", 2)[1], "/")
	return host
}

func TestProbe(t *testing.T) {
	for name, c := range probeCases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := startPrinter(t, c.printer)
			if c.set != nil {
				c.set(p)
			}
			target, o := p.AnyURI(), quiet
			if c.target != nil {
				target = c.target(p)
			}
			if c.change != nil {
				e := directory.Printer{ID: "p1", Name: "P", Floor: directory.GradePinned, URIs: []string{p.AnyURI()}}
				if !c.printer.NoTLS {
					e = entryOf(p)
				}
				c.change(&e)
				o.Entry = &e
			}
			if c.options != nil {
				c.options(&o)
			}
			c.checkProbe(t, probeOK(t, target, o))
			if jobs := p.Jobs(); len(jobs) > 0 {
				t.Errorf("it made jobs: %+v", jobs)
			}
		})
	}
}

func (c probeCase) checkProbe(t *testing.T, p delivery.Probe) {
	t.Helper()
	v := p.Verdict
	if v.State != c.state || v.Grade != c.grade || len(v.NotBetter) != c.better || !slices.Equal(hintsOf(p), c.hints) {
		t.Errorf("%+v\n%+v", v, p.Ways)
	}
	if c.reason != "" && !slices.ContainsFunc(p.Ways, func(w delivery.ProbeWay) bool { return w.Reason == c.reason && w.Why != "" }) {
		t.Errorf("no way is closed by %s: %+v", c.reason, p.Ways)
	}
	words := strings.Join(v.Reasons, " ")
	for _, step := range v.NotBetter {
		words += step.Why
	}
	if !strings.Contains(words, c.word) || v.Sentence == "" || (v.State != delivery.ProbeReady) != (len(v.Reasons) > 0) {
		t.Errorf("no word of %q in %q", c.word, words)
	}
	if (v.Grade != "") != (v.Address != "") {
		t.Errorf("%+v", v)
	}
}

func TestProbeTellsWhatThePrinterSays(t *testing.T) {
	p := startPrinter(t, simprinter.Config{Name: "Hall", Gzip: true})
	roots := x509.NewCertPool()
	roots.AddCert(p.Certificate())
	r := probeWith(t, delivery.New(delivery.Config{Timeouts: testLimits(), Roots: roots}), strings.TrimSuffix(p.URI(), "/ipp/print"), quiet)
	if r.Verdict.Grade != directory.GradeIPPS || len(r.Ways) != 1 || r.SNMP != nil || r.Printer != "" {
		t.Fatalf("%+v", r)
	}
	w := r.Ways[0]
	if w.Address != p.URI() || w.Protocol != "ipps" || w.Grade != directory.GradeIPPS || w.Reason != "" {
		t.Errorf("%+v", w)
	}
	if tls := w.TLS; tls == nil || tls.Version != "1.3" || tls.Profile != "tls" || tls.Old || !tls.Trusted || tls.Pinned || tls.Pin != directory.PinOf(p.Certificate().RawSubjectPublicKeyInfo) {
		t.Errorf("%+v", w.TLS)
	}
	i := w.IPP
	if i.Version != "2.0" || i.Name != "Hall" || i.Location != "this computer" || i.UUID != "urn:uuid:"+p.UUID() || i.State != "idle" || !i.Accepting ||
		!i.EmptyJobs || !i.Gzip || !i.Validated || i.Login || !slices.Contains(i.Formats, "application/pdf") || !slices.Contains(i.Operations, "Get-Job-Attributes") {
		t.Errorf("%+v", i)
	}
}

func TestProbeOfNothing(t *testing.T) {
	r := probeOK(t, bareHost(goneURI), quiet)
	if r.Verdict.State != delivery.ProbeUnreachable || len(r.Ways) != 2 || !slices.Equal(hintsOf(r), []string{"turn-on"}) ||
		!strings.Contains(strings.Join(r.Verdict.Reasons, " "), "the connection was refused") {
		t.Errorf("%+v", r)
	}
}

func TestProbeEnds(t *testing.T) {
	p := startPrinter(t, simprinter.Config{TLS: simprinter.TLS{Hang: true}})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r, err := delivery.New(delivery.Config{}).Probe(ctx, p.URI(), quiet)
	if err != nil || r.Verdict.State != delivery.ProbeUnreachable {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestProbeOfPort9100(t *testing.T) {
	uri := pjlPrinter(t, map[string]string{"INFO CONFIG": "LANGUAGES [1 ENUMERATED]\r\n\tPDF\r\n"})
	r := probeOK(t, uri, quiet)
	if v := r.Verdict; v.State != delivery.ProbeReady || v.Grade != directory.GradeRaw || v.Address != uri || len(v.NotBetter) != 3 || !slices.Equal(hintsOf(r), []string{"ask-more"}) {
		t.Errorf("%+v", r)
	}
	if w := r.Ways[0].Raw; w == nil || !w.Asked || !w.PJL || !slices.Equal(w.Formats, []string{"application/pdf"}) {
		t.Errorf("%+v", r.Ways[0].Raw)
	}

	sim := startPrinter(t, simprinter.Config{Raw: &simprinter.Raw{}, NoTLS: true, NoPlain: true})
	if r := probeOK(t, sim.RawURI(), quiet); r.Verdict.State != delivery.ProbeBlocked || !r.Ways[0].Raw.PJL || r.Ways[0].Reason != delivery.ReasonUnknownFormat {
		t.Errorf("%+v", r)
	}
	mute := probeOK(t, sim.RawURI(), delivery.ProbeOptions{NoSNMP: true, Entry: &directory.Printer{Name: "store", Floor: directory.GradeRaw, URIs: []string{sim.RawURI()}}})
	at := slices.IndexFunc(mute.Ways, func(w delivery.ProbeWay) bool { return w.Protocol == "raw" })
	if at < 0 || mute.Ways[at].Raw == nil || mute.Ways[at].Raw.Asked || mute.Ways[at].Reason != delivery.ReasonUnknownFormat || mute.Verdict.State != delivery.ProbeBlocked {
		t.Errorf("%+v", mute)
	}
	sim.Close()
	asked := 0
	for _, j := range sim.RawJobs() {
		if len(j.PJL) > 0 {
			asked++
		}
	}
	if asked != 1 {
		t.Errorf("asked by PJL %d times: %+v", asked, sim.RawJobs())
	}
	if gone := probeOK(t, sim.RawURI(), quiet); gone.Verdict.State != delivery.ProbeUnreachable {
		t.Errorf("%+v", gone)
	}
}

func TestProbeAsksBySNMP(t *testing.T) {
	p := startPrinter(t, simprinter.Config{})
	a, err := simprinter.StartAgent(simprinter.AgentConfig{Printer: simprinter.AgentPrinter{Serial: "SN1", LifeCount: 4711}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	o := delivery.ProbeOptions{SNMP: snmp.Access{Port: a.Port()}}
	r := probeOK(t, p.URI(), o)
	s := r.SNMP
	if s == nil || !s.Answered || s.Version != "2c" || s.Serial != "SN1" || s.MAC == "" || s.Firmware == "" || s.Pages == nil || *s.Pages != 4711 || len(s.Supplies) != 9 ||
		s.Status != "running" || s.Verdict != "proceed" || s.Bytes == 0 || !slices.Contains(s.Languages, "PDF") {
		t.Errorf("%+v", s)
	}
	if !slices.Contains(hintsOf(r), "snmp-v3") || slices.Contains(hintsOf(r), "snmp") {
		t.Errorf("%v", hintsOf(r))
	}

	e := entryOf(p)
	e.Serial = "SN2"
	o.Entry = &e
	if r := probeOK(t, "P", o); r.Verdict.State != delivery.ProbeForbidden || r.Printer != "P" || !strings.Contains(r.Verdict.Reasons[0], "its serial number is SN1") {
		t.Errorf("%+v", r.Verdict)
	}
	e.Serial = "SN1"
	if r := probeOK(t, "P", o); r.Verdict.State != delivery.ProbeReady || r.Verdict.Grade != directory.GradePinned {
		t.Errorf("%+v", r.Verdict)
	}
	a.Close()
	if r := probeOK(t, "P", o); r.SNMP == nil || r.SNMP.Answered || r.SNMP.Why == "" || !slices.Contains(hintsOf(r), "snmp") || r.Verdict.State != delivery.ProbeReady {
		t.Errorf("%+v", r)
	}
}

// TestRawFormatsBySNMP: a printer that is reached only by port 9100 and not
// asked there takes what SNMP says, and does not print while SNMP calls it
// down.
func TestRawFormatsBySNMP(t *testing.T) {
	sim := startPrinter(t, simprinter.Config{Raw: &simprinter.Raw{}, NoTLS: true, NoPlain: true})
	a, err := simprinter.StartAgent(simprinter.AgentConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	o := delivery.ProbeOptions{SNMP: snmp.Access{Port: a.Port()}, Entry: &directory.Printer{Name: "store", Floor: directory.GradeRaw, URIs: []string{sim.RawURI()}}}
	if r := probeOK(t, "store", o); r.Verdict.State != delivery.ProbeReady || r.Verdict.Grade != directory.GradeRaw {
		t.Errorf("%+v", r)
	}
	if err := a.SetPrinter(simprinter.AgentPrinter{DeviceStatus: 5, Errors: []byte{0x04}}); err != nil {
		t.Fatal(err)
	}
	if r := probeOK(t, "store", o); r.Verdict.State != delivery.ProbeBlocked || !strings.Contains(r.Verdict.Reasons[0], "Paper is jammed") {
		t.Errorf("%+v", r)
	}
}

func TestNoTargets(t *testing.T) {
	d := delivery.New(delivery.Config{})
	for _, target := range []string{"", "http://127.0.0.1/", "ipps://", "socket://127.0.0.1/path", "two words", "ipp://u@127.0.0.1", "ipp://127.0.0.1/?a", "127.0.0.1:port", ":631"} {
		if _, err := d.Probe(t.Context(), target, quiet); !errors.Is(err, ipp.ErrURI) {
			t.Errorf("%q: %v", target, err)
		}
	}
}
