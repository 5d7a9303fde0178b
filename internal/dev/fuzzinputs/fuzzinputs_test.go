package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// ofAModule are the files of a module with one fuzz target, whose seed reaches
// what begins with a letter.
var ofAModule = map[string]string{
	"go.mod": "module example.org/m\n\ngo 1.26\n",
	"m.go": `package m

func kind(s string) int {
	switch {
	case s > "a":
		return 1
	case len(s) > 3:
		return 2
	case s == "!":
		return 3
	}
	return 4
}
`,
	"m_test.go": `package m

import "testing"

func FuzzKind(f *testing.F) {
	f.Add("b")
	f.Fuzz(func(t *testing.T, s string) { kind(s) })
}
`,
}

// ofKind are its inputs, and whether they stay.
var ofKind = map[string]struct {
	text  string
	stays bool
}{
	"0000000000000001": {"c", false},      // as the seed
	"0000000000000002": {"111111", false}, // the next is smaller
	"0000000000000003": {"1111", true},
	"0000000000000004": {"!", true},
	"once-wrong":       {"1", true},  // has a name
	"0000000000000005": {"2", false}, // as the one with a name
}

// TestReduce reduces the inputs of a module.
func TestReduce(t *testing.T) {
	peers.Short(t, "go test")
	dir := t.TempDir()
	folder := filepath.Join(dir, "testdata", "fuzz", "FuzzKind")
	write := func(path, text string) {
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range ofAModule {
		write(filepath.Join(dir, name), text)
	}
	var all, stay []string
	for name, in := range ofKind {
		write(filepath.Join(folder, name), "go test fuzz v1\nstring(\""+in.text+"\")\n")
		all = append(all, name)
		if in.stays {
			stay = append(stay, name)
		}
	}
	p := pkg{Dir: dir, ImportPath: "example.org/m"}
	p.Module.Dir, p.Module.Path = dir, "example.org/m"
	for _, step := range []struct {
		dry  bool
		says string
		want []string
	}{
		{true, "example.org/m FuzzKind: 3 of 6 inputs stay\n", all},
		{false, "example.org/m FuzzKind: 3 of 6 inputs stay\n", stay},
		{false, "example.org/m FuzzKind: 3 of 3 inputs stay\n", stay},
	} {
		var out bytes.Buffer
		if err := p.reduceTargets(t.Context(), step.dry, &out); err != nil || out.String() != step.says {
			t.Fatalf("%q, %v, want %q", out.String(), err, step.says)
		}
		left, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range left {
			got = append(got, e.Name())
		}
		if slices.Sort(step.want); !slices.Equal(got, step.want) {
			t.Errorf("left are %q, want %q", got, step.want)
		}
	}
}

// TestReduceKeepsAllOfAFailure removes nothing where an input fails.
func TestReduceKeepsAllOfAFailure(t *testing.T) {
	tg := target{name: "FuzzNone", dir: t.TempDir(), pkg: t.TempDir(), binary: filepath.Join(t.TempDir(), "none"), temp: t.TempDir()}
	name := filepath.Join(tg.dir, "0000000000000001")
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := tg.reduceInputs(t.Context(), false); err == nil {
		t.Error("a binary that is not there reached something")
	}
	if _, err := os.Stat(name); err != nil {
		t.Error(err)
	}
}

func TestReadProfile(t *testing.T) {
	for text, want := range map[string]struct {
		n    int
		fail bool
	}{
		"mode: set\n": {0, false},
		"mode: set\na.go:1.2,3.4 2 1\na.go:5.2,6.4 1 0\n": {1, false},
		"mode: set\nhello\n":                              {0, true},
	} {
		path := filepath.Join(t.TempDir(), "profile")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if b, err := readProfile(path); len(b) != want.n || (err != nil) != want.fail {
			t.Errorf("%q: %v, %v", text, b, err)
		}
	}
}
