//go:build unix

package installer

import (
	"io/fs"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// replaceChecked replaces a file by a text that check accepts, which is told where
// the text lies beside it. Owner and mode stay.
func (c *Computer) replaceChecked(path string, text []byte, check func(path string) error) error {
	dir, err := openTrusted(c.Root, filepath.Dir(path))
	if err != nil {
		return err
	}
	defer dir.Close()
	f, err := openIn(dir, path)
	if err != nil {
		return err
	}
	var st unix.Stat_t
	err = unix.Fstat(int(f.Fd()), &st)
	f.Close()
	if err != nil {
		return err
	}
	o, mode := owner{int(st.Uid), int(st.Gid)}, fs.FileMode(st.Mode).Perm()
	name := filepath.Base(path)
	trial := filepath.Base(trialOf(path))
	defer unix.Unlinkat(int(dir.Fd()), trial, 0)
	if err := writeIn(dir, trial, text, mode, o); err != nil {
		return err
	}
	if err := check(filepath.Join(filepath.Dir(path), trial)); err != nil {
		return err
	}
	return writeIn(dir, name, text, mode, o)
}
