//go:build unix

package scout

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// checkBundleAccess accepts a file of root or this account that no other may
// open, except that its group may read it if that is this account's own.
func checkBundleAccess(path string, _ *os.File, info fs.FileInfo) error {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || stat.Uid != 0 && int(stat.Uid) != os.Geteuid() {
		return &insecureError{path, "belongs to another account", "give it to the account that the agent runs as, by chown, or remove it"}
	}
	mode := info.Mode().Perm()
	open := mode & 0o077
	if int(stat.Gid) == os.Getegid() {
		open &^= 0o040
	}
	if open != 0 {
		return &insecureError{path, fmt.Sprintf("may be read or written by others (mode %04o)", mode), "if nobody has read it, chmod 0600; else revoke the bundle by scoutcloud token revoke, and put a new one here"}
	}
	return nil
}
