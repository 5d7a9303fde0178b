package keystore

import (
	"errors"
	"os"
	"time"

	"github.com/printscout/printscout/internal/durable"
)

// openLock, in lock_unix.go and lock_windows.go, opens the file or folder that
// processes lock before they use the folder.

// patience is how long a call waits for another process.
const patience = 10 * time.Second

const lockInterval = 5 * time.Millisecond

// lock keeps other processes and goroutines from using the folder.
func (s *Store) lock() (unlock func() error, err error) {
	s.mu.Lock()
	f, err := s.lockFolder()
	if err != nil {
		s.mu.Unlock()
		return nil, err
	}
	return func() error {
		defer s.mu.Unlock()
		return f.Close()
	}, nil
}

func (s *Store) lockFolder() (*os.File, error) {
	f, err := openLock(s.dir)
	if err != nil {
		return nil, err
	}
	late := time.NewTimer(s.patience)
	defer late.Stop()
	again := time.NewTicker(lockInterval)
	defer again.Stop()
	for {
		err := durable.TryLock(f)
		switch {
		case err == nil:
			return f, nil
		case !errors.Is(err, durable.ErrLocked):
			return nil, errors.Join(err, f.Close())
		}
		select {
		case <-again.C:
		case <-late.C:
			return nil, errors.Join(ErrBusy, f.Close())
		}
	}
}
