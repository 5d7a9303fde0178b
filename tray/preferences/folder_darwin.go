package preferences

import (
	"os"
	"path/filepath"
)

func stateFolder() (string, error) {
	home, err := os.UserHomeDir()
	return filepath.Join(home, "Library", "Application Support", "PrintScout"), err
}
