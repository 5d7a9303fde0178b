//go:build unix

package checkups

import "io/fs"

func isOwnedBy(info fs.FileInfo, uid int) bool { return ownerOf(info) == uid }
