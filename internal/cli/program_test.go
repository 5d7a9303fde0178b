package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

var errKnown = errors.New("the lock is taken")

// example has a command for each way to end.
var example = Program{
	NewRoot: func() *cobra.Command {
		root := &cobra.Command{Use: "example", Short: "An example"}
		group := &cobra.Command{Use: "job", Short: "Jobs"}
		group.AddCommand(
			endingCommand("list", nil), endingCommand("show ID [MORE]", nil), endingCommand("fail", errors.New("no paper")), endingCommand("lock", errKnown),
			endingCommand("part", WithHint(EndWith(Part, "one of two"), "look again")), endingCommand("quiet", EndWith(Forbidden, "")),
			endingCommand("stop", fmt.Errorf("waiting: %w", context.Canceled)), endingCommand("unusable", Usagef("that cannot be")),
		)
		root.AddCommand(group, NewVersion(), NewGenerate())
		return Prepare(root)
	},
	Explain: func(err error) (int, string, bool) {
		return NotPermitted, "wait for it", errors.Is(err, errKnown)
	},
}

func endingCommand(use string, err error) *cobra.Command {
	c := &cobra.Command{Use: use, Short: "End", RunE: func(*cobra.Command, []string) error { return err }}
	JSONFlag(c)
	c.Flags().Duration("after", 0, "some `TIME`")
	return c
}

func TestHowACommandLineEnds(t *testing.T) {
	for line, want := range map[string]struct {
		code   int
		stderr string
	}{
		"job list":                    {Done, ""},
		"job show 1":                  {Done, ""},
		"job show 1 2":                {Done, ""},
		"job fail":                    {Failed, "example: no paper\n"},
		"job fail --json":             {Failed, `{"error":"no paper","code":1}` + "\n"},
		"job lock":                    {NotPermitted, "example: the lock is taken\nhint: wait for it\n"},
		"job lock --json":             {NotPermitted, `{"error":"the lock is taken","hint":"wait for it","code":12}` + "\n"},
		"job part":                    {Part, "hint: look again\n"},
		"job part --json=true":        {Part, `{"error":"one of two","hint":"look again","code":3}` + "\n"},
		"job part --json=false":       {Part, "hint: look again\n"},
		"job quiet":                   {Forbidden, ""},
		"job quiet --json":            {Forbidden, `{"error":"forbidden by policy","code":13}` + "\n"},
		"job stop":                    {Failed, "example: waiting: context canceled\n"},
		"job unusable":                {Usage, "example: that cannot be\nhint: run 'example job unusable --help' for usage\n"},
		"job show":                    {Usage, "example: missing argument: ID\nhint: run 'example job show --help' for usage\n"},
		"job show 1 2 3":              {Usage, "example: unexpected argument \"3\"\nhint: run 'example job show --help' for usage\n"},
		"job list x":                  {Usage, "example: unexpected argument \"x\"\nhint: run 'example job list --help' for usage\n"},
		"job lsit":                    {Usage, "example: unknown command \"example job lsit\"\nhint: did you mean 'example job list'?\n"},
		"bogus":                       {Usage, "example: unknown command \"example bogus\"\nhint: run 'example --help' for usage\n"},
		"completion bash":             {Usage, "example: unknown command \"example completion\"\nhint: run 'example --help' for usage\n"},
		"bogus --json":                {Usage, `{"error":"unknown command \"example bogus\"","hint":"run 'example --help' for usage","code":2}` + "\n"},
		"help job show more":          {Usage, "example: unknown command \"example job show more\"\nhint: run 'example help --help' for usage\n"},
		"job list --bogus":            {Usage, "example: unknown flag --bogus\nhint: run 'example job list --help' for usage\n"},
		"job list -xyz":               {Usage, "example: unknown flag -x\nhint: run 'example job list --help' for usage\n"},
		"job list --after":            {Usage, "example: --after needs a value: TIME\nhint: run 'example job list --help' for usage\n"},
		"job list --after soon":       {Usage, "example: --after does not take \"soon\": it takes a duration such as 90s, 15m or 24h\nhint: run 'example job list --help' for usage\n"},
		"job list --json=perhaps":     {Usage, "example: --json does not take \"perhaps\": it takes true or false\nhint: run 'example job list --help' for usage\n"},
		"job list ---":                {Usage, "example: \"---\" is not a flag\nhint: run 'example job list --help' for usage\n"},
		"job show -- --json":          {Done, ""},
		"job show --json -- --json x": {Done, ""},
	} {
		var stderr bytes.Buffer
		root := example.NewRoot()
		root.SetOut(&bytes.Buffer{})
		root.SetErr(&stderr)
		if code := example.Run(t.Context(), root, strings.Fields(line)); code != want.code || stderr.String() != want.stderr {
			t.Errorf("example %s: exit %d, %q", line, code, stderr.String())
		}
	}
}

func TestAnInterruptedCommand(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for line, want := range map[string]struct {
		code   int
		stderr string
	}{
		"job stop":        {Interrupted, "example: waiting: interrupted\n"},
		"job stop --json": {Interrupted, `{"error":"waiting: interrupted","code":130}` + "\n"},
		"job fail":        {Failed, "example: no paper\n"},
		"job list":        {Done, ""},
	} {
		var stderr bytes.Buffer
		root := example.NewRoot()
		root.SetErr(&stderr)
		if code := example.Run(ctx, root, strings.Fields(line)); code != want.code || stderr.String() != want.stderr {
			t.Errorf("example %s: exit %d, %q", line, code, stderr.String())
		}
	}
}

// TestAReadIsInterrupted reads a standard input without any data.
func TestAReadIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := &cobra.Command{}
	c.SetContext(ctx)
	never := make(chan struct{})
	c.SetIn(readerFunc(func([]byte) (int, error) {
		cancel()
		<-never
		return 0, errors.New("over")
	}))
	if _, err := ReadInput(c, "-"); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	close(never)
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

func TestInputOfAnySize(t *testing.T) {
	for n, ok := range map[int]bool{0: true, maxInput: true, maxInput + 1: false} {
		c := &cobra.Command{}
		c.SetContext(t.Context())
		c.SetIn(strings.NewReader(strings.Repeat("x", n)))
		if b, err := ReadInput(c, "-"); (err == nil) != ok || ok && len(b) != n {
			t.Errorf("%d bytes: %d, %v", n, len(b), err)
		}
	}
	if _, err := ReadInput(&cobra.Command{}, "/nowhere/at/all"); err == nil {
		t.Error("a file that is not there was read")
	}
	c := &cobra.Command{}
	c.SetIn(strings.NewReader("secret\n"))
	if secret, err := AskSecret(c, ""); err == nil || AtTerminal(c) {
		t.Errorf("a pipe was taken for a person: %q", secret)
	}
}

func TestArgumentsOfAUseLine(t *testing.T) {
	for use, want := range map[string]struct {
		names    string
		required int
	}{
		"list": {"", 0}, "show ID": {"ID", 1}, "add NAME URI": {"NAME URI", 2}, "register [NAME]": {"NAME", 0}, "move FROM [TO]": {"FROM TO", 1},
	} {
		if names, required := parseUseLine(use); strings.Join(names, " ") != want.names || required != want.required {
			t.Errorf("%s: %q, %d", use, names, required)
		}
	}
}
