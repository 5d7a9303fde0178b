package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/internal/cli"
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/outcome"
)

func newJobRelease(o *agentOptions) *cobra.Command {
	c := &cobra.Command{
		Use:   "release ID... | --all",
		Short: "Print your jobs at a printer of the site's directory",
		Long: "Prints jobs at a printer of the directory that your site has signed. This needs\n" +
			"no server. A job whose fate is uncertain has to be resolved first.\n" +
			"A job that was printed with a PIN needs it: at a terminal you are asked for the\n" +
			"PIN of each job that you name; else --pin-file gives it, for all jobs alike.",
		Example: "  printscout job release --all --printer lobby --wait",
		Annotations: exitsOfAgent.With(cli.Exits{
			cli.Done:        "all jobs were delivered; without --wait, their release has begun",
			cli.Failed:      "no job was delivered, or there is no such job or printer",
			cli.Usage:       "wrong usage, or more than one of your jobs begins with ID",
			cli.Part:        "some jobs were not delivered, or it is not certain",
			cli.NotEnrolled: "this computer has not joined a site",
			cli.Forbidden:   "the directory forbids it, or it is not certain that the job is yours",
		}).Annotations(),
	}
	var req control.Release
	c.Flags().BoolVar(&req.All, "all", false, "all your parked jobs; for an administrator, all parked jobs")
	c.Flags().StringVar(&req.Printer, "printer", "", "`NAME` or id of the printer in the directory")
	pinFile := c.Flags().String("pin-file", "", "`FILE` with the PIN of the jobs that need one, - for standard input (default: ask)")
	wait := c.Flags().Bool("wait", false, "wait until it is known what became of them")
	asJSON := cli.JSONFlag(c)
	c.Args = func(_ *cobra.Command, args []string) error {
		if req.All == (len(args) > 0) {
			return cli.Usagef("name the jobs to release, or --all")
		}
		if req.Printer == "" {
			return cli.Usagef("name the printer by --printer")
		}
		return nil
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		req.Jobs = args
		var left []control.Job
		results, err := askAgent(c, o, func(client *control.Client, _ context.Context) ([]control.Result, error) {
			reqs, err := releaseRequests(c, client, req, *pinFile)
			if err != nil {
				return nil, err
			}
			results, err := releaseEach(c, client, reqs, *wait)
			if err == nil && req.All && !*asJSON {
				left, err = jobsLeft(c.Context(), client, results)
			}
			return results, err
		})
		if err != nil && len(results) == 0 {
			return err
		}
		if err := errors.Join(err, printResults(c, results, *asJSON)); err != nil {
			return err
		}
		for _, j := range left {
			fmt.Fprintf(c.ErrOrStderr(), "printscout: job %s stays: %s\n", j.ID, j.Reason)
		}
		return statusOf(results)
	}
	return c
}

// releaseEach makes one release after another; with wait each ends before the
// next begins. With an error it returns the results up to then.
func releaseEach(c *cobra.Command, client *control.Client, reqs []control.Release, wait bool) ([]control.Result, error) {
	results := []control.Result{}
	for _, req := range reqs {
		p, err := client.Release(c.Context(), req)
		if err == nil && wait {
			p, err = client.Wait(c.Context(), p.ID, progressOf(c.ErrOrStderr()))
		}
		if err != nil {
			return results, err
		}
		results = append(results, p.Results...)
	}
	return results, nil
}

// mostLeft is how many jobs are listed that a release of all has left.
const mostLeft = 20

// jobsLeft returns the jobs that were not among those released, if there is a
// reason for it.
func jobsLeft(ctx context.Context, client *control.Client, results []control.Result) ([]control.Job, error) {
	all, err := client.Jobs(ctx)
	left := slices.DeleteFunc(all, func(j control.Job) bool {
		released := slices.ContainsFunc(results, func(r control.Result) bool { return r.Job == j.ID })
		return released || j.Reason == "" || j.State == control.Refused
	})
	return left[:min(len(left), mostLeft)], err
}

// progressOf returns a function that shows on a terminal how far a release has
// come, nil if w is not a terminal.
func progressOf(w io.Writer) func(control.Progress) {
	f, ok := cli.Terminal(w)
	if !ok {
		return nil
	}
	return func(p control.Progress) {
		over := 0
		for _, r := range p.Results {
			if r.State != control.Releasing {
				over++
			}
		}
		fmt.Fprintf(f, "\r\033[K")
		if !p.Done {
			fmt.Fprintf(f, "%d of %d jobs done%s", over, len(p.Results), waitingFor(p.Results))
		}
	}
}

// waitingFor returns what a running release waits for.
func waitingFor(results []control.Result) string {
	for _, r := range results {
		if r.State == control.Releasing && r.Message != "" {
			return ". " + r.Message
		}
	}
	return ""
}

func printResults(c *cobra.Command, results []control.Result, asJSON bool) error {
	if asJSON {
		return cli.PrintJSON(c.OutOrStdout(), results)
	}
	if len(results) == 0 {
		fmt.Fprintln(c.ErrOrStderr(), "printscout: no parked job can be released; printscout job list shows your jobs")
	}
	for _, r := range results {
		printResult(c.OutOrStdout(), r)
	}
	return nil
}

func printResult(w io.Writer, r control.Result) {
	fmt.Fprintf(w, "%s  %s at %s", r.Job, r.State, r.Printer)
	if r.Grade != "" {
		fmt.Fprintf(w, " by %s", r.Grade)
	}
	if r.PagesPrinted != nil {
		fmt.Fprintf(w, ", pages printed: %d", *r.PagesPrinted)
	}
	fmt.Fprintln(w)
	if r.Message != "" {
		fmt.Fprintf(w, "    %s\n", r.Message)
	}
	for _, e := range r.Evidence {
		fmt.Fprintf(w, "    - %s\n", e)
	}
}

// forbiddenReasons mean that the printer, or the way to it, does not meet what
// the directory demands.
var forbiddenReasons = []string{outcome.ReasonPinMismatch, outcome.ReasonPinMissing, outcome.ReasonPlain, outcome.ReasonUntrusted, outcome.ReasonAnother}

// statusOf returns how a release as a whole went, nil for success. Without
// --wait, a running release counts as one that succeeded.
func statusOf(results []control.Result) error {
	var delivered, uncertain, forbidden int
	for _, r := range results {
		switch {
		case r.State == "delivered", r.State == control.Releasing:
			delivered++
		case r.State == "uncertain":
			uncertain++
		case slices.Contains(forbiddenReasons, r.Reason):
			forbidden++
		}
	}
	end := cli.EndWith(cli.Failed, "no job was delivered")
	switch {
	case delivered == len(results):
		return nil
	case delivered > 0 || uncertain > 0:
		end = cli.EndWith(cli.Part, "not all jobs were delivered, or it is not certain")
	case forbidden > 0:
		end = cli.EndWith(cli.Forbidden, "no job was delivered: the site's directory forbids it")
	}
	return cli.WithHint(end, pinHint(results))
}
