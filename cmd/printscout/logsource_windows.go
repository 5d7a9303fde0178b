package main

import (
	"context"
	"os/exec"
)

// logCommand knows no log: Windows keeps none of what a service writes to
// standard error.
func logCommand(context.Context, logQuery) (*exec.Cmd, error) {
	return nil, errNoLog("Windows does not keep what a service writes to standard error")
}
