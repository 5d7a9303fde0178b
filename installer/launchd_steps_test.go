//go:build unix

package installer

import (
	"errors"
	"strings"
	"testing"
)

// TestLaunchd runs the steps of macOS with recorded commands.
func TestLaunchd(t *testing.T) {
	r, runner, _ := newFake(t, macLayout)
	r.put(t, r.Binary, "program")
	loaded := false
	runner.answer = func(c Command) (string, error) {
		switch {
		case c.Name != "launchctl":
		case c.Args[0] == "print" && !loaded:
			return "", &CommandError{Name: "launchctl", Code: 113}
		case c.Args[0] == "bootstrap":
			loaded = true
		case c.Args[0] == "bootout":
			loaded = false
		}
		return "", nil
	}
	record := fakeRecord()
	steps := []Step{r.foldersStep(), r.settingsStep(), r.launchdStep(), r.launchdTrayStep()}
	result, err := (&engine{steps: steps, record: record}).install(t.Context())
	if err != nil || result.Outcome != Complete {
		t.Fatalf("%v, %+v", err, result)
	}
	wantCommands(t, runner, "launchctl enable system/com.printscout.agent", "launchctl bootstrap system /Library/LaunchDaemons/com.printscout.agent.plist")
	for _, path := range []string{daemonFile, trayFile} {
		if text := r.text(path); !strings.Contains(text, "<string>"+r.Binary+"</string>") || strings.Contains(text, launchdPath) {
			t.Errorf("%s:\n%s", path, text)
		}
	}
	if _, err := (&engine{steps: steps, record: record}).install(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantCommands(t, runner)
	r.settingsChanged = true
	if _, err := (&engine{steps: steps, record: record}).install(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantCommands(t, runner, "launchctl bootout system/com.printscout.agent", "launchctl enable", "launchctl bootstrap")

	// The record is lost: launchd's files are known by their labels.
	r.Purge = true
	uninstalled := &Result{Outcome: Complete}
	if err := (&engine{steps: steps, record: fakeRecord()}).uninstall(t.Context(), uninstalled, true); err != nil || uninstalled.Outcome != Complete {
		t.Fatalf("%v, %+v", err, uninstalled)
	}
	wantCommands(t, runner, "launchctl bootout system/com.printscout.agent")
	if left := r.text(daemonFile) + r.text(trayFile); left != "" {
		t.Errorf("left: %s", left)
	}
}

func TestLaunchdRefuses(t *testing.T) {
	r, runner, _ := newFake(t, macLayout)
	r.put(t, r.Binary, "program")
	runner.answer = func(c Command) (string, error) {
		if c.Args[0] == "print" || c.Args[0] == "bootstrap" {
			return "", &CommandError{Name: "launchctl", Code: 5, Said: "Bootstrap failed: 5: Input/output error"}
		}
		return "", nil
	}
	_, err := (&engine{steps: []Step{r.launchdStep()}, record: fakeRecord()}).install(t.Context())
	if p, ok := errors.AsType[*Problem](err); !ok || !strings.Contains(p.Hint, daemonLogs) || !strings.Contains(err.Error(), "Bootstrap failed") {
		t.Errorf("%v", err)
	}
	if r.text(daemonFile) != "" {
		t.Error("its file is left")
	}
}
