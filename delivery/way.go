package delivery

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/internal/outcome"
)

// stagger is the head start of an address before the next one is tried next to
// it (RFC 8305 §5).
const stagger = 250 * time.Millisecond

// waySearch is the search for the way to a printer.
type waySearch struct {
	deliverer   *Deliverer
	printer     directory.Printer
	known       *printerMemory
	addEvidence func(string, ...any)
	tellWaiting func(reason, sentence string)
	// spoke means that the printer has shown the pinned key, or a certificate
	// that was verified: from then on no weaker way is used, whatever it says.
	spoke atomic.Bool
}

// findWay opens the strongest of the printer's addresses at which it answers,
// by the rules of docs/delivery.md. It waits for a printer that sleeps.
func (w *waySearch) findWay(ctx context.Context) (*session, error) {
	if err := checkEntry(w.printer); err != nil {
		return nil, err
	}
	began := time.Now()
	for {
		s, err := w.tryEveryWay(ctx)
		if err == nil || ctx.Err() != nil || !w.mayWake(err, time.Since(began)) {
			return s, err
		}
		w.tellWaiting(outcome.ReasonUnreachable, fmt.Sprintf("Printer %s does not answer yet.", w.printer.Name))
		if err := pauseFor(ctx, reconnectInterval(time.Since(began))); err != nil {
			return nil, err
		}
	}
}

// reconnectInterval returns the wait before a printer that does not answer is
// tried again.
func reconnectInterval(since time.Duration) time.Duration {
	if since < time.Second {
		return 200 * time.Millisecond
	}
	return time.Second
}

// mayWake reports whether a printer that gave no answer may still give one: one
// that is asleep answers late or resets what it has not woken up for, one that
// has just been switched on refuses at first. isRefused and isReset tell these
// by the system's numbers.
func (w *waySearch) mayWake(err error, since time.Duration) bool {
	f, ok := errors.AsType[*failure](err)
	var unknown *net.DNSError
	switch {
	case !ok || errors.As(err, &unknown):
		return false
	case f.reason == outcome.ReasonNoTLS && !isReset(err), f.reason != outcome.ReasonNoTLS && f.reason != outcome.ReasonUnreachable:
		return false
	case isRefused(err):
		return since < w.deliverer.limit.Wake/6
	}
	return since < w.deliverer.limit.Wake
}

func checkEntry(p directory.Printer) error {
	switch {
	case !directory.GradePinned.AtLeast(p.Floor):
		return &failure{reason: outcome.ReasonNoAddress, message: fmt.Sprintf("The directory's floor for printer %s is not known.", p.Name)}
	case p.Floor == directory.GradePinned && p.Pin == "":
		return &failure{reason: outcome.ReasonPinMissing, message: fmt.Sprintf("The directory demands a pinned key for printer %s and has none.", p.Name)}
	}
	for _, scheme := range []string{schemeIPPS, schemeIPP, schemeRaw} {
		if len(endpointsOf(p.URIs, scheme)) > 0 {
			return nil
		}
	}
	return &failure{reason: outcome.ReasonNoAddress, message: fmt.Sprintf("Printer %s has no address that can be used.", p.Name)}
}

// tryEveryWay tries every allowed address, those of one strength side by side.
func (w *waySearch) tryEveryWay(ctx context.Context) (*session, error) {
	if s, err := w.tryRecentWay(ctx); s != nil || err != nil {
		return s, err
	}
	var tried []*failure
	skipped := false
	for _, scheme := range []string{schemeIPPS, schemeIPP} {
		ends := w.schemeEndpoints(scheme)
		if len(ends) == 0 {
			continue
		}
		if first := ends[0].paths[0]; !first.allowedByFloor(w.printer) {
			skipped = true
			w.addEvidence("%s was not tried: the directory's floor is %s.", first.uri, w.printer.Floor)
			continue
		}
		s, failed, err := w.raceEndpoints(ctx, ends)
		if s != nil || err != nil {
			return s, err
		}
		if f := mostTellingFailure(failed); f != nil && (w.spoke.Load() || !f.allowsWeakerWay()) {
			return nil, noWay(w.printer, []*failure{f}, false)
		}
		tried = append(tried, failed...)
	}
	if s, err := w.connectRaw(ctx); s != nil && err == nil {
		return s, nil
	} else if err != nil {
		tried = append(tried, asFailure(w.printer.Name, s.uri, err))
		w.addEvidence("%s", ipp.Clean(tried[len(tried)-1].Error(), 300))
	}
	return nil, noWay(w.printer, tried, skipped)
}

// allowsWeakerWay reports whether a weaker way may be tried after a failure:
// nothing at the address speaks for the printer.
func (f *failure) allowsWeakerWay() bool {
	switch f.reason {
	case outcome.ReasonUnreachable, outcome.ReasonNoTLS, outcome.ReasonWrongPath, outcome.ReasonGarbled:
		return true
	}
	return false
}

// mostTellingFailure returns the failure that says most about a printer: the
// first that is more than no answer, or no printer, at an address.
func mostTellingFailure(tried []*failure) *failure {
	var most *failure
	for _, f := range tried {
		if most == nil || most.allowsWeakerWay() && (!f.allowsWeakerWay() || f.reason == outcome.ReasonGarbled && most.reason != outcome.ReasonGarbled) {
			most = f
		}
	}
	return most
}

// schemeEndpoints returns the endpoints of one scheme. The TLS address that a
// printer has sent us to before replaces its plain ones.
func (w *waySearch) schemeEndpoints(scheme string) []endpoint {
	uris := w.printer.URIs
	if up := w.known.Upgraded; up != "" {
		if scheme == schemeIPP {
			return nil
		}
		uris = append([]string{up}, uris...)
	}
	return endpointsOf(uris, scheme)
}

// tryRecentWay tries only the way that was used last, unless it is weaker than
// another that the directory names. Neither a session nor an error means that
// all have to be tried.
func (w *waySearch) tryRecentWay(ctx context.Context) (*session, error) {
	a, ok := w.known.recentWay(w.deliverer.now())
	if !ok || !a.usesTLS() && len(w.schemeEndpoints(schemeIPPS)) > 0 || !a.allowedByFloor(w.printer) {
		return nil, nil
	}
	s, err := w.tryEndpoint(ctx, endpoint{paths: []address{a}})
	if err == nil {
		return s, nil
	}
	if f := asFailure(w.printer.Name, a.uri, err); !f.next {
		w.addEvidence("%s: %s", a.uri, ipp.Clean(f.Error(), 300))
		return nil, f
	}
	return nil, ctx.Err()
}

// endpointResult is the result of trying one endpoint.
type endpointResult struct {
	s   *session
	err error
}

// raceEndpoints tries endpoints of one strength, each with a head start before
// the next. The first that answers is taken; a refusal that must not lead to
// another address ends the race with an error.
func (w *waySearch) raceEndpoints(ctx context.Context, ends []endpoint) (s *session, failed []*failure, err error) {
	ctx, cancel := context.WithCancel(ctx)
	results := make(chan endpointResult)
	running, next := 0, time.NewTimer(0)
	defer next.Stop()
	defer func() {
		cancel()
		for ; running > 0; running-- {
			if late := <-results; late.s != nil {
				late.s.close()
			}
		}
	}()
	for len(ends) > 0 || running > 0 {
		select {
		case <-next.C:
			if len(ends) == 0 {
				continue
			}
			e := ends[0]
			ends = ends[1:]
			running++
			go func() {
				s, err := w.tryEndpoint(ctx, e)
				results <- endpointResult{s, err}
			}()
			next.Reset(stagger)
		case r := <-results:
			running--
			if r.err == nil {
				return r.s, nil, nil
			}
			f := asFailure(w.printer.Name, "its address", r.err)
			w.addEvidence("%s", ipp.Clean(f.Error(), 300))
			if !f.next {
				return nil, nil, f
			}
			failed = append(failed, f)
			next.Reset(0)
		}
	}
	return nil, failed, ctx.Err()
}

// tryEndpoint asks a printer at one port what it is, at one path after the
// other.
func (w *waySearch) tryEndpoint(ctx context.Context, e endpoint) (*session, error) {
	s, err := w.deliverer.connectPrinter(ctx, w.printer, w.known, e, &w.spoke)
	if f, ok := errors.AsType[*failure](err); ok && f.reason == outcome.ReasonTLSRequired {
		if up, upErr := w.upgradeToTLS(ctx, f.uri, f.up); upErr == nil {
			return up, nil
		}
	}
	return s, err
}

// upgradeToTLS connects by TLS to a printer that asks for it on plain IPP: at
// the address that it names, at the same port, or at one of the usual ones
// (RFC 2817, RFC 7472).
func (w *waySearch) upgradeToTLS(ctx context.Context, plain, said string) (*session, error) {
	u, err := url.Parse(plain)
	if err != nil {
		return nil, err
	}
	u.Scheme = schemeIPPS
	var uris []string
	if said != "" {
		uris = append(uris, said)
	}
	for _, port := range append([]string{u.Port()}, tlsPorts...) {
		u.Host = net.JoinHostPort(u.Hostname(), port)
		uris = append(uris, u.String())
	}
	for _, uri := range uris {
		var s *session
		if s, err = w.deliverer.connectPrinter(ctx, w.printer, w.known, endpoint{paths: []address{{uri}}}, &w.spoke); err == nil {
			s.sentUp = true
			return s, nil
		}
	}
	return nil, err
}

// noWay returns the failure after every allowed address was tried.
func noWay(p directory.Printer, tried []*failure, skipped bool) *failure {
	if len(tried) == 0 || skipped && tried[len(tried)-1].reason == outcome.ReasonNoTLS {
		return &failure{reason: outcome.ReasonPlain, cause: causeOf(tried),
			message: fmt.Sprintf("Printer %s can only be reached without encryption, and the directory forbids that.", p.Name)}
	}
	last := *tried[len(tried)-1]
	if f := mostTellingFailure(tried); f.reason == outcome.ReasonGarbled {
		last = *f
	}
	if last.reason == outcome.ReasonUnreachable {
		last.message = unreachableMessage(p.Name, strings.Join(p.URIs, ", "), last.cause)
	}
	return &last
}

func causeOf(tried []*failure) error {
	if len(tried) == 0 {
		return nil
	}
	return tried[len(tried)-1]
}
