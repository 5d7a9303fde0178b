package main

import "io/fs"

// openToOthers reports false: modes say nothing on Windows, and access lists are
// not looked at (docs/doctor.md).
func openToOthers(fs.FileInfo, fs.FileMode) bool { return false }
