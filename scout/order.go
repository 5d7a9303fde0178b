package scout

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/outcome"
)

// How far an order's time may be from ours, and how long one may be good for
// (docs/protocol.md).
const (
	maxSkew  = 90 * time.Second
	maxValid = 2 * time.Minute
)

// Order carries out an order of the server, if it may: it is a request of
// somebody who may have been taken over. An order that was taken up before is
// not carried out again; its result is repeated.
func (s *Scout) Order(ctx context.Context, o wire.Order) wire.Result {
	done, first := s.enter(o.ID)
	if !first {
		select {
		case <-done:
		case <-ctx.Done():
			return wire.Result{} // it is still being carried out
		}
	} else {
		defer s.leave(o.ID)
	}
	switch e := s.orders.seen(o.ID); {
	case e != nil && e.Result != nil:
		return asWire(o, e.Result.Printer, e.Result.Result)
	case e != nil && e.begun():
		return wire.Result{} // the next start finds out what became of it
	}
	id, printer, refused := s.check(o)
	if refused != nil {
		s.quiet.Warn("an order of the server was refused", refused.Reason, "order", o.ID, "job", o.Job)
		return asWire(o, refused.Printer, refused.Result)
	}
	if !s.beginWork() {
		return asWire(o, o.Printer, outcome.Result{State: outcome.NotSent, Reason: outcome.ReasonInterrupted})
	}
	defer s.working.Done()
	result := s.execute(id, printer, o.ID, func(string) {})
	if result.Reason == outcome.ReasonLeft {
		return wire.Result{} // it goes on after the next start
	}
	return asWire(o, result.Printer, result.Result)
}

// enter reports whether no other call is at work on the order; if one is, done
// is closed when that has ended.
func (s *Scout) enter(order string) (done chan struct{}, first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if done, ok := s.ordering[order]; ok {
		return done, false
	}
	done = make(chan struct{})
	s.ordering[order] = done
	return done, true
}

func (s *Scout) leave(order string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.ordering[order])
	delete(s.ordering, order)
}

// check holds an order against what every one must be: fresh, unseen, at a
// printer the site has signed, for a job that is there and may be released,
// and of the person it names.
func (s *Scout) check(o wire.Order) (uuid.UUID, directory.Printer, *control.Result) {
	no := func(reason, message string) (uuid.UUID, directory.Printer, *control.Result) {
		r := notSent(o.Job, o.Printer, reason, message)
		return uuid.Nil, directory.Printer{}, &r
	}
	id, err := uuid.Parse(o.Job)
	if err != nil || o.ID == "" {
		return no(outcome.ReasonOrderMalformed, "")
	}
	if why := stale(o, s.now()); why != "" {
		return no(outcome.ReasonOrderStale, why)
	}
	if s.orders.seen(o.ID) != nil {
		return no(outcome.ReasonOrderReplayed, "")
	}
	printer, err := s.member.printer(o.Printer)
	if err != nil {
		return no(outcome.ReasonPrinterUnknown, "")
	}
	j, ok := s.table.get(id)
	if !ok {
		return no(outcome.ReasonJobUnknown, "")
	}
	if !hmac.Equal([]byte(o.User), []byte(s.ownerTag(j.ticket.User))) {
		return no(outcome.ReasonNotOwner, "")
	}
	switch {
	case s.printerID.paused():
		return no(outcome.ReasonPrinterPaused, pausedSentence)
	case !s.proven(&j):
		return no(outcome.ReasonOwnerClaimed, "")
	case j.held():
		return no(outcome.ReasonJobHeld, j.reason())
	}
	if s.waits(&j) {
		return no(outcome.ReasonJobWaiting, waitingSentence)
	}
	if j.note.State != Parked {
		return no(reasonOfState(j.note.State), "")
	}
	return id, printer, s.checkOrderedPIN(&j, o)
}

// stale says why an order is not fresh, "" if it is.
func stale(o wire.Order, now time.Time) string {
	switch off := now.Sub(o.Issued); {
	case off > maxSkew:
		return fmt.Sprintf("The order is %s old, or this computer's clock is ahead.", off.Round(time.Second))
	case off < -maxSkew:
		return fmt.Sprintf("The order is from %s ahead of this computer's clock.", (-off).Round(time.Second))
	case !now.Before(o.Expires):
		return "The order has expired."
	case o.Expires.Sub(o.Issued) > maxValid:
		return "The order asks to be good for too long."
	}
	return ""
}

// ownerTag stands for a person towards the server: the same for all jobs of
// one person on this computer, and meaningless to anybody without the
// scout's key.
func (s *Scout) ownerTag(user string) string {
	mac := hmac.New(sha256.New, s.tagKey)
	mac.Write([]byte("printscout owner tag v1\x00" + user))
	return strings.ToLower(base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(mac.Sum(nil)[:10]))
}

// asWire is what the server may know of a result: words of package outcome and
// numbers. What the printer said in its own words stays here.
func asWire(o wire.Order, printer string, r outcome.Result) wire.Result {
	return wire.ResultOf(o.ID, o.Job, printer, r.Words())
}
