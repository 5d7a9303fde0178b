package checkups

import "io/fs"

// isOwnedBy reports that it is not known whose file it is, so that none is
// deleted.
func isOwnedBy(fs.FileInfo, int) bool { return false }
