package main

import (
	"context"
	"os"
	"os/exec"
	"strconv"
)

// agentLog is where launchd puts what the agent writes to standard error.
const agentLog = "/Library/Logs/PrintScout/agent.log"

// logCommand returns what prints the agent's log: tail of launchd's file.
func logCommand(ctx context.Context, q logQuery) (*exec.Cmd, error) {
	if q.since > 0 {
		return nil, errNoLog("the file " + agentLog + " is not divided by time: leave --since out")
	}
	if _, err := os.Stat(agentLog); err != nil {
		return nil, errNoLog("there is no " + agentLog)
	}
	lines := q.lines
	if lines == 0 {
		lines = 1000
	}
	args := []string{"-n", strconv.Itoa(lines)}
	if q.follow {
		args = append(args, "-F")
	}
	return exec.CommandContext(ctx, "/usr/bin/tail", append(args, agentLog)...), nil
}
