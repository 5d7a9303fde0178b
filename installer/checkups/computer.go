package checkups

import (
	"context"
	"crypto/x509"
	"strings"
	"sync"
	"time"

	"github.com/printscout/printscout/cloudlink"
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/settings"
)

// Agent is what the checkups ask the agent: internal/control.Client is one.
type Agent interface {
	Status(context.Context) (control.Status, error)
}

// AgentSetting is what the running agent says of a setting.
type AgentSetting struct {
	Name           string
	PendingRestart bool   // the file says something else than what is in force
	Error          string // why a value is not used
}

// Desktop is what the session bus says of a person's desktop.
type Desktop struct {
	Session bool // this process belongs to a desktop session
	Host    bool // a panel shows icons
}

// Config is what checkups are about.
type Config struct {
	Agent Agent
	// Settings are those of the configuration, nil if SettingsError.
	Settings      *settings.Settings
	SettingsError error
	SettingsFile  string
	// AgentSettings asks the running agent; nil: it cannot be asked.
	AgentSettings func(context.Context) ([]AgentSetting, error)
	// Desktop asks the session bus; nil: it cannot be asked.
	Desktop func(context.Context) (Desktop, error)
	Version string  // of this program
	System  *System // nil: this computer
}

// System is what the checkups see of a computer.
type System struct {
	Root  string // folder in place of the root of the file system; "" for that
	Home  string // of the person who asks
	UID   int    // of the person who asks; -1 where there are none
	Now   func() time.Time
	Env   func(string) string
	Run   func(ctx context.Context, name string, args ...string) ([]byte, error)
	Roots *x509.CertPool // nil: the system's
}

// computer is what one run of the checkups shares.
type computer struct {
	Config
	System

	status      memo[control.Status]
	queues      memo[[]queue]
	cupsd       memo[cupsdConf]
	examination memo[cloudlink.Examination]
}

func newComputer(c Config) *computer {
	sys := c.System
	if sys == nil {
		sys = thisSystem()
	}
	if c.Settings == nil {
		c.Settings = &settings.Settings{Values: settings.Defaults()}
	}
	return &computer{Config: c, System: *sys}
}

// memo remembers what was asked for once.
type memo[T any] struct {
	once  sync.Once
	value T
	err   error
}

func (m *memo[T]) get(ctx context.Context, ask func(context.Context) (T, error)) (T, error) {
	m.once.Do(func() { m.value, m.err = ask(ctx) })
	return m.value, m.err
}

// agentStatus asks the agent once.
func (c *computer) agentStatus(ctx context.Context) (control.Status, error) {
	return c.status.get(ctx, c.Agent.Status)
}

// text returns the value of a setting that may not be in this version's table,
// otherwise another.
func (c *computer) text(name, otherwise string) string {
	if v, ok := c.Settings.Value(name); ok {
		if s, ok := v.(string); ok && s != "" {
			return s
		}
	}
	return otherwise
}

func (c *computer) yes(name string, otherwise bool) bool {
	if v, ok := c.Settings.Value(name); ok {
		if b, ok := v.(bool); ok {
			return b
		}
	}
	return otherwise
}

// path returns a path of the computer below Root.
func (s *System) path(p string) string {
	if s.Root == "" || strings.HasPrefix(p, s.Root) {
		return p
	}
	return s.Root + p
}
