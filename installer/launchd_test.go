package installer

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"howett.net/plist"
)

// launchdJob is what launchd reads of a property list (launchd.plist(5)), as far as
// ours have it. A key that is not here fails the test.
type launchdJob struct {
	Label                       string
	AssociatedBundleIdentifiers []string
	ProgramArguments            []string
	RunAtLoad                   bool
	KeepAlive                   any
	ThrottleInterval            int
	ExitTimeOut                 int
	ProcessType                 string
	Umask                       int
	LimitLoadToSessionType      string
	HardResourceLimits          map[string]int
	SoftResourceLimits          map[string]int
	StandardErrorPath           string
}

func readJob(t *testing.T, name string) (j launchdJob, keys []string) {
	t.Helper()
	b, err := Files.ReadFile("macos/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	for _, into := range []any{&j, &all} {
		format, err := plist.Unmarshal(b, into)
		if err != nil || format != plist.XMLFormat {
			t.Fatalf("%s: format %d, %v", name, format, err)
		}
	}
	for key := range all {
		keys = append(keys, key)
	}
	return j, keys
}

func TestLaunchdFiles(t *testing.T) {
	files, err := Files.ReadDir("macos")
	if err != nil || len(files) != 2 {
		t.Fatal(files, err)
	}
	known := []string{"Label", "AssociatedBundleIdentifiers", "ProgramArguments", "RunAtLoad", "KeepAlive", "ThrottleInterval", "ExitTimeOut",
		"ProcessType", "Umask", "LimitLoadToSessionType", "HardResourceLimits", "SoftResourceLimits", "StandardErrorPath"}
	for _, f := range files {
		j, keys := readJob(t, f.Name())
		for _, key := range keys {
			if !slices.Contains(known, key) {
				t.Errorf("%s has %s, which this test does not know", f.Name(), key)
			}
		}
		if j.Label+".plist" != f.Name() || !j.RunAtLoad || len(j.ProgramArguments) != 2 || !filepath.IsAbs(j.ProgramArguments[0]) {
			t.Errorf("%s: %+v", f.Name(), j)
		}
		if len(j.AssociatedBundleIdentifiers) != 1 || !strings.HasPrefix(j.AssociatedBundleIdentifiers[0], "com.printscout.") {
			t.Errorf("%s belongs to %v", f.Name(), j.AssociatedBundleIdentifiers)
		}
	}
	if agent, _ := readJob(t, "com.printscout.agent.plist"); agent.ProgramArguments[1] != "service" || agent.KeepAlive != true ||
		agent.Umask != 0o077 || agent.HardResourceLimits["Core"] != 0 || agent.LimitLoadToSessionType != "" || agent.ExitTimeOut < 20 {
		t.Errorf("the agent: %+v", agent)
	}
	tray, _ := readJob(t, "com.printscout.tray.plist")
	if again, ok := tray.KeepAlive.(map[string]any); tray.ProgramArguments[1] != "tray" || tray.LimitLoadToSessionType != "Aqua" || !ok || again["SuccessfulExit"] != false {
		t.Errorf("the tray: %+v", tray)
	}
}
