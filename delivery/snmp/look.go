package snmp

import (
	"context"
	"errors"
	"time"
)

// Want is how much is asked.
type Want int

const (
	// Steady is what is asked before each release: can it print.
	Steady Want = iota
	// Full is all that reporting wants, in several lookups if need be.
	Full
)

// jetdirect is the context in which HP's network cards keep the printer.
const jetdirect = "Jetdirect"

// Look asks a printer what it is and how it is. host is a name or an address.
// It takes at most 2.5 seconds. known may be nil; the one returned is never
// nil and is to be passed in next time, after errors too.
//
// An error is of one of the kinds of this package, or context.Canceled. Once
// the printer has told its status there is no error: what was lost after that
// is missing, and Report.Complete is false.
func Look(ctx context.Context, host string, a Access, known *Known, w Want) (Report, *Known, error) {
	return lookWithin(ctx, host, a, known, w, usualLimits)
}

// Count asks only for prtMarkerLifeCount, in one exchange if the engine is
// known.
func Count(ctx context.Context, host string, a Access, known *Known) (lifeCount int64, err error) {
	return countWithin(ctx, host, a, known, usualLimits)
}

func lookWithin(ctx context.Context, host string, a Access, known *Known, w Want, t timeLimits) (Report, *Known, error) {
	c := &lookupCall{host: host, access: a, known: known.usableCopy(time.Now()), times: t}
	if err := a.Check(); err != nil {
		return Report{}, c.known, err
	}
	ctx, cancel := context.WithTimeout(ctx, t.total)
	defer cancel()
	err := c.retrySession(ctx, w, func(s *session) error {
		l := &lookup{source: s, known: c.known, want: w, v1: c.version() == "1", v3: c.version() == "3", spent: s.byteCount}
		err := l.askAll()
		c.report = l.report
		return err
	})
	c.report.Version = c.version()
	c.report.Sent, c.report.Received, c.report.Exchanges = c.sent, c.received, c.exchanges
	return c.report, c.known, err
}

func countWithin(ctx context.Context, host string, a Access, known *Known, t timeLimits) (n int64, err error) {
	c := &lookupCall{host: host, access: a, known: known.usableCopy(time.Now()), times: t}
	if err := a.Check(); err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, t.total)
	defer cancel()
	err = c.retrySession(ctx, Steady, func(s *session) error {
		name := c.known.lifeCount()
		v, err := s.getObjects(name)
		if err != nil {
			return err
		}
		var ok bool
		if n, ok = v.number(name); !ok || n < 0 {
			return s.newError(ErrNoPrinter, "it counts no pages")
		}
		return nil
	})
	return n, err
}

// lookupCall is one call of Look or Count: one session, or a few if the first
// failed.
type lookupCall struct {
	host   string
	access Access
	known  *Known
	times  timeLimits
	report Report

	sent, received, exchanges int
}

func (c *lookupCall) version() string { return c.completeAccess().Version }

// completeAccess returns the access, completed by what is known of the
// printer.
func (c *lookupCall) completeAccess() Access {
	a := c.access
	if a.Version == "" {
		a.Version = c.known.Version
	}
	if a.Context == "" {
		a.Context = c.known.Context
	}
	return a.withDefaults()
}

// retrySession calls do in a session, and again in another one where a stale
// engine, an old version or a hidden context may be why it failed.
func (c *lookupCall) retrySession(ctx context.Context, w Want, do func(*session) error) error {
	guess := w == Full && c.access.Version == "" && c.known.Version == ""
	t := c.times
	if guess {
		t.retries = 0 // so that there is time for version 1
	}
	hadEngine := c.known.Engine != nil
	err := c.inSession(ctx, t, do)
	switch {
	case errors.Is(err, ErrRefused) && hadEngine:
		// The engine may have another id or another time by now.
		c.known.Engine = nil
		err = c.inSession(ctx, c.times, do)
	case errors.Is(err, ErrSilent) && guess:
		c.known.Version = "1"
		err = c.inSession(ctx, c.times, do)
	}
	if errors.Is(err, ErrNoPrinter) && w == Full && c.version() == "3" && c.completeAccess().Context == "" {
		err = c.inJetdirect(ctx, do, err)
	}
	c.learnFrom(err)
	return err
}

func (c *lookupCall) inJetdirect(ctx context.Context, do func(*session) error, before error) error {
	c.known.Context = jetdirect
	if err := c.inSession(ctx, c.times, do); err == nil {
		return nil
	}
	c.known.Context = ""
	return before
}

// learnFrom keeps the version that answered. After silence it keeps nothing.
func (c *lookupCall) learnFrom(err error) {
	switch {
	case err == nil && c.access.Version == "":
		c.known.Version = c.version()
	case errors.Is(err, ErrNoPrinter):
		c.known.Device, c.known.Marker, c.known.Context = 0, 0, ""
	case errors.Is(err, ErrRefused):
		c.known.Engine = nil
	case errors.Is(err, ErrSilent):
		c.known.Version, c.known.Engine = "", nil
	}
}

func (c *lookupCall) inSession(ctx context.Context, t timeLimits, do func(*session) error) error {
	var e Engine
	if c.known.Engine != nil {
		e = *c.known.Engine
	}
	s, err := openSession(ctx, c.host, c.completeAccess(), e, t)
	if err != nil {
		return err
	}
	defer s.close()
	err = do(s)
	if e := s.learnedEngine(time.Now()); e != nil {
		c.known.Engine = e
	}
	c.sent, c.received, c.exchanges = c.sent+s.conn.sent, c.received+s.conn.received, c.exchanges+s.conn.asked
	return err
}

func (s *session) byteCount() int { return s.conn.sent + s.conn.received }
