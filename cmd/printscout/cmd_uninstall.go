package main

import (
	"github.com/spf13/cobra"

	"github.com/printscout/printscout/installer"
	"github.com/printscout/printscout/internal/cli"
)

func newUninstall() *cobra.Command {
	o := new(installOptions)
	c := &cobra.Command{
		Use:   "uninstall",
		Short: "Take Print Scout off this computer",
		Long: "Undoes what install did: print queue, tray, service. Parked jobs, keys,\n" +
			"configuration and the account stay unless --purge is given. It asks nothing and\n" +
			"may be run again at any time.",
		Example: "  sudo printscout uninstall --purge",
		Annotations: cli.Exits{
			cli.Done:         "everything is gone that was to go",
			cli.Failed:       "it could not begin",
			cli.Part:         "something is left; it is named with what to do",
			cli.NotPermitted: "you are not an administrator",
			cli.Interrupted:  "interrupted; run it again",
		}.Annotations(),
	}
	c.Flags().BoolVar(&o.Purge, "purge", false, "also remove parked jobs, keys, configuration and the account")
	o.addFlags(c, uninstallTimeout)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := o.complete(); err != nil {
			return err
		}
		return o.run(c, installer.Uninstall)
	}
	return c
}
