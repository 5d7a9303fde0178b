package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/internal/cli"
	"github.com/printscout/printscout/internal/directory"
)

func newSiteRotate(o *siteOptions) *cobra.Command {
	c := &cobra.Command{
		Use:   "rotate",
		Short: "Give the site a new password or new keys",
		Long: "Gives the site a new password, or a new root and with it new keys. Whoever has a\n" +
			"copy of the folder and its password has the site: if that may be so, rotate the\n" +
			"password first and the root then.",
	}
	c.AddCommand(newSiteRotatePassword(o), newSiteRotateRoot(o))
	return c
}

func newSiteRotatePassword(o *siteOptions) *cobra.Command {
	c := &cobra.Command{
		Use:   "password",
		Short: "Make a new site password; keys and directory stay",
		Long: "Asks for the site password, makes a new one and prints it, once. Nothing else\n" +
			"changes, and nothing has to be copied anywhere. The new password counts when the\n" +
			"command has said so; if it is interrupted, one of the two opens the site. Old\n" +
			"copies of site.json still open with the old password: destroy them.",
		Annotations: cli.Exits{
			cli.Done:         "the new password counts",
			cli.Failed:       "one of the two passwords counts; the message says more",
			cli.NotPermitted: "the site password is wrong",
			cli.Interrupted:  "interrupted; the old password counts",
		}.Annotations(),
	}
	o.passwordFlag(c)
	asJSON := cli.JSONFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		old, err := o.readPassword(c)
		if err != nil {
			return err
		}
		shown := false
		err = directory.RotatePassword(o.folder(), old, func(password string) error {
			shown = true
			return showPassword(c, password, *asJSON)
		})
		switch {
		case err != nil && shown:
			return cli.WithHint(err, "keep both passwords, and try the new one first; if it is refused, the old one still counts")
		case err != nil:
			return siteError(err)
		}
		fmt.Fprintln(c.ErrOrStderr(), "printscout: the new password counts from now on; old copies of site.json still open with the old one")
		return nil
	}
	return c
}

func showPassword(c *cobra.Command, password string, asJSON bool) error {
	if asJSON {
		return cli.PrintJSON(c.OutOrStdout(), struct {
			Password string `json:"password"`
		}{password})
	}
	return cli.PrintTable(c.OutOrStdout(), [][]string{{"New password", password}})
}

func newSiteRotateRoot(o *siteOptions) *cobra.Command {
	c := &cobra.Command{
		Use:   "root",
		Short: "Make a new root: new keys, the next epoch; the password stays",
		Long: "Makes a new root and signs its keys with the old ones, so that the server and the\n" +
			"scouts follow without enrolling anew. Copy public.json and directory.json to the\n" +
			"server afterwards. The printers stay. Wrap keys of former epochs are kept, so that\n" +
			"what was sealed to them can still be opened; the old signing key is gone.\n\n" +
			"If someone else has the old keys, they may lead scouts that have not seen the new\n" +
			"ones elsewhere. printscout status reports that; printscout enroll with a new\n" +
			"bundle corrects it.",
		Annotations: cli.Exits{
			cli.Done:         "the new keys count",
			cli.Failed:       "the site could not be read or written",
			cli.NotPermitted: "the site password is wrong",
			cli.Interrupted:  "interrupted; the old keys count",
		}.Annotations(),
	}
	o.passwordFlag(c)
	asJSON := cli.JSONFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		password, err := o.readPassword(c)
		if err != nil {
			return err
		}
		site, err := directory.RotateRoot(o.folder(), password, time.Now())
		if err != nil {
			return siteError(err)
		}
		printWarnings(c, site.Warnings())
		if err := cli.Present(c, *asJSON, newSiteView(o.folder(), site.Public().Name, site.Directory()), siteView.rows); err != nil {
			return err
		}
		fmt.Fprintln(c.ErrOrStderr(), "hint: copy public.json and directory.json to the server; note the new fingerprint where you keep it")
		return nil
	}
	return c
}
