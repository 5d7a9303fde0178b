package clitest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"

	"github.com/printscout/printscout/internal/cli"
)

// undeclared is the exit status of a test program in place of one that its command
// does not declare.
const undeclared = 99

// Main is for TestMain of a program: its transcripts then run the program itself,
// which must end with an exit status that its help names.
func Main(m *testing.M, name string, program cli.Program) {
	testscript.Main(m, map[string]func(){name: func() { os.Exit(runDeclared(program)) }})
}

func runDeclared(program cli.Program) int {
	code := program.Main()
	root := program.NewRoot()
	c, _, err := root.Find(os.Args[1:])
	if err != nil {
		c = root
	}
	if cli.ExitsOf(c)[code] == "" && c.Name() != cobra.ShellCompRequestCmd {
		fmt.Fprintf(os.Stderr, "%s ends with %d, which is not in its EXIT STATUS\n", c.CommandPath(), code)
		return undeclared
	}
	return code
}

// RunScripts runs the transcripts in a folder, with variables in their
// environment. Besides the commands of testscript they can use
//
//	exits CODE PROGRAM ARGUMENT...
//	until CODE PROGRAM ARGUMENT...
//
// The first requires that exit status, the second repeats the command until it has
// that status.
func RunScripts(t *testing.T, dir string, variables map[string]string) {
	t.Helper()
	testscript.Run(t, testscript.Params{
		Dir:                 dir,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"exits": expectExit, "until": awaitExit},
		Setup: func(e *testscript.Env) error {
			for name, value := range variables {
				e.Setenv(name, value)
			}
			return nil
		},
	})
}

func expectExit(ts *testscript.TestScript, neg bool, args []string) {
	want := wantedStatus(ts, neg, args)
	if got := exitStatus(ts, args[1:]); got != want {
		ts.Fatalf("exit status %d, want %d\nstderr: %s", got, want, ts.ReadFile("stderr"))
	}
}

const (
	untilTime  = time.Minute
	untilEvery = 50 * time.Millisecond
)

func awaitExit(ts *testscript.TestScript, neg bool, args []string) {
	want := wantedStatus(ts, neg, args)
	ctx, cancel := context.WithTimeout(context.Background(), untilTime)
	defer cancel()
	again := time.NewTicker(untilEvery)
	defer again.Stop()
	for exitStatus(ts, args[1:]) != want {
		select {
		case <-again.C:
		case <-ctx.Done():
			ts.Fatalf("%v never ended with %d", args[1:], want)
		}
	}
}

func wantedStatus(ts *testscript.TestScript, neg bool, args []string) int {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits|until CODE PROGRAM ARGUMENT...")
	}
	code, err := strconv.Atoi(args[0])
	ts.Check(err)
	return code
}

func exitStatus(ts *testscript.TestScript, line []string) int {
	err := ts.Exec(line[0], line[1:]...)
	ended, ok := errors.AsType[*exec.ExitError](err)
	switch {
	case err == nil:
		return 0
	case !ok:
		ts.Fatalf("running %s: %v", line[0], err)
	}
	return ended.ExitCode()
}
