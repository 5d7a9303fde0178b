package delivery

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/ipp"
)

// session is a way to a printer that was found good.
type session struct {
	address
	trust   *trust
	dial    dialer
	idle    *http.Transport
	control ipp.Client
	limit   Timeouts
	version goipp.Version
	info    info
}

func (d *Deliverer) newSession(a address, t *trust, config func(host string) *tls.Config) *session {
	s := &session{address: a, trust: t, limit: d.limit, version: ipp.Version20}
	s.dial = dialer{timeout: d.limit.Connect, tls: config}
	s.idle = s.dial.transport()
	s.control = ipp.Client{HTTP: &http.Client{Transport: s.idle, CheckRedirect: noRedirects}, URI: a.uri}
	return s
}

func (s *session) close() { s.idle.CloseIdleConnections() }

// open finds the way to a printer: the first of its addresses at which a
// printer answers, by the rules of docs/delivery.md.
func (d *Deliverer) open(ctx context.Context, p directory.Printer, note func(string, ...any)) (*session, error) {
	if err := d.checkEntry(p); err != nil {
		return nil, err
	}
	var tried []*failure
	skipped := false
	for _, a := range addresses(p.URIs) {
		if !a.allowed(p) {
			skipped = true
			note("%s was not tried: the directory's floor is %s.", a.uri, p.Floor)
			continue
		}
		s, err := d.openAt(ctx, a, p)
		if err == nil {
			return s, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		f := asFailure(p.Name, a.uri, err)
		note("%s: %s", a.uri, ipp.Clean(f.Error(), 300))
		if !f.next {
			return nil, f
		}
		tried = append(tried, f)
	}
	return nil, noWay(p, tried, skipped)
}

func (d *Deliverer) checkEntry(p directory.Printer) error {
	switch {
	case !directory.GradePinned.AtLeast(p.Floor):
		return &failure{reason: ReasonNoAddress, message: fmt.Sprintf("The directory's floor for printer %s is not known.", p.Name)}
	case p.Floor == directory.GradePinned && p.Pin == "":
		return &failure{reason: ReasonPinMissing, message: fmt.Sprintf("The directory demands a pinned key for printer %s and has none.", p.Name)}
	case len(addresses(p.URIs)) == 0:
		return &failure{reason: ReasonNoAddress, message: fmt.Sprintf("Printer %s has no address that can be used.", p.Name)}
	}
	return nil
}

// noWay is the failure of having tried every address that may be tried.
func noWay(p directory.Printer, tried []*failure, skipped bool) *failure {
	if len(tried) == 0 || skipped && tried[len(tried)-1].reason == ReasonNoTLS {
		return &failure{reason: ReasonPlain, cause: causeOf(tried),
			message: fmt.Sprintf("Printer %s can only be reached without encryption, and the directory forbids that.", p.Name)}
	}
	last := *tried[len(tried)-1]
	if last.reason == ReasonUnreachable {
		last.message = fmt.Sprintf("Printer %s cannot be reached: no answer from %s.", p.Name, strings.Join(p.URIs, ", "))
	}
	return &last
}

func causeOf(tried []*failure) error {
	if len(tried) == 0 {
		return nil
	}
	return tried[len(tried)-1]
}

func (d *Deliverer) openAt(ctx context.Context, a address, p directory.Printer) (*session, error) {
	t := &trust{printer: p, roots: d.roots}
	s := d.newSession(a, t, t.config)
	if err := s.probe(ctx, deliveryAttributes); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// probe asks what the printer is, in the newest version that it speaks.
func (s *session) probe(ctx context.Context, attributes []string) error {
	a, err := s.describe(ctx, attributes)
	if ipp.IsStatus(err, goipp.StatusErrorVersionNotSupported, goipp.StatusErrorBadRequest) {
		s.version = ipp.Version11
		a, err = s.describe(ctx, attributes)
	}
	if err != nil {
		return err
	}
	s.info = info{a.Printer}
	return nil
}

func (s *session) describe(ctx context.Context, attributes []string) (*goipp.Message, error) {
	m := s.request(goipp.OpGetPrinterAttributes)
	m.Operation.Add(ipp.Keyword("requested-attributes", attributes...))
	return s.ask(ctx, m)
}

func (s *session) request(op goipp.Op) *goipp.Message { return ipp.NewRequest(s.version, op, s.uri) }

// ask sends a request without a document. One that only asks is sent a second
// time where the connection it went out on had been used before and had gone.
func (s *session) ask(ctx context.Context, m *goipp.Message) (*goipp.Message, error) {
	a, reused, err := s.askOnce(ctx, m)
	if err != nil && reused && ctx.Err() == nil && repeatable(m, err) {
		a, _, err = s.askOnce(ctx, m)
	}
	return a, err
}

func (s *session) askOnce(ctx context.Context, m *goipp.Message) (a *goipp.Message, reused bool, err error) {
	var was atomic.Bool
	ctx, cancel := context.WithTimeout(ctx, s.limit.Answer)
	defer cancel()
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(i httptrace.GotConnInfo) { was.Store(i.Reused) },
	})
	a, err = s.control.Do(ctx, m, nil)
	return a, was.Load(), err
}

func repeatable(m *goipp.Message, err error) bool {
	switch goipp.Op(m.Code) {
	case goipp.OpCreateJob, goipp.OpPrintJob, goipp.OpSendDocument:
		return false
	}
	return !answered(err) && !errors.Is(err, context.DeadlineExceeded)
}

// answered says whether err is an answer of the printer, and not the lack of one.
func answered(err error) bool {
	_, status := errors.AsType[*ipp.StatusError](err)
	_, http := errors.AsType[*ipp.HTTPError](err)
	return status || http
}

// transmission is what is known of a document once its request has ended.
type transmission struct {
	answer *goipp.Message
	err    error
	bytes  int64 // of the document that were handed to the network
	whole  bool  // all of them
}

// transmit sends a request with a document, once, over a connection of its
// own. began and sent are called once each, when the first and the last byte
// of the document were handed over.
func (s *session) transmit(ctx context.Context, m *goipp.Message, doc ipp.Document, began, sent func()) transmission {
	began, sent = sync.OnceFunc(began), sync.OnceFunc(sent)
	s.idle.CloseIdleConnections() // some printers serve one connection at a time
	c := newCarrier(s.dial, doc.Size, s.limit.Body)
	client := ipp.Client{HTTP: &http.Client{Transport: c, CheckRedirect: noRedirects}, URI: s.uri}
	done := make(chan transmission, 1)
	go func() {
		a, err := client.Do(ctx, m, &doc)
		done <- transmission{answer: a, err: err}
	}()
	t := watch(c, done, began, sent)
	if t.bytes, t.whole = c.end(); t.bytes > 0 {
		began()
	}
	if t.whole {
		sent()
	}
	return t
}

// watch waits for the end and reports first and last byte on the way.
func watch(c *carrier, done <-chan transmission, began, sent func()) transmission {
	first, last := c.began, c.whole
	for {
		select {
		case <-first:
			began()
			first = nil
		case <-last:
			sent()
			last = nil
		case t := <-done:
			return t
		}
	}
}

// pause waits for d, or until ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
