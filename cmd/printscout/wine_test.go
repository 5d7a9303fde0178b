//go:build linux && !race

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// TestPolicyOnWindows has group policy and the installer in the registry of the
// computer itself, and asks the program what it makes of them.
func TestPolicyOnWindows(t *testing.T) {
	w := peers.StartWine(t)
	exe := w.Build(t, ".")
	run := func(args ...string) []byte {
		t.Helper()
		out, err := os.Create(filepath.Join(t.TempDir(), "out"))
		if err != nil {
			t.Fatal(err)
		}
		defer out.Close()
		c := w.Command(t.Context(), args[0], args[1:]...)
		c.Stdout = out
		if err := c.Run(); err != nil {
			t.Fatalf("%q: %v", args, err)
		}
		text, err := os.ReadFile(out.Name())
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	for _, v := range [][]string{
		{`HKLM\SOFTWARE\Policies\PrintScout`, "UserJobs", "REG_DWORD", "7"},
		{`HKLM\SOFTWARE\Policies\PrintScout`, "PrinterColor", "REG_SZ", "false"},
		{`HKLM\SOFTWARE\PrintScout`, "UserJobs", "REG_DWORD", "8"},
		{`HKLM\SOFTWARE\PrintScout`, "PrinterColor", "REG_DWORD", "0"},
		{`HKLM\SOFTWARE\PrintScout`, "DefaultPrinter", "REG_DWORD", "1"},
		{`HKLM\SOFTWARE\PrintScout`, "Version", "REG_SZ", "1.0"},
	} {
		run("reg", "add", v[0], "/v", v[1], "/t", v[2], "/d", v[3], "/f", "/reg:64")
	}
	for name, want := range map[string]struct {
		value  any
		origin string
		pinned bool
	}{
		"UserJobs": {7.0, "policy", true}, "PrinterColor": {true, "default", true}, "DefaultPrinter": {true, "installer", false}, "Port": {8631.0, "default", false},
	} {
		var e explanation
		if err := json.Unmarshal(run(exe, "settings", "explain", name, "--json"), &e); err != nil {
			t.Fatal(err)
		}
		if e.Value != want.value || string(e.Origin) != want.origin || e.Pinned != want.pinned {
			t.Errorf("%s: %v from %s, pinned %v; sources %+v", name, e.Value, e.Origin, e.Pinned, e.Sources)
		}
	}
}
