package scout

import (
	"fmt"
	"slices"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/settings"
)

// mayJoin returns why the settings forbid to join the site of a bundle, nil if
// they do not. A computer of the pinned site may join it again under the keys
// that have succeeded the pinned ones.
func (s *Scout) mayJoin(fingerprint string) error {
	e, _ := s.membership.current()
	isOurs := e != nil && e.Site.Fingerprint() == fingerprint
	pin := s.liveSettings().Site
	switch {
	case pin == settings.NoSite:
		return s.forbiddenBy("Site", "lets this computer join no site")
	case pin != "" && pin != fingerprint && !(isOurs && e.belongsTo(pin)):
		return s.forbiddenBy("Site", fmt.Sprintf("lets this computer join only the site %s; the bundle is of %s", pin, fingerprint))
	case e != nil && !isOurs:
		return s.mayLeave()
	}
	return nil
}

// mayLeave returns why the settings forbid this computer to leave its site, nil
// if they do not.
func (s *Scout) mayLeave() error {
	if s.liveSettings().LeaveSite {
		return nil
	}
	return s.forbiddenBy("LeaveSite", "does not let this computer leave its site")
}

// forbiddenBy returns the refusal of something that a setting forbids. It says
// where the setting is made.
func (s *Scout) forbiddenBy(name, what string) error {
	return &control.Error{
		Code: control.CodeForbidden, Message: fmt.Sprintf("the setting %s (%s) %s", name, s.settingSource(name), what),
		Hint: "whoever manages this computer decides on that: printscout settings explain " + name,
	}
}

// settingSource says in words which source decides on a setting.
func (s *Scout) settingSource(name string) string {
	c := &s.configured
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range c.intended.Found(name) {
		if f.Decides && f.Problem != "" {
			return fmt.Sprintf("%s, %s, which cannot be used: %s", f.Origin, f.Where, f.Problem)
		}
		if f.Decides {
			return fmt.Sprintf("%s, %s", f.Origin, f.Where)
		}
	}
	if failures := c.intended.PolicyFailures(); len(failures) > 0 {
		return failures[0].String()
	}
	return string(settings.FromDefault)
}

// belongsTo reports whether a fingerprint is of this site's keys, now or before
// they were succeeded.
func (e *enrollment) belongsTo(fingerprint string) bool {
	return slices.ContainsFunc(e.lineage(), func(p directory.Public) bool { return p.Fingerprint() == fingerprint })
}
