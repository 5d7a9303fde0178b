package checkups

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/printscout/printscout/internal/checkup"
)

func TestAutostart(t *testing.T) {
	b := newBench(t)
	b.wants("autostart", checkup.Warn, "printscout install")
	b.write("etc/xdg/autostart/printscout-tray.desktop", "[Desktop Entry]\n", 0o644)
	b.wants("autostart", checkup.Pass)
	b.write("home/ann/.config/autostart/printscout-tray.desktop", "[Desktop Entry]\nHidden = true\n", 0o644)
	b.wants("autostart", checkup.Info)
}

func TestSpace(t *testing.T) {
	b := newBench(t)
	b.wants("space", checkup.Info, "the agent makes it")
	b.write("var/lib/printscout/x", "", 0o600)
	b.Settings.MinFreeMB = 0
	b.wants("space", checkup.Pass)
	b.Settings.MinFreeMB = 1 << 40
	b.wants("space", checkup.Fail, "make room")
	free, err := checkup.FreeBytes(b.System.Root)
	if err != nil {
		t.Fatal(err)
	}
	b.Settings.MinFreeMB = int(free / 1_500_000)
	b.wants("space", checkup.Warn)
}

// TestAccessIsFixed opens our files to others, and has it closed again.
func TestAccessIsFixed(t *testing.T) {
	b := newBench(t)
	b.SettingsFile = "/etc/printscout/config.json"
	b.wants("access", checkup.Info)
	if os.Getuid() != 0 { // below /etc files must be root's
		b.SettingsFile = "/conf/config.json"
	}
	config := b.write(b.SettingsFile, "{}", 0o666)
	state := filepath.Dir(b.write("var/lib/printscout/x", "", 0o600))
	f := b.wants("access", checkup.Fail, config+", the configuration, has mode 0666", state+", the state folder, has mode 0755", "chmod 0700")
	b.repair(f)
	b.wants("access", checkup.Pass)
	for path, want := range map[string]os.FileMode{config: 0o644, state: 0o700} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
}

// TestAccessFollowsNoLink puts a link in the place of a folder after it was
// looked at.
func TestAccessFollowsNoLink(t *testing.T) {
	b := newBench(t)
	state := filepath.Dir(b.write("var/lib/printscout/x", "", 0o600))
	other := filepath.Dir(b.write("other/x", "", 0o600))
	f := b.wants("access", checkup.Fail)
	if err := os.RemoveAll(state); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(other, state); err != nil {
		t.Fatal(err)
	}
	if err := f.Repairs[0].Do(t.Context()); err == nil {
		t.Error("a link was followed")
	}
	if err := os.Remove(state); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(state, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := f.Repairs[0].Do(t.Context()); err == nil {
		// The system may give the new folder the number of the old one.
		t.Log("the new folder has the number of the old one")
	}
	if info, err := os.Stat(other); err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("another folder was changed: %v", info.Mode())
	}
	os.Remove(state)
	if err := os.Symlink(other, state); err != nil {
		t.Fatal(err)
	}
	b.wants("access", checkup.Warn, "symbolic link")
}

func TestAccessOfStrangers(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("it makes files of another account, which needs root")
	}
	b := newBench(t)
	state := filepath.Dir(b.write("var/lib/printscout/x", "", 0o600))
	if err := os.Chown(state, 12345, 12345); err != nil {
		t.Fatal(err)
	}
	if f := b.wants("access", checkup.Fail, "belongs to uid 12345"); len(f.Repairs) != 0 {
		t.Errorf("a stranger's folder is repaired: %+v", f.Repairs)
	}
}

const lyingBundle = `{"server": "https://x", "server_pin": "sha256:abc", "token": "K4T6PWLMHQ3VCN7RXJ2D5YBGSA", "expires": "%s"}`

// TestBundlesLieAbout plants bundles and other files, and wants the bundles found
// and nothing of their secrets told.
func TestBundlesLieAbout(t *testing.T) {
	b := newBench(t)
	b.wants("bundle", checkup.Pass)
	bundle := func(expires time.Time) string { return fmt.Sprintf(lyingBundle, expires.Format(time.RFC3339)) }
	fresh, old := bundle(testTime.Add(time.Hour)), bundle(testTime.Add(-time.Hour))
	b.write("home/ann/app.json", `{"token": "abc", "name": "another program's"}`, 0o600)
	b.write("home/ann/.cache/deep.json", fresh, 0o600)
	b.write("home/ann/a/b/c/d/deep.json", fresh, 0o600)
	b.write("home/ann/bundle.txt", fresh, 0o600)
	b.write("home/ann/huge.json", fresh+strings.Repeat(" ", 20<<10), 0o600)
	b.write("home/ann/broken.json", fresh[1:], 0o600)
	b.wants("bundle", checkup.Pass)
	b.write("home/ann/Downloads/new/bundle.JSON", fresh, 0o600)
	f := b.wants("bundle", checkup.Warn, "Downloads/new/bundle.JSON", "delete it")
	if strings.Contains(f.Summary+f.Fix, "K4T6") || len(f.Repairs) != 0 {
		t.Errorf("%+v", f)
	}
	b.write("tmp/b.json", fresh, 0o644)
	b.wants("bundle", checkup.Fail, "tmp/b.json", "others can read it")
	for _, path := range []string{"tmp/b.json", "home/ann/Downloads/new/bundle.JSON"} {
		os.Remove(filepath.Join(b.System.Root, path))
	}
	gone := b.write("etc/printscout/bundle.json", old, 0o600)
	kept := b.write("tmp/kept.json", old, 0o600)
	f = b.wants("bundle", checkup.Warn, "has expired")
	os.Remove(kept)
	kept = b.write("tmp/kept.json", "{}", 0o600)
	for _, r := range f.Repairs {
		if err := r.Do(t.Context()); (err != nil) != strings.Contains(r.Does, "kept.json") && err != nil {
			t.Errorf("%s: %v", r.Does, err)
		}
	}
	if _, err := os.Stat(gone); !os.IsNotExist(err) {
		t.Error("the expired bundle is still there")
	}
	if raw, err := os.ReadFile(kept); err == nil && string(raw) != "{}" {
		t.Errorf("%q", raw)
	}
}

// TestBundleSearchIsBounded has more names than are looked at.
func TestBundleSearchIsBounded(t *testing.T) {
	b := newBench(t)
	for i := range 50 {
		b.write(fmt.Sprintf("tmp/%d.json", i), "{}", 0o600)
	}
	left := 10
	findBundles(t.Context(), filepath.Join(b.System.Root, "tmp"), 1, &left)
	if left > 0 {
		t.Errorf("%d names are left", left)
	}
	if err := os.Symlink("/", filepath.Join(b.System.Root, "tmp/root")); err != nil {
		t.Fatal(err)
	}
	left = 1000
	findBundles(t.Context(), filepath.Join(b.System.Root, "tmp"), 5, &left)
	if 1000-left > 60 {
		t.Errorf("a link was followed: %d names", 1000-left)
	}
}

func FuzzLyingBundle(f *testing.F) {
	f.Add([]byte(fmt.Sprintf(lyingBundle, "2026-01-02T03:04:05Z")))
	f.Add([]byte(`{"token":{"token":[]}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if _, ok := parseLyingBundle(raw); ok && !strings.Contains(string(raw), `"token"`) {
			t.Errorf("%q is a bundle", raw)
		}
	})
}

func TestUnits(t *testing.T) {
	b := newBench(t)
	b.wants("unit", checkup.Pass)
	own := b.write("etc/systemd/system/printscout.service", "[Service]\nExecStart=/usr/local/bin/printscout service\n", 0o644)
	b.wants("unit", checkup.Pass)
	b.write("usr/lib/systemd/system/printscout.service", "[Service]\n", 0o644)
	b.wants("unit", checkup.Warn, own, "masks the package's", "daemon-reload")
	os.Remove(own)
	b.wants("unit", checkup.Pass)
	if err := os.Symlink("/dev/null", own); err != nil {
		t.Fatal(err)
	}
	b.wants("unit", checkup.Fail, "is masked", "unmask")
}

func TestInstallation(t *testing.T) {
	b := newBench(t)
	b.wants("installation", checkup.Pass)
	b.agent.status.Version = "0"
	b.wants("installation", checkup.Warn, "version 0", "version 1")
	b.agent.status.Version = "1"
	b.write("var/lib/printscout/identity", "", 0o600)
	b.wants("installation", checkup.Info, "uninstall --purge")
	b.write("etc/systemd/system/printscout.service", "[Service]\nExecStart=-/usr/local/bin/printscout service\n", 0o644)
	b.wants("installation", checkup.Fail, "starts /usr/local/bin/printscout, which is not there")
	b.write("usr/local/bin/printscout", "", 0o755)
	b.wants("installation", checkup.Pass)
	b.write("usr/bin/printscout", "", 0o755)
	b.wants("installation", checkup.Warn, "two programs")
}

func TestQueueWithoutAService(t *testing.T) {
	b := newBench(t)
	b.agent.err = fmtErr(os.ErrNotExist, "gone")
	c := newComputer(b.Config)
	c.queues.once.Do(func() { c.queues.value = []queue{{name: "printscout", device: "ipp://localhost:8631/ipp/print"}} })
	if f := c.lookAtInstallation(t.Context()); f.State != checkup.Fail || !strings.Contains(f.Summary, "no service runs an agent") {
		t.Errorf("%+v", f)
	}
}
