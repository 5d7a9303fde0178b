package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/delivery"
	"github.com/printscout/printscout/internal/cli"
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/ipp"
)

func newPrinterProbe(o *agentOptions) *cobra.Command {
	var q delivery.ProbeOptions
	snmp := new(snmpOptions)
	c := &cobra.Command{
		Use:   "probe URI|HOST|NAME",
		Short: "Show what a printer speaks, and which way a job would go to it",
		Long: "Asks a printer what it is, and says which way a job would go to it, why not by a\n" +
			"better one, and what would have to change for that. It sends no document and\n" +
			"changes nothing. It needs no agent; if one answers and its directory has a printer\n" +
			"of that name or address, the printer is compared with that entry. docs/probe.md\n" +
			"lists what is tried, and the names of --json.",
		Example: "  printscout printer probe 10.0.0.9\n" +
			"  printscout printer probe ipps://lobby.example/ipp/print --json\n" +
			"  printscout printer probe lobby",
		Annotations: cli.Exits{
			cli.Done:        "a job could go to the printer now",
			cli.Failed:      "no printer answers, or it could not be asked",
			cli.Part:        "the printer answers, and a job could not go now",
			cli.Forbidden:   "the directory forbids sending a job there",
			cli.Interrupted: "interrupted",
		}.Annotations(),
	}
	c.Flags().BoolVar(&q.Raw, "raw", false, "ask port 9100 too, by PJL; a printer that does not know PJL may print a line")
	c.Flags().BoolVar(&q.OldTLS, "allow-old-tls", false, "accept TLS 1.0, 1.1 and ciphers that are no longer considered safe")
	snmp.addFlags(c)
	asJSON := cli.JSONFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		q.Entry = directoryEntry(c, o, args[0])
		if err := snmp.applyTo(&q, c.ErrOrStderr()); err != nil {
			return err
		}
		if q.Raw || q.Entry == nil && isRaw(args[0]) {
			fmt.Fprintln(c.ErrOrStderr(), askingByPJL)
		}
		p, err := delivery.New(delivery.Config{Log: slog.New(slog.DiscardHandler)}).Probe(c.Context(), args[0], q)
		switch {
		case errors.Is(err, ipp.ErrURI):
			return &cli.UsageError{Err: err}
		case err != nil:
			return err
		case c.Context().Err() != nil:
			return c.Context().Err()
		}
		if err := showProbe(c.OutOrStdout(), p, *asJSON); err != nil {
			return err
		}
		return probeStatus(p.Verdict.State)
	}
	return c
}

// applyTo sets how a probe asks the printer by SNMP: as the command line says,
// else as the directory does.
func (o *snmpOptions) applyTo(q *delivery.ProbeOptions, log io.Writer) error {
	entry, err := o.directorySNMP()
	if err != nil {
		return err
	}
	keys, err := o.loadKeys()
	if err != nil {
		return err
	}
	said := entry != nil
	if !said && q.Entry != nil {
		entry = q.Entry.SNMP
	}
	var ok bool
	q.SNMP, ok = delivery.AccessOf(directory.Printer{SNMP: entry}, keys)
	q.NoSNMP = entry != nil && entry.Version == directory.SNMPOff
	switch {
	case q.NoSNMP:
		return nil
	case !ok && !said:
		q.NoSNMP = true
		fmt.Fprintf(log, "printscout: the printer is not asked by SNMP: --snmp-keys-file names no passphrases for user %q\n", entry.User)
		return nil
	case !ok:
		return cli.Usagef("--snmp-keys-file names no passphrases for user %q", entry.User)
	}
	if err := q.SNMP.Check(); err != nil {
		return &cli.UsageError{Err: err}
	}
	return nil
}

// askTime bounds the question to an agent that may not be there.
const askTime = 5 * time.Second

// directoryEntry returns the printer with that name or address in the agent's
// directory; nil if no agent answers or the directory has none.
func directoryEntry(c *cobra.Command, o *agentOptions, target string) *directory.Printer {
	printers, err := askAgent(c, o, func(client *control.Client, ctx context.Context) ([]control.Printer, error) {
		ctx, cancel := context.WithTimeout(ctx, askTime)
		defer cancel()
		return client.Printers(ctx)
	})
	if err != nil {
		if !strings.ContainsAny(target, ".:/") {
			fmt.Fprintf(c.ErrOrStderr(), "printscout: no agent answers that could look up %s in its directory, so it is taken for a host\n", target)
		}
		return nil
	}
	return entryNamed(printers, target)
}

func entryNamed(printers []control.Printer, target string) *directory.Printer {
	at := slices.IndexFunc(printers, func(p control.Printer) bool {
		return p.ID == target || strings.EqualFold(p.Name, target) || slices.Contains(p.URIs, target)
	})
	if at < 0 {
		return nil
	}
	p := printers[at]
	return &directory.Printer{
		ID: p.ID, Name: p.Name, Location: p.Location, URIs: p.URIs, Pin: p.Pin, Floor: directory.Grade(p.Floor),
		Formats: p.Formats, UUID: p.UUID, Serial: p.Serial, OldTLS: p.OldTLS, SNMP: p.SNMP,
	}
}

// probeStatus returns the exit status of a probe.
func probeStatus(state string) error {
	switch state {
	case delivery.ProbeReady:
		return nil
	case delivery.ProbeBlocked:
		return cli.EndWith(cli.Part, "a job could not go to this printer now")
	case delivery.ProbeForbidden:
		return cli.EndWith(cli.Forbidden, "the site's directory forbids sending a job there")
	}
	return cli.EndWith(cli.Failed, "no printer answers")
}
