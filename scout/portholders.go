package scout

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/printscout/printscout/spooler"
)

// portFile, in the state folder, remembers which other programs had the
// printer's port when the agent wanted it.
const portFile = "port.json"

// holding is a time in which another program had the printer's port. What was
// printed then went to that program.
type holding struct {
	Port  int       `json:"port"`
	By    string    `json:"by"` // a program and its user, as identity.Listener says it; "" unknown
	First time.Time `json:"first"`
	Last  time.Time `json:"last"` // it was seen
}

const (
	holdingTime  = 7 * 24 * time.Hour // that status speaks of it
	mostHoldings = 16
)

func (h holding) String() string {
	by := h.By
	if by == "" {
		by = "a program that the system does not name"
	}
	when := "on " + h.First.Local().Format(time.DateTime)
	if h.Last.After(h.First) {
		when = fmt.Sprintf("from %s to %s at least", h.First.Local().Format(time.DateTime), h.Last.Local().Format(time.DateTime))
	}
	return fmt.Sprintf("Port %d was held by %s %s, while Print Scout was not running. What was printed then may have gone there.", h.Port, by, when)
}

type keptHoldings struct {
	Holdings []holding `json:"holdings"`
}

func readHoldings(dir string) (kept keptHoldings) {
	// It is for people to read: where it cannot be had, nothing depends on it.
	_, _ = readJSON(filepath.Join(dir, portFile), &kept, func() bool { return true })
	return kept
}

// portTaken adds to the error of a port that is taken who has it, and keeps that
// for the next start: by then the other program may be gone.
func (s *Scout) portTaken(ctx context.Context, err error) error {
	taken, ok := errors.AsType[*spooler.TakenError](err)
	if !ok {
		return err
	}
	by := holder(ctx, taken.At)
	dir, now := s.cfg.Settings.StateDir, s.now().UTC()
	kept := readHoldings(dir)
	kept.add(holding{Port: int(taken.At.Port()), By: strings.TrimPrefix(by, ": "), First: now, Last: now})
	if kerr := writeJSON(filepath.Join(dir, portFile), kept); kerr != nil {
		s.log.Error("which program holds the printer's port could not be kept", "error", kerr)
	}
	return fmt.Errorf("%w%s", err, by)
}

// add prolongs the last holding where it is by the same program still.
func (k *keptHoldings) add(h holding) {
	if n := len(k.Holdings); n > 0 && k.Holdings[n-1].Port == h.Port && k.Holdings[n-1].By == h.By {
		k.Holdings[n-1].Last = h.Last
		return
	}
	k.Holdings = append(k.Holdings, h)
	k.Holdings = k.Holdings[max(0, len(k.Holdings)-mostHoldings):]
}

// recallHoldings keeps for status what is not too long ago, and says in the log
// that there is something.
func (s *Scout) recallHoldings() {
	kept := readHoldings(s.cfg.Settings.StateDir).Holdings
	s.held = slices.DeleteFunc(kept, func(h holding) bool { return s.now().Sub(h.Last) > holdingTime })
	for _, h := range s.held {
		s.log.Error("another program held the printer's port before this start; printscout status says which", "port", h.Port, "first", h.First, "last", h.Last)
	}
}
