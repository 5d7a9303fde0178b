package scout

import (
	"context"
	"time"
)

const (
	// shredEvery is how long the remains of a destroyed job's wrapped keys on
	// the medium may still be opened with the keys that are left.
	shredEvery = time.Hour
	// shredRetry is how soon a failed rotation is tried again.
	shredRetry = 5 * time.Minute
)

// rotateShredKey replaces the vault's shred key every hour, and at the start
// if it is older, if a job was destroyed under it, until ctx ends. Consecutive
// failures are logged once, and so is their end.
func (s *Scout) rotateShredKey(ctx context.Context) error {
	wait, failing := min(max(0, shredEvery-s.vault.ShredKeyAge()), shredEvery), false
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.cfg.After(wait):
		}
		err := s.vault.RotateShredKey(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && !failing:
			s.log.Error("the shred key could not be replaced; it is tried again until it can be", "retry_minutes", shredRetry.Minutes(), "error", err)
		case err == nil && failing:
			s.log.Info("the shred key can be replaced again")
		}
		wait, failing = shredEvery, err != nil
		if failing {
			wait = shredRetry
		}
	}
}
