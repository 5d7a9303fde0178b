//go:build linux

package container

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// ownCgroups makes a control group with that name in each hierarchy that
// systemd uses, below the one of this process, and returns their folders.
// Without them systemd-nspawn would put all containers into one group, and the
// first to end would remove the empty groups in it, in which a unit of another
// may be about to start. They are removed at the end of the test.
func ownCgroups(tb testing.TB, name string) []string {
	tb.Helper()
	self, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		tb.Fatalf("finding the control group of this process: %s", err)
	}
	var made []string
	for line := range strings.Lines(string(self)) {
		part := strings.SplitN(strings.TrimSpace(line), ":", 3) // cgroups(7)
		for _, root := range rootsOf(part[1]) {
			if _, err := os.Stat(filepath.Join(root, "cgroup.procs")); err != nil {
				continue
			}
			dir := filepath.Join(root, part[2], name)
			if err := os.Mkdir(dir, 0o755); err != nil {
				tb.Fatalf("making a control group of the container: %s", err)
			}
			tb.Cleanup(func() { removeCgroup(dir) })
			made = append(made, dir)
		}
	}
	return made
}

// rootsOf returns where a hierarchy is mounted that systemd uses: the unified
// one has no controllers.
func rootsOf(controllers string) []string {
	switch controllers {
	case "":
		return []string{"/sys/fs/cgroup", "/sys/fs/cgroup/unified"}
	case "name=systemd":
		return []string{"/sys/fs/cgroup/systemd"}
	}
	return nil
}

// removeCgroup removes a control group in which no process is left, the inner
// ones first.
func removeCgroup(dir string) {
	var all []string
	filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			all = append(all, path)
		}
		return nil
	})
	for _, path := range slices.Backward(all) {
		os.Remove(path)
	}
}
