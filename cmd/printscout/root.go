package main

import (
	"cmp"
	"os"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/settings"
)

// options are what every command takes.
type options struct {
	config  string
	control string
}

const exitStatusText = `
EXIT STATUS
  0   done
  1   failed
  2   wrong usage
  3   done in part, or degraded
  10  this computer has not joined a site
  11  the agent is not reachable
  12  not permitted
  13  forbidden by policy
  130 interrupted
`

func newRoot() *cobra.Command {
	o := new(options)
	root := &cobra.Command{
		Use:           "printscout",
		Short:         "Secure print release from this computer",
		Long:          "Print Scout parks what is printed on this computer, sealed, and prints it\nonce its owner stands at a printer and proves who they are.",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetUsageTemplate(root.UsageTemplate() + exitStatusText)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.SetOut(os.Stdout)
	root.PersistentFlags().StringVar(&o.config, "config", "", "configuration `FILE` (default "+settings.DefaultFile()+")")
	root.PersistentFlags().StringVar(&o.control, "control", "", "control socket `PATH` of the agent (or PRINTSCOUT_CONTROL)")
	root.AddCommand(
		newService(o), newStatus(o), newJob(o), newPrinter(o), newPerson(o), newSite(), newEnroll(o), newVersion(),
	)
	strict(root)
	return root
}

// strict makes wrong words on the command line errors of usage, everywhere.
func strict(c *cobra.Command) {
	if c.RunE == nil && c.Run == nil {
		c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	}
	args := c.Args
	c.Args = func(c *cobra.Command, words []string) error {
		if args == nil {
			args = cobra.NoArgs
		}
		if err := args(c, words); err != nil {
			return usageError{err}
		}
		return nil
	}
	for _, sub := range c.Commands() {
		strict(sub)
	}
}

// settings reads the configuration and puts what the command line names
// above it.
func (o *options) settings() (*settings.Settings, error) {
	s, err := settings.Load(o.config)
	if err != nil {
		return nil, err
	}
	s.ControlPath = cmp.Or(o.control, os.Getenv("PRINTSCOUT_CONTROL"), s.ControlPath)
	return s, nil
}

// client is the agent to ask. A named socket needs no configuration.
func (o *options) client() (*control.Client, error) {
	if path := cmp.Or(o.control, os.Getenv("PRINTSCOUT_CONTROL")); path != "" {
		return control.NewClient(path), nil
	}
	s, err := o.settings()
	if err != nil {
		return nil, err
	}
	return control.NewClient(s.ControlPath), nil
}
