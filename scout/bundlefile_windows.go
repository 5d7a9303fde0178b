package scout

import (
	"errors"
	"io/fs"
	"os"

	"github.com/printscout/printscout/vault/keystore"
)

// checkBundleAccess accepts a file that only SYSTEM, administrators and this
// account may open.
func checkBundleAccess(path string, f *os.File, _ fs.FileInfo) error {
	err := keystore.CheckAccess(f)
	if e, ok := errors.AsType[*keystore.InsecureError](err); ok {
		return &insecureError{path, e.Reason, "close it to other accounts by icacls, or remove it; if others may have read it, revoke the bundle by scoutcloud token revoke"}
	}
	return err
}
