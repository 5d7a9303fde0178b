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
	watchTime  = 30 * time.Second // for one look at all of them
	watchFresh = time.Second      // many may ask at once; one look does for them
)

// watch is what was last found out about who answers on the printer's port.
type watch struct {
	mu   sync.Mutex // held while it is found out
	at   time.Time
	last []control.Answer
}

// watchPort looks at the start and then every hour who answers on the
// printer's port, until ctx ends.
func (s *Scout) watchPort(ctx context.Context) error {
	again := time.NewTicker(watchEvery)
	defer again.Stop()
	for {
		s.whoAnswers(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-again.C:
		}
	}
}

// whoAnswers says who answers where print clients look for the printer; nil
// where there is no printer yet, or no more. What is new is logged.
func (s *Scout) whoAnswers(ctx context.Context) []control.Answer {
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
		now = append(now, control.Answer{Name: a.Name, Address: a.At.String(), Who: string(a.Who), Message: sentence(ctx, a)})
	}
	s.logAnswers(w.last, now)
	w.last, w.at = now, time.Now()
	return now
}

// logAnswers tells of what has changed. Who it is stays out of the log.
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

// sentence is what people should know of an answer that is not ours.
func sentence(ctx context.Context, a spooler.Answer) string {
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
		return fmt.Sprintf("At %s another program answers%s. What is printed there goes to it and not to Print Scout.", place, holder(ctx, a.At))
	case a.Who == spooler.Nobody:
		return fmt.Sprintf("At %s nobody answers: Print Scout does not listen there, and another program could.", place)
	case !a.At.IsValid():
		return fmt.Sprintf("What localhost stands for could not be found out: %v.", a.Err)
	}
	return fmt.Sprintf("Who answers at %s could not be found out: %v.", place, a.Err)
}

// holder names who listens at an address, as far as the system says it to us.
func holder(ctx context.Context, at netip.AddrPort) string {
	l, err := identity.OfListener(ctx, at)
	if err != nil {
		return ""
	}
	return ": " + l.String()
}
