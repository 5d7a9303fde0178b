package delivery

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/printscout/printscout/delivery/snmp"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/internal/outcome"
)

// recheckInterval returns how long to wait before a busy printer is asked
// again.
func recheckInterval(since time.Duration) time.Duration {
	if since < 5*time.Second {
		return 500 * time.Millisecond
	}
	return 2 * time.Second
}

// awaitReady waits, within the time a person would, for a printer that is busy
// or needs a person.
func (a *attempt) awaitReady(ctx context.Context) error {
	return a.retryPatiently(ctx, func() error {
		if err := a.session.info.checkReady(a.printer.Name); err != nil {
			return err
		}
		return a.heedSNMP(ctx, besideWait, snmp.IPP{Answered: true, Stopped: a.session.info.stopped() && len(a.session.info.blockingReasons()) > 0})
	}, a.session.refreshState)
}

// retryPatiently calls try again as long as the printer is busy or needs a
// person, and the time for that lasts. It calls between before each new try.
func (a *attempt) retryPatiently(ctx context.Context, try func() error, between func(context.Context) error) error {
	began := time.Now()
	for {
		err := try()
		if err == nil {
			a.tellGoesOn()
			return nil
		}
		f := a.asFailure(err)
		if !a.mayPass(f) || time.Since(began) >= a.deliverer.limit.Ready {
			return err
		}
		a.tellWaiting(f.reason, f.message+f.remedy())
		if err := pauseFor(ctx, recheckInterval(time.Since(began))); err != nil {
			return err
		}
		if err := between(ctx); err != nil {
			a.addEvidence("Asking again: %s", ipp.Clean(err.Error(), 300))
		}
	}
}

// mayPass reports whether a failure may end soon, with the same printer. A
// printer that takes no jobs while it prints may take one afterwards; an idle
// one has been told to take none.
func (a *attempt) mayPass(f *failure) bool {
	switch f.reason {
	case outcome.ReasonBusy, outcome.ReasonStopped:
		return true
	case outcome.ReasonNotAccepting:
		return a.session != nil && a.session.info.processing()
	}
	return false
}

func (f *failure) remedy() string {
	if f.reason == outcome.ReasonStopped {
		return " It goes on once that is seen to."
	}
	return ""
}

// checkPrinterUUID makes sure that the printer is the one that was added to
// the directory: addresses move, and what was meant for one desk would come
// out at another.
func (a *attempt) checkPrinterUUID() error {
	want, has := a.printer.UUID, a.session.info.uuid()
	switch {
	case want == "" || want == has:
		return nil
	case has == "" && a.session.grade() == directory.GradePinned:
		a.addEvidence("The printer did not say its printer-uuid. Its key is the pinned one.")
		return nil
	case has == "":
		has = "none"
	}
	return a.anotherPrinter("UUID", strings.TrimPrefix(has, "urn:uuid:"))
}

func (a *attempt) anotherPrinter(what, is string) error {
	return &failure{reason: outcome.ReasonAnother,
		message: fmt.Sprintf("Another printer answers at the address of printer %s: its %s is %s. Nothing was sent.", a.printer.Name, what, is)}
}

// waitsForPerson returns what a person has to do at a printer that prints, ""
// if nothing.
func (a *attempt) waitsForPerson(ctx context.Context) string {
	if err := a.session.refreshState(ctx); err != nil {
		return ""
	}
	blocked := a.session.info.blockingReasons()
	if len(blocked) == 0 {
		return ""
	}
	return fmt.Sprintf("Printer %s waits: %s.", a.printer.Name, a.session.info.stopWords())
}
