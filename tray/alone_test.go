package tray

import (
	"errors"
	"testing"
)

// TestAlone: there is one tray at a time, and another once that has ended.
func TestAlone(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	for range 3 {
		release, err := alone()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := alone(); !errors.Is(err, ErrRunning) {
			t.Errorf("beside another: %v", err)
		}
		release()
	}
}
