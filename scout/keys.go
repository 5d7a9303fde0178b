package scout

import (
	"crypto/rand"
	"errors"
	"fmt"
	"slices"

	"github.com/printscout/printscout/vault/keystore"
)

// openKeys opens the agent's own secrets and says in the log how they rest.
func (s *Scout) openKeys(dir string) (err error) {
	if s.keys, err = keystore.Open(dir); err != nil {
		return err
	}
	rest := s.keys.Rest()
	if len(rest.Moved) > 0 {
		s.log.Warn("secrets that were in plain files, or sealed under a former key, are sealed now", "names", rest.Moved, "rest", string(rest.How))
	}
	if rest.Warning != "" {
		s.log.Warn(rest.Warning)
	}
	return nil
}

// warnings are about the settings, and about how the secrets rest.
func (s *Scout) warnings() []string {
	all := slices.Clone(s.cfg.Warnings)
	if w := s.keys.Rest().Warning; w != "" {
		all = append(all, w)
	}
	all = append(all, brokenFiles(s.cfg.Settings.StateDir)...)
	for _, h := range s.held {
		all = append(all, h.String())
	}
	return append(all, s.member.warnings()...)
}

// errKeySize means that a key of the agent's has been cut off or emptied, as a
// full disk or a power cut does. No other takes its place by itself: the parked
// jobs, and the server, know the one that was there.
var errKeySize = errors.New("it has not the size of a key: bring the folder keys back from a backup, or remove the state folder and enroll this computer again")

// secret is a kept secret of a size, made at the first time.
func (s *Scout) secret(name string, size int, make func() ([]byte, error)) ([]byte, error) {
	raw, err := s.keys.Load(name)
	if err == nil && len(raw) != size {
		err = fmt.Errorf("reading the scout's %s key: %w", name, errKeySize)
	}
	if !errors.Is(err, keystore.ErrNotFound) {
		return raw, err
	}
	if raw, err = make(); err != nil {
		return nil, fmt.Errorf("making the scout's %s key: %w", name, err)
	}
	return raw, s.keys.Save(name, raw)
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails: crypto/rand
	return b
}
