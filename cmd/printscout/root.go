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
	agents := []*cobra.Command{newService(o), newStatus(o), newJob(o), newPrinter(o), newPerson(o), newEnroll(o), newOpen(o), newSetup(o), newTray(o)}
	for _, c := range agents {
		o.addFlags(c)
	}
	root.AddCommand(agents...)
	root.AddCommand(newSite(), cli.NewGenerate(), cli.NewVersion())
	return cli.Prepare(root)
}

// addFlags adds the flags that say which agent is meant. They may also stand
// before the command's name.
func (o *agentOptions) addFlags(c *cobra.Command) {
	c.PersistentFlags().StringVar(&o.config, "config", "", "configuration `FILE` (default "+settings.DefaultFile()+")")
	c.PersistentFlags().StringVar(&o.control, "control", "", "control socket `PATH` of the agent (or PRINTSCOUT_CONTROL)")
}

// loadSettings reads the configuration; flags take precedence.
func (o *agentOptions) loadSettings() (*settings.Settings, error) {
	s, err := settings.Load(o.config)
	if err != nil {
		return nil, err
	}
	s.ControlPath = cmp.Or(o.control, os.Getenv("PRINTSCOUT_CONTROL"), s.ControlPath)
	return s, nil
}

// controlClient returns a client for the agent. A named socket needs no
// configuration.
func (o *agentOptions) controlClient() (*control.Client, error) {
	if path := cmp.Or(o.control, os.Getenv("PRINTSCOUT_CONTROL")); path != "" {
		return control.NewClient(path), nil
	}
	s, err := o.loadSettings()
	if err != nil {
		return nil, err
	}
	return control.NewClient(s.ControlPath), nil
}
