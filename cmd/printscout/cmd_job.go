package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/internal/cli"
	"github.com/printscout/printscout/internal/control"
)

func newJob(o *agentOptions) *cobra.Command {
	c := &cobra.Command{Use: "job", Short: "Your parked jobs: list, show, release, cancel, resolve"}
	c.AddCommand(newJobList(o), newJobShow(o), newJobRelease(o), newJobCancel(o), newJobResolve(o))
	return c
}

func newJobList(o *agentOptions) *cobra.Command {
	c := &cobra.Command{
		Use:   "list",
		Short: "List your jobs; an administrator sees all jobs",
		Annotations: exitsOfAgent.With(cli.Exits{
			cli.Done:   "the jobs are listed, even if there are none",
			cli.Failed: "they could not be listed",
		}).Annotations(),
	}
	asJSON := cli.JSONFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		jobs, err := askAgent(c, o, (*control.Client).Jobs)
		if err != nil {
			return err
		}
		return cli.Present(c, *asJSON, jobs, jobsRows)
	}
	return c
}

func jobsRows(jobs []control.Job) [][]string {
	rows := [][]string{{"ID", "STATE", "PAGES", "SIZE", "USER", "PRINTED", "TITLE", "REASON"}}
	for _, j := range jobs {
		rows = append(rows, []string{j.ID, jobState(j), pageCount(j), byteSize(j.Bytes), j.User, j.Created.Local().Format(time.DateTime), j.Title, j.Reason})
	}
	return rows
}

// jobState returns the state of a job, marked if its release needs a PIN.
func jobState(j control.Job) string {
	if j.PINRequired {
		return j.State + ", PIN"
	}
	return j.State
}

// pageCount returns how many pages a job has, with a ~ if that is an estimate.
func pageCount(j control.Job) string {
	if j.Pages == nil {
		return "?"
	}
	n := strconv.Itoa(*j.Pages)
	if j.PagesCertainty != "exact" {
		n = "~" + n
	}
	if j.Copies > 1 {
		n += "×" + strconv.Itoa(j.Copies)
	}
	return n
}

func newJobShow(o *agentOptions) *cobra.Command {
	c := &cobra.Command{
		Use:   "show ID",
		Short: "Show one of your jobs; the start of its id is enough",
		Annotations: exitsOfAgent.With(cli.Exits{
			cli.Done:   "the job is shown",
			cli.Failed: "you have no such job",
			cli.Usage:  "wrong usage, or more than one of your jobs begins with ID",
		}).Annotations(),
	}
	asJSON := cli.JSONFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		return withJob(c, o, args[0], *asJSON, (*control.Client).Job)
	}
	return c
}

func newJobCancel(o *agentOptions) *cobra.Command {
	c := &cobra.Command{
		Use:   "cancel ID",
		Short: "Forget one of your jobs; one that is being sent is canceled if the printer allows it",
		Annotations: exitsOfAgent.With(cli.Exits{
			cli.Done:   "the job is forgotten, or the printer is asked to cancel it",
			cli.Failed: "you have no such job, or it could not be forgotten",
			cli.Usage:  "wrong usage, or more than one of your jobs begins with ID",
		}).Annotations(),
	}
	asJSON := cli.JSONFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		return withJob(c, o, args[0], *asJSON, (*control.Client).Cancel)
	}
	return c
}

func newJobResolve(o *agentOptions) *cobra.Command {
	c := &cobra.Command{
		Use:   "resolve ID --printed | --print-again",
		Short: "Say what became of a job whose fate is uncertain",
		Long: "Where a printer did not say what became of a document, the job is uncertain and\n" +
			"is not printed again by itself. Look at the printer, then say --printed, and the\n" +
			"job is forgotten, or --print-again, and it can be released again. The evidence\n" +
			"is in: printscout job show ID",
		Annotations: exitsOfAgent.With(cli.Exits{
			cli.Done:   "the job is forgotten, or parked again",
			cli.Failed: "you have no such job, or its fate is not uncertain",
			cli.Usage:  "wrong usage, or more than one of your jobs begins with ID",
		}).Annotations(),
	}
	said := map[string]*bool{
		control.Printed:    c.Flags().Bool(control.Printed, false, "it came out: forget the job"),
		control.PrintAgain: c.Flags().Bool(control.PrintAgain, false, "it did not come out: park the job again"),
	}
	c.Args = func(_ *cobra.Command, args []string) error {
		if len(args) != 1 || *said[control.Printed] == *said[control.PrintAgain] {
			return cli.Usagef("name one job, and say either --printed or --print-again")
		}
		return nil
	}
	asJSON := cli.JSONFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		word := control.Printed
		if *said[control.PrintAgain] {
			word = control.PrintAgain
		}
		return withJob(c, o, args[0], *asJSON, func(client *control.Client, ctx context.Context, id string) (control.Job, error) {
			return client.Resolve(ctx, id, word)
		})
	}
	return c
}

// withJob does one thing to one job and shows the job.
func withJob(c *cobra.Command, o *agentOptions, id string, asJSON bool, do func(*control.Client, context.Context, string) (control.Job, error)) error {
	j, err := askAgent(c, o, func(client *control.Client, ctx context.Context) (control.Job, error) { return do(client, ctx, id) })
	if err != nil {
		return err
	}
	return cli.Present(c, asJSON, j, jobRows)
}

func jobRows(j control.Job) [][]string {
	rows := [][]string{
		{"Job", j.ID}, {"Title", j.Title}, {"User", j.User}, {"State", jobState(j)},
		{"Documents", strconv.Itoa(j.Documents)}, {"Format", j.Format}, {"Pages", pageCount(j)}, {"Sides", orDash(j.Sides)}, {"Color", orDash(j.Color)},
		{"Size", fmt.Sprintf("%s, %s sealed", byteSize(j.Bytes), byteSize(j.Sealed))},
		{"Printed", j.Created.Local().Format(time.DateTime)}, {"Expires", j.Expires.Local().Format(time.DateTime)},
	}
	if j.Printer != "" {
		rows = append(rows, []string{"Last printer", j.Printer})
	}
	if j.Reason != "" {
		rows = append(rows, []string{"Reason", j.Reason})
	}
	for _, e := range j.Evidence {
		rows = append(rows, []string{"Evidence", e})
	}
	return rows
}
