package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/internal/cli"
	"github.com/printscout/printscout/internal/directory"
)

// siteView is a site as people and scripts see it. The names in JSON stay.
type siteView struct {
	Folder      string    `json:"site"`
	Name        string    `json:"name"`
	Epoch       uint32    `json:"epoch"`
	Fingerprint string    `json:"fingerprint"`
	Printers    int       `json:"printers"`
	Revision    uint64    `json:"directory_revision"`
	Issued      time.Time `json:"directory_issued"`
	Warnings    []string  `json:"warnings,omitempty"`
}

func newSiteView(folder, name string, d *directory.Directory) siteView {
	return siteView{Folder: folder, Name: name, Epoch: d.Epoch, Fingerprint: d.Site,
		Printers: len(d.Printers), Revision: d.Revision, Issued: d.Issued}
}

func (v siteView) rows() [][]string {
	return [][]string{
		{"Site", v.Name}, {"Folder", v.Folder},
		{"Epoch", fmt.Sprint(v.Epoch)}, {"Fingerprint", v.Fingerprint},
		{"Printers", fmt.Sprint(v.Printers)},
		{"Directory", fmt.Sprintf("revision %d, signed %s", v.Revision, v.Issued.Local().Format(time.DateTime))},
	}
}

func newSiteShow(o *siteOptions) *cobra.Command {
	c := &cobra.Command{
		Use:   "show",
		Short: "Show the site's epoch, fingerprint and directory; needs no password",
		Annotations: cli.Exits{
			cli.Done:   "the site is shown",
			cli.Failed: "there is no site in that folder, or it could not be read",
		}.Annotations(),
	}
	asJSON := cli.JSONFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		v, err := loadSiteView(o.folder())
		if err != nil {
			return siteError(err)
		}
		printWarnings(c, v.Warnings)
		return cli.Present(c, *asJSON, v, siteView.rows)
	}
	return c
}

func loadSiteView(folder string) (siteView, error) {
	public, err := directory.LoadPublic(folder)
	if err != nil {
		return siteView{}, err
	}
	d, _, err := directory.LoadDirectory(folder)
	if err != nil {
		return siteView{}, err
	}
	v := newSiteView(folder, public.Name, d)
	v.Warnings, err = directory.LoadWarnings(folder)
	return v, err
}

func printWarnings(c *cobra.Command, warnings []string) {
	for _, w := range warnings {
		fmt.Fprintf(c.ErrOrStderr(), "printscout: warning: %s\n", w)
	}
}
