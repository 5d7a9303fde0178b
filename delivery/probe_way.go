package delivery

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/delivery/internal/post"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/internal/outcome"
)

// Reasons that a way of a probe can have besides those of outcomes.
const (
	ReasonOldTLS        = "old-tls"          // only TLS that is no longer considered safe
	ReasonUnknownFormat = "format-unknown"   // it is not known to take any document format
	ReasonNotNamed      = "not-in-directory" // the directory does not name this address
)

// ProbeWay is one way to a printer that was tried.
type ProbeWay struct {
	Address  string          `json:"address"`
	Protocol string          `json:"protocol"`
	Answers  bool            `json:"answers"`
	Grade    directory.Grade `json:"grade"`
	Reason   string          `json:"reason"`
	Why      string          `json:"why"`
	Took     int64           `json:"took_ms"`
	TLS      *ProbeTLS       `json:"tls,omitempty"`
	IPP      *ProbeIPP       `json:"ipp,omitempty"`
	Raw      *ProbeRaw       `json:"raw,omitempty"`

	next  bool // if it cannot be used, a job may go a weaker way
	order int
}

// ProbeIPP is what a printer said of itself by IPP.
type ProbeIPP struct {
	Version      string   `json:"version"`
	Name         string   `json:"name"`
	Location     string   `json:"location"`
	MakeAndModel string   `json:"make_and_model"`
	UUID         string   `json:"uuid"`
	State        string   `json:"state"`
	Reasons      []string `json:"reasons"`
	Message      string   `json:"message"`
	Accepting    bool     `json:"accepting"`
	Formats      []string `json:"formats"`
	Operations   []string `json:"operations"`
	EmptyJobs    bool     `json:"empty_jobs"`
	Gzip         bool     `json:"gzip"`
	Validated    bool     `json:"validated"`
	Login        bool     `json:"login"`

	stopped bool // for a reason that needs a person
}

// rank orders ways from the strongest protocol to the weakest, and those of
// one protocol as they were planned.
func (w ProbeWay) rank() int {
	return 100*slices.Index([]string{schemeIPPS, schemeIPP, "raw"}, w.Protocol) + w.order
}

// isOpen reports whether a job could go this way now.
func (w ProbeWay) isOpen() bool { return w.Answers && w.Reason == "" }

// setFailure notes why no job can go this way.
func (w *ProbeWay) setFailure(f *failure) {
	w.Reason, w.Why, w.next = f.reason, f.message, f.next
	if f.reason == outcome.ReasonUnreachable {
		w.Why = "No answer at " + hostAndPort(w.Address) + plainCause(f.cause) + "."
	}
}

// hostAndPort returns the host and port of an address.
func hostAndPort(uri string) string {
	_, rest, _ := strings.Cut(uri, "://")
	host, _, _ := strings.Cut(rest, "/")
	return host
}

// plainCause returns in a few words why nothing answers, "" if that is not
// known.
func plainCause(err error) string {
	var unknown *net.DNSError
	var timeout net.Error
	switch {
	case errors.As(err, &unknown):
		return ": no host has that name"
	case errors.Is(err, syscall.ECONNREFUSED):
		return ": the connection was refused"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return ": nothing came in time"
	}
	return ""
}

// probeAttributes are requested by name, since "all" is too much.
var probeAttributes = append(slices.Clone(identityAttributes),
	"operations-supported", "printer-is-accepting-jobs", "compression-supported")

// askIPP asks at one port.
func (p *prober) askIPP(ctx context.Context, e probeEnd) ProbeWay {
	began := time.Now()
	w := ProbeWay{Address: e.paths[0].uri, Protocol: e.paths[0].protocol()}
	var shown shownCertificate
	s, err := p.d.openSession(ctx, e.endpoint, &certificateCheck{printer: p.printer}, shown.tlsConfig, everyProfile, new(printerMemory), probeAttributes)
	w.Took = millisSince(began)
	w.TLS = p.tlsOf(&shown)
	if err == nil {
		defer s.close()
		w.Address, w.Answers = s.uri, true
		w.TLS.setProfile(s.dialer)
		w.IPP = s.probeIPP()
		w.Grade = w.gradeOf(p.printer)
	} else {
		f := asFailure(p.printer.Name, w.Address, err)
		w.Answers = post.Answered(f.cause) && f.reason != outcome.ReasonWrongPath
		w.setFailure(f)
	}
	if f := p.obstacleOf(w, e); f != nil {
		w.setFailure(f)
	}
	if w.isOpen() {
		p.tryJob(ctx, s, &w)
	}
	if w.Reason != "" {
		w.forgetGrade()
	}
	return w
}

// tryJob checks whether the printer would take a job.
func (p *prober) tryJob(ctx context.Context, s *session, w *ProbeWay) {
	err := s.info.checkReady(p.printer.Name)
	if err == nil {
		err = p.validateAt(ctx, s, w.IPP)
	}
	if err == nil && len(p.formatsOf(w.IPP.Formats)) == 0 {
		err = unknownFormat(p.printer.Name)
	}
	if err != nil {
		f := asFailure(p.printer.Name, w.Address, err)
		w.setFailure(f)
		w.next = false
	}
}

// formatsOf returns the formats to believe: those of the directory first.
func (p *prober) formatsOf(said []string) []string {
	if len(p.printer.Formats) > 0 {
		return p.printer.Formats
	}
	return said
}

// validateAt asks whether a job would be taken, and so whether a login is
// needed (RFC 8011 §4.2.3).
func (p *prober) validateAt(ctx context.Context, s *session, i *ProbeIPP) error {
	if !s.info.offers(goipp.OpValidateJob) {
		return nil
	}
	m := s.newRequest(goipp.OpValidateJob)
	m.Operation.Add(ipp.Name("requesting-user-name", "printscout"))
	m.Operation.Add(ipp.Name("job-name", "printscout probe"))
	if f := preferredFormat(p.formatsOf(i.Formats)); f != "" {
		m.Operation.Add(ipp.MIME("document-format", f))
	}
	_, err := s.sendRequest(ctx, m)
	if ipp.IsStatus(err, goipp.StatusErrorOperationNotSupported) {
		return nil
	}
	i.Validated = err == nil || post.Answered(err)
	if err != nil {
		i.Login = asFailure("", "", err).reason == outcome.ReasonLogin
	}
	return err
}

const formatPDF = "application/pdf"

// preferredFormat returns the format to ask about.
func preferredFormat(formats []string) string {
	if len(formats) == 0 || slices.ContainsFunc(formats, func(f string) bool { return bareFormat(f) == formatPDF }) {
		return formatPDF
	}
	return formats[0]
}
