package scout

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/printscout/printscout/internal/durable"
)

// TestStateFolderOnWindows makes a folder, takes it again, and refuses what is
// none. Wine cannot make a link as Windows does.
func TestStateFolderOnWindows(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "above", "state")
	for _, time := range []string{"first", "second"} {
		if err := openStateFolder(dir); err != nil {
			t.Fatalf("the %s time: %v", time, err)
		}
	}
	file := filepath.Join(dir, "printer.json")
	for _, text := range []string{"one", "two"} {
		if err := durable.WriteFile(file, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := readOwn(file); err != nil || string(got) != text {
			t.Errorf("%q, %v", got, err)
		}
	}
	f, err := openOwn(file, os.O_APPEND|os.O_WRONLY)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(" three"); err != nil {
		t.Error(err)
	}
	f.Close()
	if got, err := readOwn(file); err != nil || string(got) != "two three" {
		t.Errorf("%q, %v", got, err)
	}
	if err := setAside(file); err != nil {
		t.Error(err)
	}
	if _, err := readOwn(file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("once it was set aside: %v", err)
	}
	if err := openStateFolder(file + brokenInfix + "1"); err == nil {
		t.Error("a file was taken for a folder")
	}
}
