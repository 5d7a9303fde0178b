package scout

import (
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
	return append(all, s.member.warnings()...)
}
