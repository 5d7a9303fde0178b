package preferences

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/printscout/printscout/internal/durable"
)

// How long another process may have the preferences, which takes it some
// milliseconds, and how often it is tried again.
const (
	lockTime  = 5 * time.Second
	lockEvery = 10 * time.Millisecond
)

// errBusy means that another process has the preferences for longer than that.
var errBusy = errors.New("another program is writing the preferences")

// lock waits for the lock that a file is.
func lock(path string) (unlock func() error, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking the preferences: %w", err)
	}
	late := time.NewTimer(lockTime)
	defer late.Stop()
	again := time.NewTicker(lockEvery)
	defer again.Stop()
	for {
		err := durable.TryLock(f)
		if err == nil {
			return f.Close, nil
		}
		if !errors.Is(err, durable.ErrLocked) {
			return nil, errors.Join(fmt.Errorf("locking the preferences: %w", err), f.Close())
		}
		select {
		case <-again.C:
		case <-late.C:
			return nil, errors.Join(errBusy, f.Close())
		}
	}
}
