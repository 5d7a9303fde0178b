package tray

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// TestDesktopFiles has the files of the launcher and of the start with each
// session checked by freedesktop.org's own program.
func TestDesktopFiles(t *testing.T) {
	files, err := filepath.Glob("../installer/linux/*.desktop")
	if err != nil || len(files) != 2 {
		t.Fatalf("the desktop files are %q, %v", files, err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if what, ok := strings.CutPrefix(line, "Exec="); ok && !strings.HasPrefix(what, "printscout ") {
				t.Errorf("%s starts %s", f, what)
			}
		}
	}
	if out, err := exec.Command(peers.Need(t, "desktop-file-validate"), files...).CombinedOutput(); err != nil {
		t.Errorf("desktop-file-validate: %v\n%s", err, out)
	}
}
