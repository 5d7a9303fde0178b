package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/printscout/printscout/delivery"
	"github.com/printscout/printscout/internal/cli"
	"github.com/printscout/printscout/internal/directory"
)

// askingByPJL is printed before a printer is asked on port 9100.
const askingByPJL = "printscout: asking the printer by PJL what it is; one that does not know PJL may print a line"

// isRaw reports whether an address is one of port 9100.
func isRaw(uri string) bool { return strings.HasPrefix(strings.ToLower(uri), "socket:") }

// askRaw finds out what a printer is that is reached only on port 9100.
func (e *printerEntry) askRaw(ctx context.Context, d *delivery.Deliverer, log io.Writer) (directory.Printer, error) {
	id, err := inspectRaw(ctx, d, e.uri, log)
	if err != nil {
		return directory.Printer{}, err
	}
	return e.rawEntry(id)
}

func inspectRaw(ctx context.Context, d *delivery.Deliverer, uri string, log io.Writer) (delivery.RawIdentity, error) {
	fmt.Fprintln(log, askingByPJL)
	id, err := d.InspectRaw(ctx, uri)
	if err != nil {
		return id, cli.WithHint(err, "is the printer on, and does it take documents on port 9100? the address looks like socket://printer.example:9100")
	}
	return id, nil
}

// rawEntry returns the directory entry of such a printer. The formats it takes
// must be known: it would print anything else as pages of characters.
func (e *printerEntry) rawEntry(id delivery.RawIdentity) (directory.Printer, error) {
	p := directory.NewPrinter(e.name, []string{id.URI}, "", "")
	p.Location, p.Formats, p.PJL = e.location, e.formats, id.PJL
	if len(p.Formats) == 0 {
		p.Formats = id.Formats
	}
	if len(p.Formats) == 0 {
		return p, cli.WithHint(errors.New("the printer does not say what documents it takes"),
			"name them from its manual, as in --formats application/postscript,application/vnd.hp-pcl")
	}
	return p, nil
}

// besideIPP allows port 9100 of a printer that speaks IPP.
func (e *printerEntry) besideIPP(ctx context.Context, d *delivery.Deliverer, p directory.Printer, log io.Writer) (directory.Printer, error) {
	uri, err := rawURI(p.URIs[0])
	if err != nil {
		return p, err
	}
	id, err := inspectRaw(ctx, d, uri, log)
	if err != nil {
		return p, err
	}
	if len(e.formats) == 0 {
		fmt.Fprintln(log, "printscout: warning: only documents of the formats that --formats names go to port 9100, and none is named")
	}
	return withRaw(p, id), nil
}

func withRaw(p directory.Printer, id delivery.RawIdentity) directory.Printer {
	p.URIs = append(slices.Clone(p.URIs), id.URI)
	p.Floor, p.PJL = directory.GradeRaw, id.PJL
	return p
}

// rawURI returns the address of port 9100 that belongs to one of ipps or ipp.
func rawURI(uri string) (string, error) {
	u, err := url.Parse(uri)
	if err != nil {
		return "", fmt.Errorf("reading the printer's address: %w", err)
	}
	return "socket://" + net.JoinHostPort(u.Hostname(), "9100"), nil
}

// rawRows returns what is known of port 9100.
func rawRows(p directory.Printer) [][]string {
	pjl := "does not answer to PJL: no copies, and little is known afterwards"
	if p.PJL {
		pjl = "answers to PJL"
	}
	return [][]string{{"Port 9100", pjl}, {"Formats", orDash(strings.Join(p.Formats, " "))}}
}
