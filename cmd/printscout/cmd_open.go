package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/internal/checkup"
	"github.com/printscout/printscout/internal/cli"
	"github.com/printscout/printscout/internal/version"
	"github.com/printscout/printscout/tray/local"
	"github.com/printscout/printscout/tray/preferences"
)

// openExits are the exit statuses of the commands that show pages. An agent
// that is not reachable is none: the pages say what to do.
var openExits = cli.Exits{
	cli.Done:   "the pages are closed again: by Ctrl-C, or by themselves after ten minutes without use",
	cli.Failed: "they could not be served, or no browser could be started",
}

func newOpen(o *agentOptions) *cobra.Command {
	return newPages(o, local.FirstJobs, &cobra.Command{
		Use:   "open [PAGE]",
		Short: "Open my jobs in the browser",
		Long: "Shows your jobs in the browser: what waits, where to release it, and what became\n" +
			"of it. PAGE is jobs, jobs/ID, printers, diagnostics or about; without it, jobs.\n" +
			"The pages are served to your account alone, on this computer alone, and end by\n" +
			"themselves ten minutes after the last one was closed.",
	})
}

func newSetup(o *agentOptions) *cobra.Command {
	return newPages(o, local.FirstSetup, &cobra.Command{
		Use:   "setup",
		Short: "Open the set-up wizard in the browser",
		Long: "Looks, page by page, whether all is ready for you: the agent, your registration,\n" +
			"the print queue; and prints a test page that you release. The pages are served\n" +
			"to your account alone, on this computer alone.",
	})
}

// pagesOptions are what open and setup are told.
type pagesOptions struct {
	first     string
	noBrowser bool
	json      bool
	stopOnEOF bool
}

// openedAt is what --json says. The names are stable.
type openedAt struct {
	URL string `json:"url"`
}

func newPages(o *agentOptions, first string, c *cobra.Command) *cobra.Command {
	p := pagesOptions{first: first}
	c.Annotations = openExits.Annotations()
	c.Example = "  printscout " + c.Name() + "\n  printscout " + c.Name() + " --no-browser"
	c.Flags().BoolVar(&p.noBrowser, "no-browser", false, "print the address, to open it yourself; it stays good until Ctrl-C")
	c.Flags().BoolVar(&p.stopOnEOF, "stop-on-eof", false, "stop when standard input ends, so that the pages end with the program that started them")
	asJSON := c.Flags().Bool("json", false, "with --no-browser, print JSON (field names are stable)")
	c.RunE = func(c *cobra.Command, args []string) error {
		if len(args) > 0 {
			p.first = args[0]
		}
		if p.json = *asJSON; p.json && !p.noBrowser {
			return cli.Usagef("--json is for --no-browser")
		}
		ctx, stop := signal.NotifyContext(c.Context(), syscall.SIGHUP) // the end of the session
		defer stop()
		if p.stopOnEOF {
			var cancel context.CancelFunc
			ctx, cancel = context.WithCancel(ctx)
			defer cancel()
			go func() {
				io.Copy(io.Discard, c.InOrStdin())
				cancel()
			}()
		}
		return o.servePages(ctx, c, p)
	}
	return c
}

// servePages serves until ctx ends or nobody needs the pages any more.
func (o *agentOptions) servePages(ctx context.Context, c *cobra.Command, p pagesOptions) error {
	client, err := o.controlClient()
	if err != nil {
		return err
	}
	defer client.Close()
	folder, err := preferences.Folder()
	if err != nil {
		return err
	}
	by := c.CommandPath() + " --no-browser"
	runner := new(checkup.Runner)
	s, err := local.New(c.Context(), local.Config{
		Agent: client, Preferences: preferences.New(folder), First: p.first, Stands: p.noBrowser, Version: version.Number,
		Checkups: func(ctx context.Context) []checkup.Result { return runner.Run(ctx, o.checkupsOf(client)) },
		Log:      slog.New(slog.NewTextHandler(c.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelWarn})),
		Missed: func() {
			fmt.Fprintf(c.ErrOrStderr(), "printscout: no browser has come; %s prints an address to open by hand\n", by)
		},
	})
	if errors.Is(err, local.ErrNoPage) {
		return &cli.UsageError{Err: err}
	}
	if err != nil {
		return err
	}
	defer s.Close()
	if err := p.show(c, s); err != nil {
		return cli.WithHint(err, by+" prints an address to open by hand")
	}
	return s.Serve(ctx)
}

// show has the browser show the pages, or tells where they are.
func (p pagesOptions) show(c *cobra.Command, s *local.Server) error {
	switch {
	case p.json:
		return cli.PrintJSON(c.OutOrStdout(), openedAt{s.URL()})
	case p.noBrowser:
		_, err := fmt.Fprintln(c.OutOrStdout(), s.URL())
		return err
	}
	if err := s.Open(local.OpenBrowser); err != nil {
		return err
	}
	fmt.Fprintln(c.ErrOrStderr(), "printscout: the pages are in your browser; Ctrl-C closes them")
	return nil
}
