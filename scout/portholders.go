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

// portFile, in the state folder, records which other programs held the
// printer's port when the agent wanted it.
const portFile = "port.json"

// portHolding is a period in which another program held the printer's port.
// What was printed then went to that program.
type portHolding struct {
	Port  int       `json:"port"`
	By    string    `json:"by"` // a program and its user, as identity.Listener names it; "" if unknown
	First time.Time `json:"first"`
	Last  time.Time `json:"last"` // when it was last seen
}

const (
	holdingTime  = 7 * 24 * time.Hour // how long status shows a holding
	mostHoldings = 16
)

func (h portHolding) String() string {
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

type portHoldings struct {
	Holdings []portHolding `json:"holdings"`
}

func readHoldings(dir string) (kept portHoldings) {
	// Only people read it: nothing depends on it if it cannot be read.
	_, _ = readJSON(filepath.Join(dir, portFile), &kept, func() bool { return true })
	return kept
}

// portTaken adds to the error of a taken port who holds it, and records that
// for the next start: by then the other program may be gone.
func (s *Scout) portTaken(ctx context.Context, err error) error {
	taken, ok := errors.AsType[*spooler.TakenError](err)
	if !ok {
		return err
	}
	by := listenerName(ctx, taken.At)
	dir, now := s.cfg.Settings.StateDir, s.now().UTC()
	kept := readHoldings(dir)
	kept.addHolding(portHolding{Port: int(taken.At.Port()), By: strings.TrimPrefix(by, ": "), First: now, Last: now})
	if kerr := writeJSON(filepath.Join(dir, portFile), kept); kerr != nil {
		s.log.Error("which program holds the printer's port could not be kept", "error", kerr)
	}
	return fmt.Errorf("%w%s", err, by)
}

// addHolding extends the last holding if the same program still holds the
// port.
func (k *portHoldings) addHolding(h portHolding) {
	if n := len(k.Holdings); n > 0 && k.Holdings[n-1].Port == h.Port && k.Holdings[n-1].By == h.By {
		k.Holdings[n-1].Last = h.Last
		return
	}
	k.Holdings = append(k.Holdings, h)
	k.Holdings = k.Holdings[max(0, len(k.Holdings)-mostHoldings):]
}

// recallHoldings keeps recent holdings for status, and logs that there are
// some.
func (s *Scout) recallHoldings() {
	kept := readHoldings(s.cfg.Settings.StateDir).Holdings
	s.held = slices.DeleteFunc(kept, func(h portHolding) bool { return s.now().Sub(h.Last) > holdingTime })
	for _, h := range s.held {
		s.log.Error("another program held the printer's port before this start; printscout status says which", "port", h.Port, "first", h.First, "last", h.Last)
	}
}
