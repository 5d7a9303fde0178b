package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
)

// agentUnit is the unit of an installed agent.
const agentUnit = "printscout.service"

// logCommand returns what prints the agent's log: the journal's own program.
func logCommand(ctx context.Context, q logQuery) (*exec.Cmd, error) {
	if _, err := os.Stat("/run/systemd/system"); err != nil {
		return nil, errNoLog("this computer does not run systemd, whose journal keeps the log")
	}
	path, err := exec.LookPath("journalctl")
	if errors.Is(err, exec.ErrNotFound) {
		return nil, errNoLog("journalctl, which reads the journal, is not installed")
	}
	if err != nil {
		return nil, fmt.Errorf("finding journalctl: %w", err)
	}
	return exec.CommandContext(ctx, path, journalArgs(q)...), nil
}

// journalArgs returns what journalctl is asked for. Its own prefix of each line,
// which names this computer, is left out.
func journalArgs(q logQuery) []string {
	args := []string{"--unit", agentUnit, "--output", "cat", "--no-pager", "--quiet"}
	if q.since > 0 {
		args = append(args, "--since", "-"+strconv.FormatInt(int64(q.since.Seconds()), 10)+"s")
	}
	if q.lines > 0 {
		args = append(args, "--lines", strconv.Itoa(q.lines))
	}
	if q.follow {
		args = append(args, "--follow")
	}
	return args
}
