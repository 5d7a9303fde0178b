package preferences

import (
	"os"
	"path/filepath"
)

// stateFolder lies in %LocalAppData%, which does not roam: printers are those
// near this computer.
func stateFolder() (string, error) {
	dir, err := os.UserCacheDir()
	return filepath.Join(dir, "PrintScout"), err
}
