package scout

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/printscout/printscout/internal/durable"
)

// A file of the state folder that is empty, cut off or otherwise broken is set
// aside: renamed to NAME.broken-N, for an administrator to look at, and
// reported in the log and by status until it is removed. What it held is
// replaced where that is safe; repairNotes says how, and what is left to do.
const brokenInfix = ".broken-"

// repairNotes says for each file what replaces its content, or what is left to
// do.
var repairNotes = map[string]string{
	directoryFile:  "the directory is fetched from the server again",
	enrollmentFile: "this computer has to join its site again: ask your administrator for a bundle and run: printscout enroll FILE",
	peopleFile:     "no account is registered any more: everyone registers again by: printscout person register",
	printerFile:    "the printer on this computer has a new uuid, and takes and releases jobs: pause it again if it was paused",
	printersFile:   "what was known of printers is learned again",
	portFile:       "nothing depends on it",
	clockFile:      "jobs expire by the computer's clock as it is",
}

// mostBroken is how many broken versions of one file are kept; then the last
// one is replaced.
const mostBroken = 9

// errBroken means that a file does not hold what it should.
var errBroken = errors.New("it is broken")

// setAside renames a broken file.
func setAside(path string) error {
	for n := 1; ; n++ {
		name := fmt.Sprintf("%s%s%d", path, brokenInfix, n)
		if _, err := os.Lstat(name); err == nil && n < mostBroken {
			continue
		}
		if err := os.Rename(path, name); err != nil {
			return fmt.Errorf("setting a broken file aside: %w", err)
		}
		return durable.SyncFolder(filepath.Dir(path))
	}
}

// readKept reads a file of the state folder by parse. If parse fails, the file
// is broken: it is set aside and counts as not found. An error means that the
// file cannot be read at all, or that others can change it.
func readKept(path string, parse func(raw []byte) error) (found bool, err error) {
	raw, err := readOwn(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("reading %s: %w", filepath.Base(path), err)
	}
	if parse(raw) != nil {
		return false, setAside(path)
	}
	return true, nil
}

// readJSON is readKept for a file that holds one JSON object, which valid
// checks.
func readJSON(path string, to any, valid func() bool) (found bool, err error) {
	return readKept(path, func(raw []byte) error {
		if err := json.Unmarshal(raw, to); err != nil {
			return err
		}
		if !bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) || !valid() {
			return errBroken
		}
		return nil
	})
}

// brokenFiles returns a sentence for each file that was set aside and is still
// there: what became of what it held.
func brokenFiles(dir string) (sentences []string) {
	names, _ := filepath.Glob(filepath.Join(dir, "*"+brokenInfix+"*"))
	slices.Sort(names)
	for _, path := range names {
		name := filepath.Base(path)
		of, _, _ := strings.Cut(name, brokenInfix)
		if what, ok := repairNotes[of]; ok {
			sentences = append(sentences, fmt.Sprintf("%s was broken and was set aside as %s; %s. Remove the file once an administrator has looked at it.", of, name, what))
		}
	}
	return sentences
}
