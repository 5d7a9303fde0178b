package scout

import (
	"context"
	"time"
)

// shredEvery is how long what is left on the medium of a destroyed job's
// wrapped keys may still be opened with the keys that are left.
const shredEvery = time.Hour

// rotateShredKey replaces the vault's shred key every hour, and at the start if
// it is older, wherever a job was destroyed under it, until ctx ends.
func (s *Scout) rotateShredKey(ctx context.Context) error {
	wait := max(0, shredEvery-s.vault.ShredKeyAge())
	for {
		timer := time.NewTimer(min(wait, shredEvery))
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		}
		if err := s.vault.RotateShredKey(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("the shred key could not be replaced; it is tried again in an hour", "error", err)
		}
		wait = shredEvery
	}
}
