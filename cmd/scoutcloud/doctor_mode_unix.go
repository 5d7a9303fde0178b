//go:build unix

package main

import "io/fs"

// openToOthers reports whether a file's mode has one of the bits that it must not
// have.
func openToOthers(info fs.FileInfo, never fs.FileMode) bool { return info.Mode().Perm()&never != 0 }
