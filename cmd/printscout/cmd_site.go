package main

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/printscout/printscout/internal/directory"
)

// siteOptions are what the commands of an administrator take.
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
	c.PersistentFlags().StringVar(&o.dir, "site", "", "`FOLDER` of the site (or PRINTSCOUT_SITE; default "+defaultSiteDir()+")")
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

func (o *siteOptions) folder() string {
	return cmp.Or(o.dir, os.Getenv("PRINTSCOUT_SITE"), defaultSiteDir())
}

func newSiteNew(o *siteOptions) *cobra.Command {
	c := &cobra.Command{
		Use:   "new",
		Short: "Make a site: its keys, its password and an empty directory",
		Long: "Makes a site and prints its password, twelve words, once: nobody can find it out\n" +
			"again. Write it down; it is needed whenever the directory changes.",
		Example: "  printscout site new --name \"Example Ltd\"",
	}
	name := c.Flags().String("name", "", "what the site is called")
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		site, password, err := directory.CreateSite(o.folder(), cmp.Or(*name, "Print Scout site"), time.Now())
		if errors.Is(err, directory.ErrExists) {
			return hinted{err, "name another folder by --site"}
		}
		if err != nil {
			return err
		}
		p := site.Public()
		if *asJSON {
			return printJSON(c.OutOrStdout(), struct {
				Site        string `json:"site"`
				Name        string `json:"name"`
				Fingerprint string `json:"fingerprint"`
				Password    string `json:"password"`
			}{o.folder(), p.Name, p.Fingerprint(), password})
		}
		return printTable(c.OutOrStdout(), [][]string{
			{"Site", p.Name}, {"Folder", o.folder()}, {"Fingerprint", p.Fingerprint()}, {"Password", password},
		})
	}
	return c
}

// passwordFlag adds --password-file to a command that changes the site.
func (o *siteOptions) passwordFlag(c *cobra.Command) {
	c.Flags().StringVar(&o.passwordFile, "password-file", "", "`FILE` with the site password, - for standard input (default: ask)")
}

// open unlocks the site.
func (o *siteOptions) open(c *cobra.Command) (*directory.Site, error) {
	password, err := o.password(c.ErrOrStderr())
	if err != nil {
		return nil, err
	}
	site, err := directory.OpenSite(o.folder(), password)
	if err != nil {
		return nil, siteError(err)
	}
	warn(c, site.Warnings())
	return site, nil
}

// password is read from the file named, from the terminal without showing it,
// or from standard input: never from the command line, which others can see.
func (o *siteOptions) password(prompt io.Writer) (string, error) {
	fd := int(os.Stdin.Fd())
	if o.passwordFile == "" && term.IsTerminal(fd) {
		fmt.Fprint(prompt, "Site password: ")
		b, err := term.ReadPassword(fd)
		fmt.Fprintln(prompt)
		if err != nil {
			return "", fmt.Errorf("reading the site password: %w", err)
		}
		return string(b), nil
	}
	b, err := readInput(cmp.Or(o.passwordFile, "-"))
	if err != nil {
		return "", err
	}
	line, _ := bufio.NewReader(bytes.NewReader(b)).ReadString('\n')
	if line = strings.TrimSpace(line); line == "" {
		return "", usageError{errors.New("the site password is empty")}
	}
	return line, nil
}
