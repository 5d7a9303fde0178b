//go:build unix

package installer

import (
	"context"
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/settings"
)

// fakeRunner records commands and answers them by a function; nil answers nothing.
type fakeRunner struct {
	ran    []string
	answer func(Command) (string, error)
}

func (f *fakeRunner) Run(_ context.Context, c Command) ([]byte, error) {
	f.ran = append(f.ran, c.String())
	if f.answer == nil {
		return nil, nil
	}
	out, err := f.answer(c)
	return []byte(out), err
}

func (f *fakeRunner) Has(string) bool { return true }

// changes are the recorded commands that change something.
func (f *fakeRunner) changes() (all []string) {
	for _, c := range f.ran {
		for _, reads := range []string{"launchctl print", "reg.exe query", "Get-Printer |"} {
			if strings.Contains(c, reads) {
				c = ""
			}
		}
		if c != "" {
			all = append(all, c)
		}
	}
	return all
}

// fakeAgent answers with a status and jobs.
type fakeAgent struct {
	status   control.Status
	jobs     []control.Job
	canceled []string
	err      error
}

func (a *fakeAgent) Status(context.Context) (control.Status, error) { return a.status, a.err }
func (a *fakeAgent) Jobs(context.Context) ([]control.Job, error)    { return a.jobs, a.err }
func (a *fakeAgent) Unenroll(context.Context, control.Leaving) (control.Left, error) {
	if a.err == nil && !a.status.Enrolled {
		return control.Left{}, &control.Error{Code: control.CodeNotEnrolled, Message: "it has not joined a site"}
	}
	return control.Left{Site: a.status.Site, ServerTold: true}, a.err
}

func (a *fakeAgent) Cancel(_ context.Context, id string) (control.Job, error) {
	a.canceled = append(a.canceled, id)
	return control.Job{}, nil
}

// newFake returns a run on a computer whose files are in a folder of the test's and
// whose programs are a fakeRunner.
func newFake(t *testing.T, l layout) (*run, *fakeRunner, *fakeAgent) {
	t.Helper()
	runner := new(fakeRunner)
	agent := &fakeAgent{status: control.Status{PrinterURI: "ipp://localhost:8631/ipp/print"}}
	root := t.TempDir()
	for _, path := range []string{l.stateDir, l.configDir, l.recordDir} {
		if err := os.MkdirAll(filepath.Join(root, filepath.Dir(path)), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	l.account = ""
	values := settings.Defaults()
	values.StateDir = l.stateDir
	return &run{
		Computer: &Computer{
			Root: root, Runner: runner,
			CUPS:         &CUPS{Socket: filepath.Join(root, "none"), Conf: "/etc/cups/cupsd.conf", FilesConf: "/etc/cups/cups-files.conf"},
			LoadSettings: func() (*settings.Settings, error) { return &settings.Settings{Values: values}, nil },
			Listener:     func(context.Context, netip.AddrPort) (string, bool) { return "", false },
			Account:      func(string) (Account, bool) { return Account{}, false },
			Elevated:     func() bool { return true },
		},
		Options: Options{Binary: "/opt/printscout/printscout", Timeout: time.Minute},
		layout:  l,
		values:  values,
		agent:   agent,
	}, runner, agent
}

// put writes a file of the computer.
func (r *run) put(t *testing.T, path, text string) {
	t.Helper()
	full := filepath.Join(r.Root, path)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// text returns a file of the computer, "" if there is none.
func (r *run) text(path string) string {
	b, _ := os.ReadFile(filepath.Join(r.Root, path))
	return string(b)
}

// fakeRecord is a record that is kept in memory.
func fakeRecord() *Record { return &Record{write: func([]byte) error { return nil }} }

func wantCommands(t *testing.T, f *fakeRunner, want ...string) {
	t.Helper()
	got := f.changes()
	if len(got) != len(want) {
		t.Fatalf("it ran\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for i := range want {
		if !strings.Contains(got[i], want[i]) {
			t.Errorf("command %d is %q, want %q", i, got[i], want[i])
		}
	}
	f.ran = nil
}

func jsonOf(t *testing.T, v any) json.RawMessage {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
