package scout

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/settings"
)

// rereadEvery is how often the sources of the settings are read again.
const rereadEvery = time.Minute

// configuration is what is known of the settings: those in effect, and what
// their sources say.
type configuration struct {
	// live has the values in effect once one of them has changed.
	live atomic.Pointer[settings.Values]

	mu       sync.Mutex
	origins  map[string]settings.Origin // of the values in effect
	intended *settings.Settings         // what the sources say
	problems []settings.Problem         // of the last reading
	read     time.Time
	failure  string // why the last reading is not used, "" if it is
	changed  *control.SettingsChange
}

func (c *configuration) start(cfg *Config) {
	c.intended, c.read = cfg.Configured, cfg.Now()
	if c.intended == nil {
		c.intended = &settings.Settings{Values: cfg.Settings, Origins: map[string]settings.Origin{}}
	}
	c.problems, c.origins = c.intended.Problems, map[string]settings.Origin{}
	for name, origin := range c.intended.Origins {
		c.origins[name] = origin
	}
}

// liveSettings returns the settings in effect. They are not changed once they
// are shared, but replaced.
func (s *Scout) liveSettings() *settings.Values {
	if v := s.configured.live.Load(); v != nil {
		return v
	}
	return &s.cfg.Settings
}

// watchSettings reads the settings again every minute, and when it is asked to,
// until ctx ends.
func (s *Scout) watchSettings(ctx context.Context) error {
	for s.cfg.Reread != nil {
		select {
		case <-ctx.Done():
			return nil
		case <-s.cfg.Reload:
		case <-s.cfg.After(rereadEvery):
		}
		s.rereadSettings()
	}
	return nil
}

// rereadSettings carries out what has changed in the sources. As long as the
// file or a policy cannot be read nothing changes: a file that is just being
// written must not unpin what it pins.
func (s *Scout) rereadSettings() {
	next, err := s.cfg.Reread()
	was := *s.liveSettings()
	s.carryOut(s.adoptReading(next, err), was)
	s.hub.statusChanged()
}

// adoptReading puts a reading into effect and returns what that has changed, nil
// for nothing.
func (s *Scout) adoptReading(next *settings.Settings, err error) *control.SettingsChange {
	c := &s.configured
	c.mu.Lock()
	defer c.mu.Unlock()
	c.read = s.now()
	before := c.failure
	c.failure = ""
	if err != nil {
		c.failure = err.Error()
	} else if failures := next.PolicyFailures(); len(failures) > 0 {
		c.failure = failures[0].String()
	}
	if c.failure != "" && c.failure != before {
		s.log.Error("the settings cannot be read again and stay as they are", "error", c.failure)
	}
	if err == nil {
		s.logNewProblems(next.Problems)
		c.problems = next.Problems
	}
	if c.failure != "" {
		return nil
	}
	return c.adopt(next, *s.liveSettings(), s.now())
}

// logNewProblems logs each problem once for as long as it lasts; mu is held.
func (s *Scout) logNewProblems(problems []settings.Problem) {
	for _, p := range problems {
		if !slices.Contains(s.configured.problems, p) {
			s.log.Warn("a setting is not used", "warning", p.String())
		}
	}
}

// adopt puts the live settings of a reading into effect and returns what has
// changed, nil for nothing; mu is held.
func (c *configuration) adopt(next *settings.Settings, was settings.Values, now time.Time) *control.SettingsChange {
	values := was
	change := &control.SettingsChange{At: now.UTC(), Changed: []string{}, Pending: []string{}, Policy: []string{}}
	for _, row := range settings.Table() {
		differs := !settings.SameValue(row.Value(&values), row.Value(&next.Values))
		isNew := !settings.SameValue(row.Value(&c.intended.Values), row.Value(&next.Values))
		if differs && row.Live {
			row.Copy(&values, &next.Values)
			change.Changed = append(change.Changed, row.Name)
		} else if differs && isNew {
			change.Pending = append(change.Pending, row.Name)
		}
		if differs && (row.Live || isNew) && next.IsPinned(row.Name) {
			change.Policy = append(change.Policy, row.Name)
		}
		if !differs || row.Live {
			c.origins[row.Name] = next.Origins[row.Name]
		}
	}
	c.intended = next
	if len(change.Changed)+len(change.Pending) == 0 {
		return nil
	}
	if len(change.Changed) > 0 {
		c.live.Store(&values)
	}
	c.changed = change
	return change
}

// carryOut does what a change of live settings calls for beside their new
// values.
func (s *Scout) carryOut(change *control.SettingsChange, was settings.Values) {
	if change == nil {
		return
	}
	s.log.Info("the settings have changed", "changed", change.Changed, "pending_restart", change.Pending, "by_policy", change.Policy)
	is := s.liveSettings()
	if is.LogLevel != was.LogLevel && s.cfg.SetLogLevel != nil {
		s.cfg.SetLogLevel(is.LogLevel)
	}
	if is.MinFreeMB != was.MinFreeMB {
		s.vault.SetMinFree(int64(is.MinFreeMB) << 20)
	}
	if is.Registration != was.Registration {
		s.updateWaiting()
	}
	if is.QueueChecksUsers != was.QueueChecksUsers {
		s.table.forEachJob(func(j *job) { s.hub.jobChanged(j) })
	}
}

// Settings returns the settings in effect, with what waits for a restart and
// what cannot be used.
func (s localAPI) Settings(caller control.Caller) control.Settings {
	c := &s.configured
	c.mu.Lock()
	defer c.mu.Unlock()
	values, defaults := s.liveSettings(), settings.Defaults()
	all := control.Settings{Settings: []control.Setting{}, Problems: []control.SettingProblem{}, Read: c.read.UTC(), Failure: c.failure}
	for _, row := range settings.Table() {
		one := control.Setting{
			Name: row.Name, Value: row.Value(values), Origin: string(c.origins[row.Name]), Pinned: c.intended.IsPinned(row.Name),
			Default: row.Value(&defaults), Live: row.Live, Error: c.intended.ProblemOf(row.Name),
		}
		if intended := row.Value(&c.intended.Values); !settings.SameValue(one.Value, intended) {
			one.PendingRestart, one.Pending = true, intended
		}
		if row.Private && !caller.Admin {
			one.Value, one.Pending, one.Hidden = nil, nil, true
		}
		all.Settings = append(all.Settings, one)
	}
	for _, p := range c.problems {
		all.Problems = append(all.Problems, control.SettingProblem{Setting: p.Setting, Origin: string(p.Origin), Where: p.Where, Message: p.Message, Unknown: p.Unknown})
	}
	return all
}

// addSettings adds to a status what it says of settings.
func (s *Scout) addSettings(st *control.Status) {
	c := &s.configured
	c.mu.Lock()
	defer c.mu.Unlock()
	values := s.liveSettings()
	st.ManagedBy, st.SettingsChanged = values.ManagedBy, c.changed
	for _, row := range settings.Table() {
		if c.intended.IsPinned(row.Name) {
			st.Pinned++
		}
		if !settings.SameValue(row.Value(values), row.Value(&c.intended.Values)) {
			st.PendingRestart = append(st.PendingRestart, row.Name)
		}
	}
}

// logPinned logs at the start which settings policy decides on.
func (s *Scout) logPinned() {
	var names []string
	for _, row := range settings.Table() {
		if s.configured.intended.IsPinned(row.Name) {
			names = append(names, row.Name)
		}
	}
	if len(names) > 0 {
		s.log.Info("policy decides on settings", "names", names)
	}
}

// settingWarnings returns what status warns of: what the sources have that
// cannot be used, and a site other than the pinned one.
func (s *Scout) settingWarnings() (all []string) {
	c := &s.configured
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failure != "" {
		all = append(all, "the settings cannot be read again and stay as they are: "+c.failure)
	}
	for _, p := range c.problems {
		if text := p.String(); text != c.failure {
			all = append(all, text)
		}
	}
	if e, _ := s.membership.current(); e != nil && s.liveSettings().Site != "" && !e.belongsTo(s.liveSettings().Site) {
		all = append(all, fmt.Sprintf("this computer belongs to the site %s, and the setting Site allows only %s: "+
			"an administrator joins it to that site (printscout enroll FILE), or removes the setting", e.Site.Fingerprint(), s.liveSettings().Site))
	}
	return all
}
