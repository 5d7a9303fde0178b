// Old printers have certificates with negative serial numbers, which Go
// otherwise refuses before anybody is asked (docs/delivery.md).
//
//go:debug x509negativeserial=1

// Command scoutcloud is the release server that a site hosts itself, and the
// demonstration of the whole way of a job on one machine.
//
// It joins packages and decides nothing: each command has a file, and every
// error becomes an exit status here.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/internal/process"
)

const (
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

const exitStatusText = `
EXIT STATUS
  0   done
  1   failed
  2   wrong usage
  130 interrupted
`

func main() {
	process.Harden()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := newRoot().ExecuteContext(ctx)
	interrupted := ctx.Err() != nil
	stop()
	os.Exit(exitStatus(err, interrupted))
}

func exitStatus(err error, interrupted bool) int {
	if err == nil {
		return 0
	}
	fmt.Fprintf(os.Stderr, "scoutcloud: %s\n", err)
	if h, ok := errors.AsType[hinted](err); ok {
		fmt.Fprintf(os.Stderr, "hint: %s\n", h.hint)
	}
	_, usage := errors.AsType[usageError](err)
	switch {
	case interrupted && errors.Is(err, context.Canceled):
		return exitInterrupted
	case usage:
		return exitUsage
	}
	return exitFailed
}

// usageError is an error of who typed the command.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// hinted is an error with what to do next.
type hinted struct {
	error
	hint string
}

func (e hinted) Unwrap() error { return e.error }

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "scoutcloud",
		Short:         "The release server of Print Scout",
		Long:          "Hosts the release server of a site: scouts tell it that jobs are parked, and it\nasks them to release. It cannot read a document, a title or a name.",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetUsageTemplate(root.UsageTemplate() + exitStatusText)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.SetOut(os.Stdout)
	root.AddCommand(newServe(), newDemo(), newToken(), newScout(), newVersion())
	strict(root)
	return root
}

// strict makes wrong words on the command line errors of usage, everywhere.
func strict(c *cobra.Command) {
	if c.RunE == nil && c.Run == nil {
		c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	}
	if c.Args == nil {
		c.Args = words(0, 0)
	}
	for _, sub := range c.Commands() {
		strict(sub)
	}
}

// words wants from least to most words behind the command.
func words(least, most int) cobra.PositionalArgs {
	return func(c *cobra.Command, given []string) error {
		switch {
		case len(given) > most:
			return usageError{fmt.Errorf("unexpected argument %q", given[most])}
		case len(given) < least:
			return usageError{fmt.Errorf("an argument is missing: %s", c.UseLine())}
		}
		return nil
	}
}
