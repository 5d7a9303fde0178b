package clitest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/printscout/printscout/internal/cli"
)

// undeclared is the exit status of a test program that was about to end with
// one that its command does not declare.
const undeclared = 99

// Main is for TestMain of a program: its transcripts then run the program
// itself, which must end with an exit status that its help names.
func Main(m *testing.M, name string, program cli.Program) {
	testscript.Main(m, map[string]func(){name: func() { os.Exit(run(program, os.Args[1:])) }})
}

func run(program cli.Program, args []string) int {
	root := program.NewRoot()
	code := program.Run(context.Background(), root, args)
	c, _, err := root.Find(args)
	if err != nil {
		c = root
	}
	if cli.ExitsOf(c)[code] == "" {
		fmt.Fprintf(os.Stderr, "%s ends with %d, which is not in its EXIT STATUS\n", c.CommandPath(), code)
		return undeclared
	}
	return code
}

// RunScripts runs the transcripts in a folder. Beside the commands of
// testscript they have
//
//	exits CODE PROGRAM ARGUMENT...
//
// which wants that exit status.
func RunScripts(t *testing.T, dir string) {
	t.Helper()
	testscript.Run(t, testscript.Params{
		Dir:                 dir,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
	})
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGUMENT...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		ended, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("running %s: %v", args[1], err)
		}
		got = ended.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d\nstderr: %s", got, want, ts.ReadFile("stderr"))
	}
}
