package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/internal/cli"
	"github.com/printscout/printscout/internal/directory"
)

// siteOptions are the flags of an administrator's commands.
type siteOptions struct {
	dir          string
	passwordFile string
}

func newSite() *cobra.Command {
	o := new(siteOptions)
	c := &cobra.Command{
		Use:   "site",
		Short: "For administrators: the site's keys and its printer directory",
		Long: "Makes a site and signs its printer directory. The site's folder holds the keys,\n" +
			"sealed by the site password; it belongs on an administrator's computer and never\n" +
			"on a server. The server gets public.json and directory.json of it.",
	}
	c.PersistentFlags().StringVar(&o.dir, "site", "", "`FOLDER` of the site (or PRINTSCOUT_SITE; default "+fromHome(defaultSiteDir())+")")
	printers := &cobra.Command{Use: "printer", Short: "The printers of the site's directory"}
	printers.AddCommand(newSitePrinterAdd(o), newSitePrinterList(o), newSitePrinterRemove(o))
	c.AddCommand(newSiteNew(o), newSiteShow(o), newSiteRotate(o), printers)
	return c
}

func defaultSiteDir() string {
	base, err := os.UserConfigDir()
	if err != nil {
		base = "."
	}
	return filepath.Join(base, "printscout", "site")
}

// fromHome returns a path with ~ for the home folder, so that help is the same
// for everyone.
func fromHome(path string) string {
	home, err := os.UserHomeDir()
	if rest, ok := strings.CutPrefix(path, home); ok && err == nil && strings.HasPrefix(rest, string(filepath.Separator)) {
		return "~" + rest
	}
	return path
}

// folder returns the folder of the site.
func (o *siteOptions) folder() string {
	return cmp.Or(o.dir, os.Getenv("PRINTSCOUT_SITE"), defaultSiteDir())
}

func newSiteNew(o *siteOptions) *cobra.Command {
	c := &cobra.Command{
		Use:   "new",
		Short: "Make a site: its keys, its password and an empty directory",
		Long: "Makes a site and prints its password, twelve words, once: it cannot be recovered.\n" +
			"Write it down; it is needed whenever the directory changes.",
		Example: "  printscout site new --name \"Example Ltd\"",
		Annotations: cli.Exits{
			cli.Done:   "the site is made",
			cli.Failed: "there is a site in that folder already, or it could not be written",
		}.Annotations(),
	}
	name := c.Flags().String("name", "", "what the site is called")
	asJSON := cli.JSONFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		site, password, err := directory.CreateSite(o.folder(), cmp.Or(*name, "Print Scout site"), time.Now())
		if errors.Is(err, directory.ErrExists) {
			return cli.WithHint(err, "name another folder by --site")
		}
		if err != nil {
			return err
		}
		p := site.Public()
		if *asJSON {
			return cli.PrintJSON(c.OutOrStdout(), struct {
				Site        string `json:"site"`
				Name        string `json:"name"`
				Fingerprint string `json:"fingerprint"`
				Password    string `json:"password"`
			}{o.folder(), p.Name, p.Fingerprint(), password})
		}
		return cli.PrintTable(c.OutOrStdout(), [][]string{
			{"Site", p.Name}, {"Folder", o.folder()}, {"Fingerprint", p.Fingerprint()}, {"Password", password},
		})
	}
	return c
}

// passwordFlag adds --password-file to a command that changes the site.
func (o *siteOptions) passwordFlag(c *cobra.Command) {
	c.Flags().StringVar(&o.passwordFile, "password-file", "", "`FILE` with the site password, - for standard input (default: ask)")
}

// openSite unlocks the site.
func (o *siteOptions) openSite(c *cobra.Command) (*directory.Site, error) {
	password, err := o.readPassword(c)
	if err != nil {
		return nil, err
	}
	site, err := directory.OpenSite(o.folder(), password)
	if err != nil {
		return nil, siteError(err)
	}
	printWarnings(c, site.Warnings())
	return site, nil
}

// readPassword reads the site password from the named file, from the terminal
// without showing it, or from standard input: never from the command line,
// which others can see.
func (o *siteOptions) readPassword(c *cobra.Command) (string, error) {
	var b []byte
	var err error
	if o.passwordFile == "" && cli.AtTerminal(c) {
		b, err = cli.AskSecret(c, "Site password: ")
	} else {
		b, err = cli.ReadInput(c, cmp.Or(o.passwordFile, "-"))
	}
	if err != nil {
		return "", fmt.Errorf("reading the site password: %w", err)
	}
	line, _, _ := strings.Cut(string(b), "\n")
	if line = strings.TrimSpace(line); line == "" {
		return "", cli.Usagef("the site password is empty")
	}
	return line, nil
}
