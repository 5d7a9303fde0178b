package main

import (
	"cmp"
	"os"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/internal/cli"
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/settings"
)

// agentOptions are the flags of every command that has to do with the agent.
type agentOptions struct {
	config  string
	control string
}

func newRoot() *cobra.Command {
	o := new(agentOptions)
	root := &cobra.Command{
		Use:   "printscout",
		Short: "Secure print release from this computer",
		Long:  "Print Scout parks what is printed on this computer, sealed, and prints it\nonce its owner stands at a printer and proves who they are.",
	}
	agents := []*cobra.Command{newService(o), newStatus(o), newJob(o), newPrinter(o), newPerson(o), newSettings(o), newEnroll(o), newUnenroll(o), newOpen(o), newSetup(o), newTray(o), newDoctor(o), newBugReport(o)}
	for _, c := range agents {
		o.addFlags(c)
	}
	root.AddCommand(agents...)
	root.AddCommand(newSite(), newInstall(), newUninstall(), newLogs(), newGenerate(), cli.NewVersion())
	return cli.Prepare(root)
}

// addFlags adds the flags that say which agent is meant. They may also stand
// before the command's name.
func (o *agentOptions) addFlags(c *cobra.Command) {
	c.PersistentFlags().StringVar(&o.config, "config", "", "configuration `FILE` (default "+settings.DefaultFile()+")")
	c.PersistentFlags().StringVar(&o.control, "control", "", "control socket `PATH` of the agent (or PRINTSCOUT_CONTROL)")
}

// settingsSources returns where settings are read; a test puts others there.
var settingsSources = settings.Computer

// loadSettings reads the settings. Of flags only --control is a setting; it takes
// precedence over all but policy.
func (o *agentOptions) loadSettings() (*settings.Settings, error) {
	s, err := settingsSources(o.config).Load()
	if err != nil {
		return nil, err
	}
	if path := o.controlPath(); path != "" {
		s.OverrideControlPath(path)
	}
	return s, nil
}

// controlPath returns the socket that the command line or the environment
// names, "" for none.
func (o *agentOptions) controlPath() string {
	return cmp.Or(o.control, os.Getenv("PRINTSCOUT_CONTROL"))
}

// controlClient returns a client for the agent. A named socket needs no
// configuration.
func (o *agentOptions) controlClient() (*control.Client, error) {
	if path := o.controlPath(); path != "" {
		return control.NewClient(path), nil
	}
	s, err := o.loadSettings()
	if err != nil {
		return nil, err
	}
	return control.NewClient(s.ControlPath), nil
}
