package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/delivery"
	"github.com/printscout/printscout/delivery/snmp"
	"github.com/printscout/printscout/internal/cli"
	"github.com/printscout/printscout/internal/directory"
)

// printerEntry holds what printer add is told.
type printerEntry struct {
	name, uri, location         string
	allowPlain, allowRaw, noPin bool
	allowOldTLS                 bool
	formats                     []string
	snmp                        snmpOptions
	keys                        snmp.Keys
}

func newSitePrinterAdd(o *siteOptions) *cobra.Command {
	e := new(printerEntry)
	c := &cobra.Command{
		Use:   "add NAME URI",
		Short: "Add a printer to the directory and sign it",
		Long: "Asks the printer what it is, takes the key of its certificate as its pin, adds it\n" +
			"to the directory and signs that. From then on a scout sends nothing to a printer\n" +
			"with another key. A printer added by an ipp:// address gets documents without\n" +
			"encryption; its results say so. Its UUID and, if SNMP answers, its serial number\n" +
			"are kept to recognize it.\n\n" +
			"A socket:// address, port 9100 where none is named, is for printers that speak no\n" +
			"IPP. They are asked once by PJL; one that does not know PJL may print a line. The\n" +
			"formats they take are those that --formats names, else those they report.",
		Example: "  printscout site printer add lobby ipps://lobby.example/ipp/print\n" +
			"  printscout site printer add store socket://10.0.0.9 --formats application/vnd.hp-pcl",
		Annotations: cli.Exits{
			cli.Done:         "the printer is in the directory",
			cli.Failed:       "no printer answers at URI, it may not be added so, or the directory has it",
			cli.NotPermitted: "the site password is wrong",
			cli.Interrupted:  "interrupted; the directory is as it was",
		}.Annotations(),
	}
	c.Flags().StringVar(&e.location, "location", "", "where the printer stands, for people")
	c.Flags().BoolVar(&e.allowPlain, "allow-plain", false, "allow ipp without encryption where the printer's ipps does not answer")
	c.Flags().BoolVar(&e.allowRaw, "allow-raw", false, "allow port 9100, without encryption, where the printer's ipps and ipp do not answer; implied by a socket:// address")
	c.Flags().BoolVar(&e.noPin, "no-pin", false, "take no pin: trust any certificate that this site's computers trust")
	c.Flags().BoolVar(&e.allowOldTLS, "allow-old-tls", false, "allow TLS 1.0, 1.1 and ciphers that are no longer considered safe, if the printer has nothing better")
	c.Flags().StringSliceVar(&e.formats, "formats", nil, "document formats the printer takes, whatever it says itself")
	e.snmp.addFlags(c)
	o.passwordFlag(c)
	asJSON := cli.JSONFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		e.name, e.uri = args[0], args[1]
		snmp, err := e.snmp.directorySNMP()
		if err != nil {
			return err
		}
		if e.keys, err = e.snmp.loadKeys(); err != nil {
			return err
		}
		site, err := o.openSite(c)
		if err != nil {
			return err
		}
		p, err := e.inspectPrinter(c.Context(), c.ErrOrStderr())
		if err != nil {
			return err
		}
		p.SNMP = snmp
		e.addSerial(c.Context(), &p, c.ErrOrStderr())
		if err := site.AddPrinter(p, time.Now()); err != nil {
			return siteError(err)
		}
		return showAdded(c, site, p.Name, *asJSON)
	}
	return c
}

// inspectPrinter finds out what the printer is. What this may cause is
// announced on log.
func (e *printerEntry) inspectPrinter(ctx context.Context, log io.Writer) (directory.Printer, error) {
	d := delivery.New(delivery.Config{Log: slog.New(slog.DiscardHandler)})
	if isRaw(e.uri) {
		return e.askRaw(ctx, d, log)
	}
	id, err := d.Inspect(ctx, e.uri)
	if err != nil {
		return directory.Printer{}, cli.WithHint(err, "is the printer on, and is this its address? it looks like ipps://printer.example/ipp/print")
	}
	p, err := e.ippEntry(id)
	if err != nil || !e.allowRaw {
		return p, err
	}
	return e.besideIPP(ctx, d, p, log)
}

// ippEntry returns the directory entry of a printer that was asked by IPP.
func (e *printerEntry) ippEntry(id delivery.Identity) (directory.Printer, error) {
	if id.OldTLS && !e.allowOldTLS {
		return directory.Printer{}, cli.WithHint(errors.New("the printer speaks only TLS that is no longer considered safe"),
			"update its firmware, or add it with --allow-old-tls")
	}
	uris, pin, floor := []string{id.URI}, id.Pin, directory.Grade("")
	if e.noPin {
		pin = ""
	}
	if e.allowPlain && strings.HasPrefix(id.URI, "ipps:") {
		plain, err := plainURI(id.URI)
		if err != nil {
			return directory.Printer{}, err
		}
		uris, floor = append(uris, plain), directory.GradeIPP
	}
	p := directory.NewPrinter(e.name, uris, pin, floor)
	p.Location, p.Formats, p.OldTLS = e.location, e.formats, e.allowOldTLS
	p.NoExpect, p.TLS = id.NoExpect, id.TLS
	p.Identify(id.UUID, "")
	return p, nil
}

// addSerial adds the serial number that SNMP tells. A printer that tells none
// is known by the rest.
func (e *printerEntry) addSerial(ctx context.Context, p *directory.Printer, log io.Writer) {
	access, ok := delivery.AccessOf(*p, e.keys)
	if !ok {
		if p.SNMP.Version != directory.SNMPOff {
			fmt.Fprintln(log, "printscout: its serial number is not taken: --snmp-keys-file names no passphrases for that user")
		}
		return
	}
	u, err := url.Parse(p.URIs[0])
	if err != nil {
		return
	}
	if r, _, err := snmp.Look(ctx, u.Hostname(), access, nil, snmp.Full); err == nil {
		p.Identify(p.UUID, r.Serial)
	}
}

// plainURI returns the ipp address that belongs to an ipps one: port 443 is
// only for ipps.
func plainURI(ipps string) (string, error) {
	u, err := url.Parse(ipps)
	if err != nil {
		return "", fmt.Errorf("reading the printer's address: %w", err)
	}
	u.Scheme = "ipp"
	if u.Port() == "443" {
		u.Host = strings.TrimSuffix(u.Host, ":443") + ":631"
	}
	return u.String(), nil
}

func siteError(err error) error {
	switch {
	case errors.Is(err, os.ErrNotExist):
		return cli.WithHint(err, "printscout site new makes a site; --site names the folder of one")
	case errors.Is(err, directory.ErrBusy), errors.Is(err, directory.ErrRotated):
		return cli.WithHint(err, "try again once the other command has ended")
	case errors.Is(err, directory.ErrExists):
		return cli.WithHint(err, "printscout site printer remove removes the old entry")
	case errors.Is(err, directory.ErrNoPrinter):
		return cli.WithHint(err, "printscout site printer list shows the printers")
	}
	return err
}

func showAdded(c *cobra.Command, site *directory.Site, name string, asJSON bool) error {
	d := site.Directory()
	p, err := d.Find(name)
	if err != nil {
		return err
	}
	if !p.Floor.AtLeast(directory.GradeIPPS) {
		fmt.Fprintln(c.ErrOrStderr(), "printscout: warning: documents may go to this printer without encryption")
	}
	if asJSON {
		return cli.PrintJSON(c.OutOrStdout(), p)
	}
	rows := [][]string{
		{"Added", p.Name}, {"Address", strings.Join(p.URIs, " ")}, {"Pin", orDash(p.Pin)},
		{"UUID", orDash(p.UUID)}, {"Serial number", orDash(p.Serial)},
		{"At least", string(p.Floor)}, {"Directory", fmt.Sprintf("revision %d, signed", d.Revision)},
	}
	if isRaw(p.URIs[len(p.URIs)-1]) {
		rows = append(rows, rawRows(p)...)
	}
	return cli.PrintTable(c.OutOrStdout(), rows)
}

func newSitePrinterList(o *siteOptions) *cobra.Command {
	c := &cobra.Command{
		Use:   "list",
		Short: "List the printers of the directory; needs no password",
		Annotations: cli.Exits{
			cli.Done:   "the printers are listed, even if there are none",
			cli.Failed: "there is no site in that folder, or it could not be read",
		}.Annotations(),
	}
	asJSON := cli.JSONFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		d, _, err := directory.LoadDirectory(o.folder())
		if err != nil {
			return siteError(err)
		}
		return cli.Present(c, *asJSON, d.Printers, entryRows)
	}
	return c
}

func entryRows(printers []directory.Printer) [][]string {
	rows := [][]string{{"NAME", "LOCATION", "AT LEAST", "PIN", "ADDRESS"}}
	for _, p := range printers {
		rows = append(rows, []string{p.Name, orDash(p.Location), string(p.Floor), orDash(p.Pin), strings.Join(p.URIs, " ")})
	}
	return rows
}

func newSitePrinterRemove(o *siteOptions) *cobra.Command {
	c := &cobra.Command{
		Use:   "remove NAME",
		Short: "Take a printer out of the directory and sign it",
		Annotations: cli.Exits{
			cli.Done:         "the printer is no longer in the directory",
			cli.Failed:       "the directory has no such printer, or could not be written",
			cli.NotPermitted: "the site password is wrong",
			cli.Interrupted:  "interrupted; the directory is as it was",
		}.Annotations(),
	}
	o.passwordFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		site, err := o.openSite(c)
		if err != nil {
			return err
		}
		if err := site.RemovePrinter(args[0], time.Now()); err != nil {
			return siteError(err)
		}
		fmt.Fprintf(c.OutOrStdout(), "Removed %s; directory revision %d, signed.\n", args[0], site.Directory().Revision)
		return nil
	}
	return c
}
