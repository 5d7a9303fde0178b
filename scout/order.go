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

// How far an order's time may be from ours, and how long an order may be valid
// (docs/protocol.md).
const (
	maxSkew  = 90 * time.Second
	maxValid = 2 * time.Minute
)

// Order carries out an order of the server, if it may: it is a request of a
// party that may be compromised. An order that was accepted before is not
// carried out again; its result is repeated.
func (s *Scout) Order(ctx context.Context, o wire.Order) wire.Result {
	done, first := s.beginOrder(o.ID)
	if !first {
		select {
		case <-done:
		case <-ctx.Done():
			return wire.Result{} // it is still being carried out
		}
	} else {
		defer s.endOrder(o.ID)
	}
	switch e := s.orders.lastEntry(o.ID); {
	case e != nil && e.Result != nil:
		return wireResult(o, e.Result.Printer, e.Result.Result)
	case e != nil && e.hasBegun():
		return wire.Result{} // the next start finds out what became of it
	}
	id, printer, refused := s.checkOrder(o)
	if refused != nil {
		s.quiet.Warn("an order of the server was refused", refused.Reason, "order", o.ID, "job", o.Job)
		return wireResult(o, refused.Printer, refused.Result)
	}
	if !s.beginWork() {
		return wireResult(o, o.Printer, outcome.Result{State: outcome.NotSent, Reason: outcome.ReasonInterrupted})
	}
	defer s.working.Done()
	result := s.releaseJob(id, printer, o.ID, func(string) {})
	if result.Reason == outcome.ReasonLeft {
		return wire.Result{} // it is continued after the next start
	}
	return wireResult(o, result.Printer, result.Result)
}

// beginOrder reports whether no other call is at work on the order; if one is,
// done is closed when that has ended.
func (s *Scout) beginOrder(order string) (done chan struct{}, first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if done, ok := s.ordering[order]; ok {
		return done, false
	}
	done = make(chan struct{})
	s.ordering[order] = done
	return done, true
}

// endOrder marks the work on an order as ended.
func (s *Scout) endOrder(order string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.ordering[order])
	delete(s.ordering, order)
}

// checkOrder returns the job and printer of an order, or why it is refused. An
// order must be fresh, unseen, for a printer that the site has signed, for a
// job that is here and may be released, and by the job's owner.
func (s *Scout) checkOrder(o wire.Order) (uuid.UUID, directory.Printer, *control.Result) {
	no := func(reason, message string) (uuid.UUID, directory.Printer, *control.Result) {
		r := notSentResult(o.Job, o.Printer, reason, message)
		return uuid.Nil, directory.Printer{}, &r
	}
	id, err := uuid.Parse(o.Job)
	if err != nil || o.ID == "" {
		return no(outcome.ReasonOrderMalformed, "")
	}
	if why := staleSentence(o, s.now()); why != "" {
		return no(outcome.ReasonOrderStale, why)
	}
	if s.orders.lastEntry(o.ID) != nil {
		return no(outcome.ReasonOrderReplayed, "")
	}
	printer, err := s.membership.findPrinter(o.Printer)
	if err != nil {
		return no(outcome.ReasonPrinterUnknown, "")
	}
	j, ok := s.table.jobByID(id)
	if !ok {
		return no(outcome.ReasonJobUnknown, "")
	}
	if !hmac.Equal([]byte(o.User), []byte(s.ownerTag(j.ticket.User))) {
		return no(outcome.ReasonNotOwner, "")
	}
	switch {
	case s.printerID.isPaused():
		return no(outcome.ReasonPrinterPaused, pausedSentence)
	case !s.isOwnerProven(&j):
		return no(outcome.ReasonOwnerClaimed, "")
	case j.isHeld():
		return no(outcome.ReasonJobHeld, j.reasonSentence())
	}
	if s.mustWait(&j) {
		return no(outcome.ReasonJobWaiting, waitingSentence)
	}
	if j.note.State != Parked {
		return no(reasonOfState(j.note.State), "")
	}
	return id, printer, s.checkOrderedPIN(&j, o)
}

// staleSentence says why an order is not fresh, "" if it is.
func staleSentence(o wire.Order, now time.Time) string {
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

// ownerTag returns the tag that stands for a person at the server: the same
// for all jobs of that person on this computer, and meaningless without the
// scout's key.
func (s *Scout) ownerTag(user string) string {
	mac := hmac.New(sha256.New, s.tagKey)
	mac.Write([]byte("printscout owner tag v1\x00" + user))
	return strings.ToLower(base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(mac.Sum(nil)[:10]))
}

// wireResult returns what the server may know of a result: words of package
// outcome and numbers. What the printer said in its own words stays here.
func wireResult(o wire.Order, printer string, r outcome.Result) wire.Result {
	return wire.ResultOf(o.ID, o.Job, printer, r.Words())
}
