package control

import (
	"context"
	"time"
)

// Settings are the settings of the running agent.
type Settings struct {
	Settings []Setting `json:"settings"`
	// Problems are what the sources have that cannot be used.
	Problems []SettingProblem `json:"problems"`
	// Read is when the sources were last read, and Failure why what they had is not
	// used, "" if it is.
	Read    time.Time `json:"read"`
	Failure string    `json:"failure,omitempty"`
}

// Setting is one setting as the running agent uses it.
type Setting struct {
	Name   string `json:"name"`
	Value  any    `json:"value"`
	Origin string `json:"origin"` // policy, site, flag, installer, file, default
	// Pinned means that policy decides on it.
	Pinned  bool `json:"pinned"`
	Default any  `json:"default"`
	// Live means that a change takes effect without a restart.
	Live bool `json:"live"`
	// PendingRestart means that the sources say Pending, which takes effect at the
	// next start.
	PendingRestart bool `json:"pending_restart"`
	Pending        any  `json:"pending,omitempty"`
	// Error is why it is not what its strongest source says.
	Error string `json:"error,omitempty"`
	// Hidden values are shown only to administrators; Value is then nil.
	Hidden bool `json:"hidden,omitempty"`
}

// SettingProblem is something in a source that cannot be used: docs/settings.md.
type SettingProblem struct {
	Setting string `json:"setting,omitempty"` // "" for a whole source
	Origin  string `json:"origin"`
	Where   string `json:"where"`
	Message string `json:"message"`
	Unknown bool   `json:"unknown,omitempty"` // the name is no setting
}

// SettingsChange says which settings have changed while the agent runs.
type SettingsChange struct {
	At      time.Time `json:"at"`
	Changed []string  `json:"changed"` // in effect
	Pending []string  `json:"pending"` // at the next start
	// Policy names those of both that policy decides on.
	Policy []string `json:"policy"`
}

// Settings returns the settings of the running agent.
func (c *Client) Settings(ctx context.Context) (Settings, error) {
	return ask[Settings](ctx, c, "GET", "/v1/settings", nil)
}
