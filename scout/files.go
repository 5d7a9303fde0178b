package scout

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// halfWritten is how files are called that are being written.
const halfWritten = ".new-*"

// removeHalfWritten tidies up what a crash has left.
func removeHalfWritten(dir string) {
	names, _ := filepath.Glob(filepath.Join(dir, halfWritten))
	for _, name := range names {
		os.Remove(name)
	}
}

// writeFile replaces a file of the state folder as a whole: after a crash
// there is the old or the new one.
func writeFile(name string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), halfWritten)
	if err != nil {
		return fmt.Errorf("writing %s: %w", filepath.Base(name), err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if _, err := f.Write(b); err != nil {
		return fmt.Errorf("writing %s: %w", filepath.Base(name), err)
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("writing %s: %w", filepath.Base(name), err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("writing %s: %w", filepath.Base(name), err)
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return fmt.Errorf("writing %s: %w", filepath.Base(name), err)
	}
	return syncFolder(filepath.Dir(name))
}

func writeJSON(name string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("writing %s: %w", filepath.Base(name), err)
	}
	return writeFile(name, b)
}
