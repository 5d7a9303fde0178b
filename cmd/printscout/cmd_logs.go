package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/internal/cli"
)

// shownLines is how many lines logs shows unless it is told since when.
const shownLines = 200

func newLogs() *cobra.Command {
	var q logQuery
	c := &cobra.Command{
		Use:   "logs",
		Short: "Show the log of the agent",
		Long: "Shows the last 200 lines of the agent's log, or those since a time. On Linux they are\n" +
			"in systemd's journal, of which ordinary users see only what their groups allow\n" +
			"(adm, systemd-journal). An agent that was started by hand logs to standard error.",
		Example: "  printscout logs --since 1h\n  printscout logs -f\n  printscout logs --json",
		Annotations: cli.Exits{
			cli.Done:        "the log is shown, even if it is empty",
			cli.Failed:      "the system keeps no log of the agent, or it could not be read",
			cli.Interrupted: "interrupted",
		}.Annotations(),
	}
	c.Flags().BoolVarP(&q.follow, "follow", "f", false, "go on with what is logged from now on, until Ctrl-C")
	c.Flags().DurationVar(&q.since, "since", 0, "show what was logged in the last `TIME`, such as 1h")
	asJSON := cli.JSONFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if q.since < 0 {
			return cli.Usagef("--since is not a time that passes, such as 1h")
		}
		if q.since == 0 {
			q.lines = shownLines
		}
		return showLog(c.Context(), q, c.OutOrStdout(), *asJSON)
	}
	return c
}

// showLog prints the agent's log until it ends or ctx does.
func showLog(ctx context.Context, q logQuery, out io.Writer, asJSON bool) error {
	cmd, err := logCommand(ctx, q)
	if _, none := errors.AsType[errNoLog](err); none {
		return cli.WithHint(fmt.Errorf("showing the log: %w", err), "an agent that was not started by the system's service manager logs to the standard error of whatever started it (docs/doctor.md, Log)")
	}
	if err != nil {
		return err
	}
	return runLog(ctx, cmd, out, asJSON)
}

// runLog prints what a program says of the log.
func runLog(ctx context.Context, cmd *exec.Cmd, out io.Writer, asJSON bool) error {
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	cmd.WaitDelay = time.Second
	log, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("showing the log: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("showing the log: %w", err)
	}
	copied := copyLog(out, log, asJSON)
	if copied != nil {
		cmd.Cancel()
	}
	ended := cmd.Wait()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case copied != nil:
		return copied
	case ended != nil:
		return logFailed(ended, complaint.String())
	}
	return nil
}

// logFailed returns the error of a program that could not read the log.
func logFailed(err error, said string) error {
	if _, ok := errors.AsType[*exec.ExitError](err); !ok || strings.TrimSpace(said) == "" {
		return fmt.Errorf("showing the log: %w", err)
	}
	return cli.WithHint(fmt.Errorf("showing the log: %s", strings.Join(strings.Fields(said), " ")), "run it as root, or as a member of the group systemd-journal or adm")
}
