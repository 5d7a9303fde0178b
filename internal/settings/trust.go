package settings

import (
	"fmt"
	"io"
	"os"
)

// Per system, in trust_unix.go and trust_windows.go:
//
//   - readTrustedFile reads a file that only its owners can change, or put in
//     its place.
//   - readTrustedFolder returns the names in such a folder.
//
// owners are uids. A link is followed if only they can change it and what it
// leads to.

// errNotTrusted says what is wrong with a path and how to mend it.
func errNotTrusted(path, reason, mend string) error {
	return fmt.Errorf("%s %s: %s", path, reason, mend)
}

// readBounded reads a file of at most maxFile bytes.
func readBounded(f *os.File) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > maxFile {
		return nil, fmt.Errorf("%s is larger than %d bytes", f.Name(), maxFile)
	}
	return raw, nil
}
