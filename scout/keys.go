package scout

import (
	"crypto/rand"
	"errors"
	"fmt"
	"slices"

	"github.com/printscout/printscout/vault/keystore"
)

// openKeys opens the agent's own secrets and logs how they are protected at
// rest.
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

// statusWarnings returns what status warns of: settings, the protection of the
// secrets, broken files, and other programs on the printer's port.
func (s *Scout) statusWarnings() []string {
	all := append(slices.Clone(s.cfg.Warnings), s.settingWarnings()...)
	if w := s.keys.Rest().Warning; w != "" {
		all = append(all, w)
	}
	if w := s.portWarning(); w != "" {
		all = append(all, w)
	}
	all = append(all, brokenFiles(s.cfg.Settings.StateDir)...)
	for _, h := range s.held {
		all = append(all, h.String())
	}
	return append(all, s.membership.rivalWarnings()...)
}

// errKeySize means that a key of the agent has been cut off or emptied, as a
// full disk or a power cut does. It is not replaced by itself: the parked jobs
// and the server know the earlier key.
var errKeySize = errors.New("it does not have the size of a key: restore the folder keys from a backup, or remove the state folder and enroll this computer again")

// loadOrMakeKey loads a secret of a given size, and makes it the first time.
func (s *Scout) loadOrMakeKey(name string, size int, make func() ([]byte, error)) ([]byte, error) {
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

// randomKey returns the 32 random bytes of a symmetric key, or of a seed.
func randomKey() []byte {
	b := make([]byte, 32)
	rand.Read(b) // never fails: crypto/rand
	return b
}
