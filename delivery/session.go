package delivery

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"sync/atomic"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/delivery/internal/post"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/internal/outcome"
)

// session is an open, verified path to one printer.
type session struct {
	address
	trust     *certificateCheck
	dialer    *dialer
	transport *http.Transport
	control   ipp.Client
	limit     Timeouts
	known     *printerMemory
	version   goipp.Version
	info      printerInfo
	sentUp    bool // the printer asked for TLS at a plain address
	asksAll   bool // it does not answer a request that names attributes

	stream net.Conn // to port 9100; nil with IPP, and once the document is sent over it
}

// connectPrinter finds a printer at one port and asks what it is. spoke is set
// once the printer has proven its identity by TLS, whatever it says then.
func (d *Deliverer) connectPrinter(ctx context.Context, p directory.Printer, k *printerMemory, e endpoint, spoke *atomic.Bool) (*session, error) {
	t := &certificateCheck{printer: p, roots: d.roots, spoke: spoke}
	return d.openSession(ctx, e, t, t.tlsConfig, profilesFor(p, k), k, deliveryAttributes)
}

// profilesFor returns the TLS profiles to offer to a printer, from the one
// that worked before.
func profilesFor(p directory.Printer, k *printerMemory) []tlsProfile {
	all := []tlsProfile{profileModern, profile12}
	if p.OldTLS {
		all = append(all, profileOld)
	}
	if i := slices.Index(all, k.Profile); i > 0 {
		return all[i:]
	}
	return all
}

// openSession asks for attributes at one path of a port after the other.
func (d *Deliverer) openSession(ctx context.Context, e endpoint, t *certificateCheck, config func(string, tlsProfile) *tls.Config, profiles []tlsProfile, k *printerMemory, attributes []string) (*session, error) {
	s := &session{trust: t, limit: d.limit, known: k, version: ipp.Version20}
	s.dialer = &dialer{timeout: d.limit.Connect, tlsConfig: config, profiles: profiles}
	s.transport = s.dialer.newTransport()
	var most *failure
	for _, s.asksAll = range []bool{false, true} {
		for _, a := range e.paths {
			s.address = a
			s.control = ipp.Client{HTTP: &http.Client{Transport: s.transport, CheckRedirect: noRedirects}, URI: a.uri}
			err := s.fetchInfo(ctx, attributes)
			if err == nil {
				return s, nil
			}
			f := asFailure(t.printer.Name, a.uri, err)
			f.uri = a.uri
			if most == nil || most.reason == outcome.ReasonWrongPath {
				most = f
			}
			if !f.path && !mayKnowOlder(err) || ctx.Err() != nil {
				s.close()
				return nil, f
			}
		}
		if most.reason == outcome.ReasonWrongPath {
			break // it has answered, every time the same
		}
	}
	s.close()
	return nil, most
}

func (s *session) close() {
	if s.transport != nil {
		s.transport.CloseIdleConnections()
	}
	if s.stream != nil {
		_ = s.stream.Close()
	}
}

// isRaw reports whether the way is a stream without questions and answers.
func (s *session) isRaw() bool { return s.scheme() == schemeRaw }

// ippVersions are tried in this order (RFC 8011 §4.1.8).
var ippVersions = []goipp.Version{ipp.Version20, ipp.Version11, ipp.Version10}

// fetchInfo asks what the printer is, in the newest version that it speaks.
func (s *session) fetchInfo(ctx context.Context, attributes []string) error {
	var err error
	for _, v := range ippVersions {
		s.version = v
		var a *goipp.Message
		a, err = s.fetchAttributes(ctx, attributes)
		if err == nil && len(a.Printer) == 0 {
			err = fmt.Errorf("asking what the printer is: %w: the answer has no printer attributes", ipp.ErrMalformed)
		}
		if err == nil {
			s.info = printerInfo{a.Printer}
			return nil
		}
		if !mayKnowOlder(err) || ctx.Err() != nil {
			return err
		}
	}
	return err
}

// mayKnowOlder reports whether a printer that gives this error may answer an
// older version, or a shorter question: some have no other way to say it.
func mayKnowOlder(err error) bool {
	var refused *ipp.HTTPError
	switch {
	case ipp.IsStatus(err, goipp.StatusErrorVersionNotSupported, goipp.StatusErrorBadRequest, goipp.StatusErrorInternal,
		goipp.StatusErrorAttributesOrValues, goipp.StatusErrorRequestEntity, goipp.StatusErrorRequestValue):
		return true
	case errors.As(err, &refused):
		switch refused.Code {
		case http.StatusBadRequest, http.StatusInternalServerError, http.StatusNotImplemented, http.StatusHTTPVersionNotSupported:
			return true
		}
		return false
	}
	return isUnreadable(err) || hungUp(err) && !errors.Is(err, errNoTLS)
}

// stateAttributes are those that change while a printer is waited for.
var stateAttributes = []string{"printer-state", "printer-state-reasons", "printer-state-message", "printer-is-accepting-jobs", "printer-up-time", "queued-job-count"}

// refreshState asks for the state again and keeps everything else.
func (s *session) refreshState(ctx context.Context) error {
	a, err := s.fetchAttributes(ctx, stateAttributes)
	if err != nil {
		return err
	}
	fresh := slices.DeleteFunc(slices.Clone(s.info.attrs), func(at goipp.Attribute) bool { return slices.Contains(stateAttributes, at.Name) })
	s.info = printerInfo{append(fresh, a.Printer...)}
	return nil
}

func (s *session) fetchAttributes(ctx context.Context, attributes []string) (*goipp.Message, error) {
	m := s.newRequest(goipp.OpGetPrinterAttributes)
	if !s.asksAll {
		m.Operation.Add(ipp.Keyword("requested-attributes", attributes...))
	}
	return s.sendRequest(ctx, m)
}

func (s *session) newRequest(op goipp.Op) *goipp.Message { return ipp.NewRequest(s.version, op, s.uri) }

// sendRequest sends a request without a document. One that makes no job is
// sent a second time if it went out on a reused connection that had gone.
func (s *session) sendRequest(ctx context.Context, m *goipp.Message) (*goipp.Message, error) {
	a, reused, err := s.sendRequestOnce(ctx, m)
	if err != nil && reused && ctx.Err() == nil && mayRepeat(m, err) {
		a, _, err = s.sendRequestOnce(ctx, m)
	}
	return a, err
}

func (s *session) sendRequestOnce(ctx context.Context, m *goipp.Message) (a *goipp.Message, reused bool, err error) {
	var was atomic.Bool
	ctx, cancel := context.WithTimeout(ctx, s.limit.Answer)
	defer cancel()
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(i httptrace.GotConnInfo) { was.Store(i.Reused) },
	})
	a, err = s.control.Do(ctx, m, nil)
	return a, was.Load(), err
}

func mayRepeat(m *goipp.Message, err error) bool {
	switch goipp.Op(m.Code) {
	case goipp.OpCreateJob, goipp.OpPrintJob, goipp.OpSendDocument:
		return false
	}
	return !post.Answered(err) && !errors.Is(err, context.DeadlineExceeded)
}

// sendDocument sends a request with a document, once, over a connection of its
// own. If the printer cannot be asked for the body first, and has got none of
// it, the request is sent again without asking.
func (s *session) sendDocument(ctx context.Context, m *goipp.Message, doc ipp.Document, packed bool, h post.Hooks) post.Result {
	p, err := s.documentRequest(m, doc)
	if err != nil {
		return post.Result{Err: err}
	}
	p.Gzip = packed
	s.transport.CloseIdleConnections() // some printers serve one connection at a time
	t := s.postDocument(ctx, p, h)
	if t.Late {
		s.known.NoExpect = true
	}
	if errors.Is(t.Err, post.ErrExpect) && ctx.Err() == nil {
		s.known.NoExpect, p.Expect = true, false
		t = s.postDocument(ctx, p, h)
	}
	return t
}

func (s *session) documentRequest(m *goipp.Message, doc ipp.Document) (post.Request, error) {
	head, err := m.EncodeBytes()
	if err != nil {
		return post.Request{}, fmt.Errorf("encoding %s: %w", goipp.Op(m.Code), err)
	}
	raw, err := ipp.HTTPURL(s.uri)
	if err != nil {
		return post.Request{}, err
	}
	target, err := url.Parse(raw)
	if err != nil {
		return post.Request{}, fmt.Errorf("reading the address %s: %w", s.uri, err)
	}
	return post.Request{Target: target, Message: m, Head: head, Document: doc, Expect: !s.known.NoExpect}, nil
}

func (s *session) postDocument(ctx context.Context, p post.Request, h post.Hooks) post.Result {
	dial := s.dialer.dialPlain
	if s.usesTLS() {
		dial = s.dialer.dialTLS
	}
	conn, err := dial(ctx, "tcp", p.Target.Host)
	if err != nil {
		return post.Result{Err: fmt.Errorf("sending %s: %w", goipp.Op(p.Message.Code), err)}
	}
	return post.Send(ctx, conn, p, s.limit.Body, s.limit.Settle, h)
}

// pauseFor waits for d, or until ctx ends.
func pauseFor(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
