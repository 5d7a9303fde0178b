//go:build unix

package scout

import "os"

// closeToOthers gives a file the mode that a bundle has to have.
func (r *rig) closeToOthers(path string) {
	r.t.Helper()
	r.must(os.Chmod(path, 0o600))
}
