package scout

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/identity"
	"github.com/printscout/printscout/spooler"
)

const (
	watchEvery = time.Hour        // addresses of a computer come and go
	watchTime  = 30 * time.Second // for one check of all of them
	watchFresh = time.Second      // many may ask at once; one check serves them all
)

// portWatch is what was last found out about who answers on the printer's
// port.
type portWatch struct {
	mu   sync.Mutex // held during a check
	at   time.Time
	last []control.Answer
}

// watchPort checks at the start and then every hour who answers on the
// printer's port, until ctx ends.
func (s *Scout) watchPort(ctx context.Context) error {
	again := time.NewTicker(watchEvery)
	defer again.Stop()
	for {
		s.portAnswers(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-again.C:
		}
	}
}

// portAnswers returns who answers where print clients look for the printer,
// nil if there is no printer yet, or no longer. Changes are logged.
func (s *Scout) portAnswers(ctx context.Context) []control.Answer {
	s.mu.Lock()
	p := s.printer
	s.mu.Unlock()
	if p == nil {
		return nil
	}
	w := &s.watch
	w.mu.Lock()
	defer w.mu.Unlock()
	if age := time.Since(w.at); !w.at.IsZero() && age < watchFresh {
		return w.last
	}
	ctx, cancel := context.WithTimeout(ctx, watchTime)
	defer cancel()
	found, err := p.Answers(ctx)
	if err != nil {
		return nil
	}
	var now []control.Answer
	for _, a := range found {
		now = append(now, control.Answer{Name: a.Name, Address: a.At.String(), Who: string(a.Who), Message: answerSentence(ctx, a)})
	}
	s.logAnswers(w.last, now)
	w.last, w.at = now, time.Now()
	return now
}

// logAnswers logs what has changed, without saying who answers.
func (s *Scout) logAnswers(before, now []control.Answer) {
	was := map[string]string{}
	for _, a := range before {
		was[a.Address] = a.Who
	}
	for _, a := range now {
		switch {
		case a.Who == was[a.Address], a.Who == control.Us && was[a.Address] == "":
		case a.Who == control.Us:
			s.log.Info("the agent answers on its port again", "address", a.Address)
		default:
			s.log.Error("the agent does not answer on its own port; printscout status says more", "address", a.Address, "name", a.Name, "answers", a.Who)
		}
	}
}

// answerSentence returns what people should know about an answer that is not
// ours.
func answerSentence(ctx context.Context, a spooler.Answer) string {
	place := a.At.String()
	if a.Name == "localhost" {
		place = "localhost (" + place + ")"
	}
	switch {
	case a.Who == spooler.Us:
		return ""
	case a.Who == spooler.Somebody && !a.At.Addr().IsLoopback():
		return fmt.Sprintf("localhost stands for %s, which is not this computer. What is printed to localhost may go there and not to Print Scout.", a.At.Addr())
	case a.Who == spooler.Somebody:
		return fmt.Sprintf("At %s another program answers%s. What is printed there goes to it and not to Print Scout.", place, listenerName(ctx, a.At))
	case a.Who == spooler.Nobody:
		return fmt.Sprintf("At %s no program answers: Print Scout does not listen there, and another program could.", place)
	case !a.At.IsValid():
		return fmt.Sprintf("What localhost stands for could not be found out: %v.", a.Err)
	}
	return fmt.Sprintf("Who answers at %s could not be found out: %v.", place, a.Err)
}

// listenerName names the program that listens at an address, as far as the
// system discloses it.
func listenerName(ctx context.Context, at netip.AddrPort) string {
	l, err := identity.OfListener(ctx, at)
	if err != nil {
		return ""
	}
	return ": " + l.String()
}
