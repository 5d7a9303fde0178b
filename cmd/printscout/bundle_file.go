package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
)

// deleteRegular deletes a regular file. What a link leads to is not looked for:
// only deleting that would help, and it may be anything.
func deleteRegular(file string) error {
	info, err := os.Lstat(file)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is a link, or no regular file", file)
	}
	return os.Remove(file)
}

// warnOfReaders warns of a bundle that other accounts may have read. On
// Windows modes do not tell.
func warnOfReaders(w io.Writer, file string) {
	info, err := os.Stat(file)
	if file == "-" || runtime.GOOS == "windows" || err != nil || !info.Mode().IsRegular() || info.Mode().Perm()&0o044 == 0 {
		return
	}
	fmt.Fprintf(w, "printscout: warning: other accounts of this computer may read %s (mode %04o), and join by it\nhint: compare the output of scoutcloud scout list with the computers that you set up\n", file, info.Mode().Perm())
}
