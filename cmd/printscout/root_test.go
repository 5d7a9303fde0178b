package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/printscout/printscout/internal/cli"
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/dev/clitest"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/outcome"
)

func TestMain(m *testing.M) { clitest.Main(m, "printscout", program) }

func TestEveryCommandSaysHowItEnds(t *testing.T) { clitest.CheckTree(t, newRoot) }

// TestDocumentsNameCommandsThatExist finds every command that a document tells
// people to type.
func TestDocumentsNameCommandsThatExist(t *testing.T) {
	guide, err := filepath.Glob("../../docs/guide/*.md")
	if err != nil || len(guide) == 0 {
		t.Fatalf("the guide has %d pages: %v", len(guide), err)
	}
	names := []string{"README.md", "SECURITY.md", "docs/job-states.md", "docs/registration.md", "docs/protocol.md", "docs/site-format.md", "docs/probe.md", "docs/raw.md"}
	for _, page := range guide {
		names = append(names, "docs/guide/"+filepath.Base(page))
	}
	for _, name := range names {
		b, err := os.ReadFile("../../" + name)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(string(b), "\n") {
			for _, call := range strings.Split(line, "printscout ")[1:] {
				checkCall(t, name, call)
			}
		}
	}
}

func checkCall(t *testing.T, document, call string) {
	t.Helper()
	words := strings.FieldsFunc(call, func(r rune) bool { return strings.ContainsRune(" `.,:;)|", r) })
	c, _, err := newRoot().Find(words)
	if len(words) == 0 || !isWord(words[0]) || c == nil {
		return
	}
	if err != nil {
		t.Errorf("%s tells people to type printscout %s: %v", document, call, err)
	}
}

// isWord tells a command from prose and placeholders.
func isWord(s string) bool {
	return slices.Contains([]string{"service", "status", "job", "printer", "person", "site", "enroll", "generate", "version", "unenroll", "doctor", "install", "update", "settings"}, s)
}

func TestExitStatus(t *testing.T) {
	for _, c := range []struct {
		err         error
		interrupted bool
		want        int
	}{
		{nil, false, 0},
		{errors.New("any"), false, 1},
		{cli.Usagef("any"), false, 2},
		{cli.EndWith(cli.Part, "why"), false, 3},
		{fmt.Errorf("a: %w", &control.Error{Code: control.CodeNotEnrolled}), false, 10},
		{fmt.Errorf("a: %w", control.ErrUnreachable), false, 11},
		{&control.Error{Code: control.CodeNotPermitted}, false, 12},
		{control.ErrStranger, false, 12},
		{directory.ErrPassword, false, 12},
		{&control.Error{Code: control.CodeForbidden}, false, 13},
		{&control.Error{Code: control.CodeUsage}, false, 2},
		{&control.Error{Code: control.CodeNotFound}, false, 1},
		{fmt.Errorf("a: %w", context.Canceled), true, 130},
		{context.Canceled, false, 1},
	} {
		if got := program.Status(c.err, c.interrupted); got != c.want {
			t.Errorf("%v: %d, want %d", c.err, got, c.want)
		}
	}
}

func TestStatusOfTheHealth(t *testing.T) {
	well := control.Status{Enrolled: true, Connected: true, Accepting: true, Answers: []control.Answer{{Who: control.Us}}}
	for name, c := range map[string]struct {
		change func(*control.Status)
		want   int
		hint   bool
	}{
		"well":         {func(*control.Status) {}, 0, false},
		"no site":      {func(s *control.Status) { s.Enrolled = false }, 10, false},
		"no server":    {func(s *control.Status) { s.Connected = false }, 3, false},
		"takes none":   {func(s *control.Status) { s.Accepting = false }, 3, false},
		"damaged":      {func(s *control.Status) { s.Damaged = 1 }, 3, false},
		"a stranger":   {func(s *control.Status) { s.Answers = append(s.Answers, control.Answer{Who: "somebody"}) }, 3, true},
		"nobody there": {func(s *control.Status) { s.Answers = append(s.Answers, control.Answer{Who: "nobody"}) }, 3, true},
	} {
		s := well
		s.Answers = slices.Clone(well.Answers)
		c.change(&s)
		err := healthOf(s)
		if got := program.Status(err, false); got != c.want || (program.Hint(err) != "") != c.hint {
			t.Errorf("%s: exit %d, hint %q", name, got, program.Hint(err))
		}
	}
}

// TestNoWordOfAStranger where the port of the agent is not known.
func TestNoWordOfAStranger(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	config := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(config, fmt.Appendf(nil, `{"Port": %d}`, l.Addr().(*net.TCPAddr).Port), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PRINTSCOUT_CONTROL", "/nowhere")
	if err := (&agentOptions{}).withStranger(t.Context(), control.ErrUnreachable); !errors.Is(err, control.ErrUnreachable) || err.Error() != control.ErrUnreachable.Error() {
		t.Errorf("named by its socket alone: %v", err)
	}
	o := &agentOptions{config: config}
	if err := o.withStranger(t.Context(), control.ErrUnreachable); program.Status(err, false) != cli.Unreachable || !strings.Contains(err.Error(), l.Addr().String()) || program.Hint(err) == "" {
		t.Errorf("named by its configuration: %v", err)
	}
	for _, other := range []error{control.ErrStranger, fmt.Errorf("%w: %w", control.ErrUnreachable, fs.ErrPermission)} {
		if err := o.withStranger(t.Context(), other); !errors.Is(err, other) || err.Error() != other.Error() {
			t.Errorf("%v became %v", other, err)
		}
	}
}

func TestReleaseStatus(t *testing.T) {
	r := func(state outcome.State, reason string) control.Result {
		return control.Result{Result: outcome.Result{State: state, Reason: reason}}
	}
	for _, c := range []struct {
		results []control.Result
		want    int
	}{
		{nil, 0},
		{[]control.Result{r("delivered", "")}, 0},
		{[]control.Result{r("delivered", ""), r("not_sent", "busy")}, 3},
		{[]control.Result{r("uncertain", "no-answer")}, 3},
		{[]control.Result{r("not_sent", "busy")}, 1},
		{[]control.Result{r("releasing", "")}, 0},
		{[]control.Result{r("releasing", ""), r("not_sent", "pin-wrong")}, 3},
		{[]control.Result{r("not_sent", "pin-required")}, 1},
		{[]control.Result{r("not_sent", "pin-mismatch")}, 13},
		{[]control.Result{r("canceled", "canceled")}, 1},
	} {
		if got := program.Status(statusOf(c.results), false); got != c.want {
			t.Errorf("%v: %d, want %d", c.results, got, c.want)
		}
	}
}

func TestPlainURI(t *testing.T) {
	for in, want := range map[string]string{
		"ipps://p:443/ipp/print":     "ipp://p:631/ipp/print",
		"ipps://p/ipp/print":         "ipp://p/ipp/print",
		"ipps://[::1]:443/ipp/print": "ipp://[::1]:631/ipp/print",
		"ipps://p:8631/x":            "ipp://p:8631/x",
	} {
		if got, err := plainURI(in); got != want || err != nil {
			t.Errorf("%s: %s, %v", in, got, err)
		}
	}
}

func TestSize(t *testing.T) {
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1.0 kB", 1_540_000: "1.5 MB", 1 << 40: "1.1 TB"} {
		if got := byteSize(n); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
}
