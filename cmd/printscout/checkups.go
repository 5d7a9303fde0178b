package main

import (
	"context"
	"errors"

	"github.com/printscout/printscout/installer/checkups"
	"github.com/printscout/printscout/internal/checkup"
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/settings"
	"github.com/printscout/printscout/internal/version"
	"github.com/printscout/printscout/tray"
)

// checkupsOf returns the checkups of this computer, for one run. A configuration
// that cannot be read is one of their findings.
func (o *agentOptions) checkupsOf(client *control.Client) []checkup.Checkup {
	s, err := o.loadSettings()
	file := o.config
	if file == "" {
		file = settings.DefaultFile()
	}
	return checkups.All(checkups.Config{
		Agent: client, Settings: s, SettingsError: err, SettingsFile: file, Desktop: askDesktop, Version: version.Number,
		AgentSettings: func(ctx context.Context) ([]checkups.AgentSetting, error) { return runningSettings(ctx, client) },
	})
}

// runningSettings asks the agent which of its settings are not what was said.
func runningSettings(ctx context.Context, client *control.Client) (all []checkups.AgentSetting, err error) {
	running, err := client.Settings(ctx)
	for _, s := range running.Settings {
		all = append(all, checkups.AgentSetting{Name: s.Name, PendingRestart: s.PendingRestart, Error: s.Error})
	}
	return all, err
}

// askAnyAgent returns a client for the agent even if the configuration cannot be
// read.
func (o *agentOptions) askAnyAgent() *control.Client {
	client, err := o.controlClient()
	if err != nil {
		return control.NewClient(settings.DefaultControlPath())
	}
	return client
}

// askDesktop tells the checkups of this desktop session.
func askDesktop(ctx context.Context) (checkups.Desktop, error) {
	panel, err := tray.HasPanel(ctx)
	if errors.Is(err, tray.ErrNoDesktop) {
		return checkups.Desktop{}, nil
	}
	return checkups.Desktop{Session: true, Host: panel}, err
}
