package keystore

import (
	"os"
	"path/filepath"
)

// lockFile is the file that is locked, since Windows cannot lock a folder.
const lockFile = ".lock"

func openLock(dir string) (*os.File, error) {
	return os.OpenFile(filepath.Join(dir, lockFile), os.O_RDWR|os.O_CREATE, fileMode)
}
