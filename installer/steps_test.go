//go:build unix

package installer

import (
	"slices"
	"strings"
	"testing"
)

// TestStepsOfEachSystem: docs/installer.md has their order.
func TestStepsOfEachSystem(t *testing.T) {
	const queue = " queue default-printer"
	for _, c := range []struct {
		system string
		steps  func(*run) []Step
		want   string
	}{
		{"linux", (*run).linuxSteps, "account folders settings bundle service enrollment desktop" + queue + " queue-names probe"},
		{"macOS", (*run).macSteps, "folders settings bundle service enrollment desktop" + queue + " queue-names probe"},
		{"windows", func(r *run) []Step { return r.windowsSteps(Step{Name: "service"}) }, "folders settings bundle service enrollment desktop" + queue + " probe"},
	} {
		r, _, _ := newFake(t, linuxLayout)
		if got := stepNames(c.steps(r)); got != c.want {
			t.Errorf("%s: %s", c.system, got)
		}
		r.FromPackage = true
		want := "settings" + queue
		if c.system != "windows" {
			want += " queue-names"
		}
		if got := stepNames(c.steps(r)); got != want {
			t.Errorf("%s, from a package: %s", c.system, got)
		}
	}
	r, _, _ := newFake(t, linuxLayout)
	r.put(t, "/usr/lib/systemd/system/printscout.service", "")
	if got := stepNames(r.linuxSteps()); got != "folders settings bundle service enrollment"+queue+" queue-names probe" {
		t.Errorf("with a package: %s", got)
	}
}

func stepNames(steps []Step) string {
	var names []string
	for _, s := range steps {
		if slices.Contains(names, s.Name) || s.Do == nil && s.Name != "service" {
			names = append(names, "BAD")
		}
		names = append(names, s.Name)
	}
	return strings.Join(names, " ")
}
