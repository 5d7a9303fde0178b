package preferences

import (
	"os"
	"path/filepath"
)

// stateFolder follows the XDG Base Directory Specification.
func stateFolder() (string, error) {
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "printscout"), nil
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".local", "state", "printscout"), err
}
