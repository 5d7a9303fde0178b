package checkups

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/printscout/printscout/internal/checkup"
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/settings"
)

// fakeAgent answers with a status, or not at all.
type fakeAgent struct {
	status control.Status
	err    error
	asked  int
}

func (f *fakeAgent) Status(context.Context) (control.Status, error) {
	f.asked++
	return f.status, f.err
}

// bench is a computer that tests make: nothing of this one is seen.
type bench struct {
	Config
	t     *testing.T
	agent *fakeAgent
	env   map[string]string
	ran   []string // what was run, by the words of its command
	said  map[string]string
}

var testTime = time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)

func newBench(t *testing.T) *bench {
	t.Helper()
	root := t.TempDir()
	b := &bench{t: t, env: map[string]string{}, said: map[string]string{}, agent: &fakeAgent{status: control.Status{
		Version: "1", Enrolled: true, Connected: true, Accepting: true, Site: "Example",
		PrinterURIs: []string{"ipp://localhost:8631/ipp/print"}, Answers: []control.Answer{{Who: control.Us}},
	}}}
	b.Config = Config{Agent: b.agent, Settings: &settings.Settings{Values: settings.Defaults()}, Version: "1", System: &System{
		Root: root, Home: filepath.Join(root, "home/ann"), UID: os.Geteuid(), Now: func() time.Time { return testTime },
		Env: func(name string) string { return b.env[name] }, Run: b.run,
	}}
	return b
}

// run answers for a program with what a test said that it says.
func (b *bench) run(_ context.Context, name string, args ...string) ([]byte, error) {
	command := strings.Join(append([]string{name}, args...), " ")
	b.ran = append(b.ran, command)
	if said, ok := b.said[command]; ok {
		return []byte(said), nil
	}
	return nil, errors.New(name + " is not there")
}

// write makes a file below the bench's root.
func (b *bench) write(path, content string, mode os.FileMode) string {
	b.t.Helper()
	path = filepath.Join(b.System.Root, path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		b.t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		b.t.Fatal(err)
	}
	return path
}

// look runs one checkup anew.
func (b *bench) look(id string) checkup.Finding {
	b.t.Helper()
	for _, row := range Table() {
		if row.ID == id {
			return row.look(newComputer(b.Config), b.t.Context())
		}
	}
	b.t.Fatalf("there is no checkup %s", id)
	return checkup.Finding{}
}

// wants runs a checkup and wants a state and words of the summary.
func (b *bench) wants(id string, state checkup.State, words ...string) checkup.Finding {
	b.t.Helper()
	f := b.look(id)
	if f.State != state {
		b.t.Errorf("%s is %s: %s; want %s", id, f.State, f.Summary, state)
	}
	for _, w := range words {
		if !strings.Contains(f.Summary+" | "+f.Fix, w) {
			b.t.Errorf("%s does not say %q: %s | %s", id, w, f.Summary, f.Fix)
		}
	}
	if (state == checkup.Warn || state == checkup.Fail) && f.Fix == "" {
		b.t.Errorf("%s does not say what to do: %s", id, f.Summary)
	}
	return f
}

// repair makes the repairs of a Finding.
func (b *bench) repair(f checkup.Finding) {
	b.t.Helper()
	if len(f.Repairs) == 0 {
		b.t.Errorf("there is no repair: %s", f.Summary)
	}
	for _, r := range f.Repairs {
		if err := r.Do(b.t.Context()); err != nil {
			b.t.Errorf("%s: %v", r.Does, err)
		}
	}
}

func fmtErr(base error, text string) error { return fmt.Errorf("%w: %s", base, text) }
