package installer

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// mark is the first line of each file of the system that install writes, by which
// it is known again without a record.
const mark = markBegin + "; printscout uninstall removes it.\n"

const markBegin = `# Written by "printscout install"`

// maxOwned is the maximum size of a file that is replaced.
const maxOwned = 1 << 20

// ownedFile is a file of the system that install writes.
type ownedFile struct {
	path string
	text []byte
}

// isMarked reports whether install wrote a file. launchd's files have no mark but
// our label.
func isMarked(text []byte) bool {
	return bytes.Contains(text, []byte(markBegin)) || bytes.Contains(text, []byte("<string>com.printscout."))
}

// missingFiles returns the paths of files that are not as they should be.
func (r *run) missingFiles(files []ownedFile) (paths []string, err error) {
	for _, f := range files {
		now, _, err := r.readFile(f.path, maxOwned)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if err != nil || !bytes.Equal(now, f.text) {
			paths = append(paths, f.path)
		}
	}
	return paths, nil
}

// putFiles writes files that are not as they should be, and returns their paths.
func (r *run) putFiles(e *Entry, files []ownedFile) (written []string, err error) {
	missing, err := r.missingFiles(files)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if err := r.keepFile(e, f.path); err != nil {
			return written, err
		}
		if !slices.Contains(missing, f.path) {
			continue
		}
		if err := r.makeParents(e, f.path); err != nil {
			return written, err
		}
		if err := r.writeFile(f.path, f.text, 0o644, rootOwner); err != nil {
			return written, err
		}
		written = append(written, f.path)
	}
	return written, nil
}

// keepFile puts into the entry what a file was before install wrote it. One with
// our mark is from an installation without a record: before it there was none.
func (r *run) keepFile(e *Entry, path string) error {
	before, mode, err := r.readFile(path, maxOwned)
	if errors.Is(err, fs.ErrNotExist) || isMarked(before) {
		return e.keepFile(path, nil, 0)
	}
	if err != nil {
		return err
	}
	return e.keepFile(path, before, mode)
}

// restoreFiles makes the files of an entry what they were before.
func (r *run) restoreFiles(e *Entry) (string, error) {
	var did []string
	for _, f := range slices.Backward(e.Files) {
		if f.Before != nil {
			if err := r.writeFile(f.Path, []byte(*f.Before), fs.FileMode(f.Mode), rootOwner); err != nil {
				return "", err
			}
			did = append(did, f.Path)
			continue
		}
		removed, err := r.removeFile(f.Path)
		if err != nil {
			return "", err
		}
		if removed {
			did = append(did, f.Path)
		}
	}
	for _, dir := range slices.Backward(slices.Sorted(maps.Keys(e.Values))) {
		if path, ok := strings.CutPrefix(dir, madeFolder); ok {
			if _, err := r.removeFolder(path); err != nil {
				return "", err
			}
		}
	}
	return sentence("removed or restored %s", did), nil
}

// madeFolder begins the name of the value of an entry that says which folder was
// made for its files.
const madeFolder = "folder "

// makeParents makes the folders above a file that are not there.
func (r *run) makeParents(e *Entry, path string) error {
	var missing []string
	for dir := filepath.Dir(path); dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		exists, err := r.exists(dir)
		if err != nil {
			return err
		}
		if exists {
			break
		}
		missing = append(missing, dir)
	}
	for _, dir := range slices.Backward(missing) {
		if err := e.keep(madeFolder+dir, "made"); err != nil {
			return err
		}
		if _, err := r.ensureFolder(folder{path: dir, mode: 0o755}); err != nil {
			return err
		}
	}
	return nil
}

// adoptFiles puts into an empty entry the files that have our mark, so that they
// can be removed without a record.
func (r *run) adoptFiles(e *Entry, files []ownedFile) error {
	if e.record != nil {
		return nil
	}
	for _, f := range files {
		now, _, err := r.readFile(f.path, maxOwned)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if isMarked(now) {
			e.Files = append(e.Files, FileBefore{Path: f.path})
		}
	}
	return nil
}

// shipped returns a file of the package with our mark and the real path of the
// program.
func (r *run) shipped(name, standardPath string) ([]byte, error) {
	text, err := Files.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("reading the files of the package: %w", err)
	}
	text = bytes.ReplaceAll(text, []byte(standardPath), []byte(r.Binary))
	if filepath.Ext(name) == ".plist" {
		return text, nil
	}
	return append([]byte(mark), text...), nil
}
