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
	root.AddCommand(newServe(), newDemo(), newToken(), newVersion())
	strict(root)
	return root
}

// strict makes wrong words on the command line errors of usage, everywhere.
func strict(c *cobra.Command) {
	if c.RunE == nil && c.Run == nil {
		c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	}
	c.Args = func(_ *cobra.Command, words []string) error {
		if len(words) > 0 {
			return usageError{fmt.Errorf("%q is not a word this command knows", words[0])}
		}
		return nil
	}
	for _, sub := range c.Commands() {
		strict(sub)
	}
}
