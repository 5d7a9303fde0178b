package peers

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// tries is how often a Windows is made before a test fails: wineboot fails now and
// then without a reason (status c0000135).
const tries = 3

// countFile has the number of files of a complete Windows.
const countFile = "files-of-a-whole-windows"

var errNotWhole = errors.New("not whole")

// copyTemplate fills an empty folder with a copy of the Windows that is made once for
// each user and version of Wine, and made again if it is not complete.
func (w *Wine) copyTemplate(prefix string) (err error) {
	template, err := w.templatePath()
	if err != nil {
		return err
	}
	for range tries {
		if err = cloneWhole(template, prefix); err == nil {
			return nil
		}
		if err = errors.Join(os.RemoveAll(prefix), w.makeTemplate(template)); err != nil {
			continue
		}
	}
	if err == nil {
		err = cloneWhole(template, prefix)
	}
	return err
}

func (w *Wine) templatePath() (string, error) {
	version, err := w.runCommand(w.program, "--version")
	if err != nil {
		return "", fmt.Errorf("asking Wine for its version: %w: %s", err, version)
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		dir = filepath.Join(os.TempDir(), "cache-"+strconv.Itoa(os.Getuid()))
	}
	name := strings.ReplaceAll(strings.TrimSpace(string(version)), string(filepath.Separator), "_")
	dir = filepath.Join(dir, "printscout-tests")
	return filepath.Join(dir, name), os.MkdirAll(dir, 0o700)
}

// makeTemplate makes a Windows in another folder and renames that when it is
// complete. If another process was faster, its Windows is used.
func (w *Wine) makeTemplate(template string) error {
	prefix, err := os.MkdirTemp(filepath.Dir(template), "making")
	if err != nil {
		return err
	}
	defer os.RemoveAll(prefix)
	maker := *w
	maker.usePrefix(prefix)
	if err := maker.bootWindows(); err != nil {
		return err
	}
	n, err := countFiles(prefix)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(prefix, countFile), []byte(strconv.Itoa(n)), 0o600); err != nil {
		return err
	}
	if old, err := os.MkdirTemp(filepath.Dir(template), "former"); err == nil {
		defer os.RemoveAll(old)
		if checkWhole(template) != nil {
			_ = os.Rename(template, filepath.Join(old, "wine"))
		}
	}
	if err := os.Rename(prefix, template); err != nil && checkWhole(template) != nil {
		return err
	}
	return nil
}

// bootWindows makes a Windows, waits until none of its programs run, and checks that
// it can run a program.
func (w *Wine) bootWindows() error {
	defer w.killAll()
	for _, args := range [][]string{{"wineboot", "--init"}, {"cmd", "/c", "ver"}} {
		if out, err := w.runProgram(args...); err != nil {
			return fmt.Errorf("making a Windows: %s: %w\n%s", args[0], err, out)
		}
		w.awaitEnd()
	}
	return w.addRandom()
}

func countFiles(dir string) (n int, err error) {
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() && e.Name() != countFile {
			n++
		}
		return err
	})
	return n, err
}

// checkWhole returns an error if a Windows does not have all of its files.
func checkWhole(dir string) error {
	text, err := os.ReadFile(filepath.Join(dir, countFile))
	if err != nil {
		return err
	}
	n, err := countFiles(dir)
	if err == nil && strconv.Itoa(n) != string(text) {
		err = fmt.Errorf("%s: %w: %d files, want %s", dir, errNotWhole, n, text)
	}
	return err
}

// cloneWhole copies a Windows and returns an error if the copy is not complete.
func cloneWhole(from, to string) error {
	err := filepath.WalkDir(from, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		return cloneEntry(path, filepath.Join(to, name), e)
	})
	if err != nil {
		return err
	}
	return checkWhole(to)
}

func cloneEntry(from, to string, e fs.DirEntry) error {
	switch e.Type() {
	case fs.ModeDir:
		return os.MkdirAll(to, 0o700)
	case fs.ModeSymlink:
		target, err := os.Readlink(from)
		if err != nil {
			return err
		}
		return os.Symlink(target, to)
	}
	return cloneFile(from, to)
}

func cloneFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o700)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
