package installer

import (
	"context"
	"encoding/json"
	"net/netip"
	"time"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/settings"
)

// Options are what the administrator asks for.
type Options struct {
	// Binary is the absolute path of printscout.
	Binary string
	// Set are settings for installer.json, by their names in the table.
	Set map[string]json.RawMessage
	// Bundle is the path of a site's bundle, "" for none.
	Bundle          string
	TrustQueueNames bool
	NoProbe         bool
	FromPackage     bool
	Purge           bool
	DryRun          bool
	// Timeout bounds each wait: for the agent, the print server, the enrollment, the
	// probe page.
	Timeout time.Duration
	// ProbeUser is the account that prints the probe page, "" for the one that
	// installs.
	ProbeUser string
	// Tell is told the result of each step as it ends; may be nil.
	Tell func(StepResult)
}

// Agent is what the steps ask of the agent; *control.Client is one.
type Agent interface {
	Status(context.Context) (control.Status, error)
	Jobs(context.Context) ([]control.Job, error)
	Cancel(ctx context.Context, id string) (control.Job, error)
	Unenroll(context.Context, control.Leaving) (control.Left, error)
}

// Computer is what the steps act on. ThisComputer returns the one that this
// process runs on; tests replace parts of it.
type Computer struct {
	// Root is put before every path of a file, "" on the computer itself.
	Root   string
	Runner Runner
	CUPS   *CUPS
	// Agent returns the agent that answers at a control socket.
	Agent func(controlPath string) Agent
	// LoadSettings returns the settings in force, with their origins.
	LoadSettings func() (*settings.Settings, error)
	// Listener names the program that listens at an address; false if none does.
	Listener func(context.Context, netip.AddrPort) (string, bool)
	// Account looks up an account of the computer; false if there is none.
	Account func(name string) (Account, bool)
	// Elevated reports whether this process may change the computer.
	Elevated func() bool
	// NewID returns a random name for the probe page.
	NewID func() string
	// Fault is called before and after each step, and before and after each is
	// undone; an error makes the step fail there. Only tests set it.
	Fault func(point string) error
}

// Account is a user of the computer.
type Account struct {
	Name     string
	UID, GID int
	Groups   []int
	Shell    string
	Home     string
}

// layout are the paths of one system, and the account that its agent runs as.
type layout struct {
	stateDir  string // if no setting says otherwise
	configDir string
	recordDir string
	account   string // "" for the system's own
}
