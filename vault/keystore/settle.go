package keystore

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// mark is the file that marks a folder whose secrets are sealed. It is a sealed
// file, and its name is not valid for a secret. It contains the plan: which plain
// files are still to be sealed, if any.
const mark = ".sealed"

// sealingPlan has the hashes of plain files that may be sealed, by name.
type sealingPlan map[string][sha256.Size]byte

func (p sealingPlan) String() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(p)) {
		fmt.Fprintf(&b, "%x %s\n", p[name], name)
	}
	return b.String()
}

// parsePlan reads what String returned; the text was authenticated.
func parsePlan(text string) (sealingPlan, error) {
	p := sealingPlan{}
	for line := range strings.Lines(text) {
		hash, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		sum, err := hex.DecodeString(hash)
		if !ok || err != nil || len(sum) != sha256.Size {
			return nil, ErrDamaged
		}
		p[name] = [sha256.Size]byte(sum)
	}
	return p, nil
}

// folderContents is what was found in a folder.
type folderContents struct {
	names  []string // of files that could be secrets
	sealed bool     // at least one of them is sealed
	marked bool
}

// sealIfNeeded finds out how the secrets are stored, and seals those that should
// be sealed under the key of h and are not. The store must be locked.
func (s *Store) sealIfNeeded(h Holder) error {
	f, err := s.surveyFolder()
	if err != nil {
		return err
	}
	sealed := f.marked || f.sealed
	if h == nil {
		if sealed {
			return sealedError(s.dir, ErrKeyMissing)
		}
		return nil
	}
	if f.sealed && !f.marked {
		return sealedError(s.dir, ErrUnmarked)
	}
	keys, err := keysOfHolder(h, sealed)
	if errors.Is(err, ErrUnusable) && !sealed {
		s.rest.Warning = fmt.Sprintf("the secrets are not sealed: %v", err)
		return nil
	}
	if errors.Is(err, ErrNoKey) {
		return sealedError(s.dir, ErrKeyMissing)
	}
	if err != nil {
		return err
	}
	s.keys, s.rest.How = &keys, h.How()
	return s.sealAll(f)
}

// keysOfHolder returns the keys of h. If it has none and nothing is sealed yet, h
// is given a new one.
func keysOfHolder(h Holder, sealed bool) ([]Key, error) {
	keys, err := h.Keys()
	if !errors.Is(err, ErrNoKey) || sealed {
		return keys, err
	}
	if err := h.Keep(newKey()); err != nil {
		return nil, err
	}
	return h.Keys()
}

func (s *Store) surveyFolder() (f folderContents, err error) {
	if f.marked, err = s.isMarked(); err != nil {
		return f, err
	}
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return f, err
	}
	for _, e := range entries {
		if !e.Type().IsRegular() || !validName.MatchString(e.Name()) {
			continue
		}
		f.names = append(f.names, e.Name())
		if f.sealed {
			continue
		}
		// A file that may not be read is refused by Load.
		file, err := s.readFile(filepath.Join(s.dir, e.Name()))
		f.sealed = err == nil && isSealed(file)
	}
	return f, nil
}

func (s *Store) isMarked() (bool, error) {
	_, err := os.Lstat(filepath.Join(s.dir, mark))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// sealAll seals under the first key all secrets that are not. In a marked folder,
// a plain file that is not in the plan stays plain, and Load refuses it.
func (s *Store) sealAll(f folderContents) error {
	if !f.marked {
		if err := s.makePlan(f.names); err != nil {
			return err
		}
	}
	p, by, err := s.readMark()
	if err != nil {
		return err
	}
	left := sealingPlan{}
	for _, name := range f.names {
		err := s.sealOne(name, p)
		if sum, ok := p[name]; ok && isInsecure(err) {
			left[name] = sum // to be sealed after a person has checked it
		}
		if err != nil && !isForLoad(err) {
			return fmt.Errorf("sealing secret %s: %w", name, err)
		}
	}
	if by == 0 && len(left) == len(p) {
		return nil
	}
	return s.writeMark(left)
}

// makePlan marks a folder in which all files are plain. It fails if other
// accounts may have read or replaced one of them: a person has to decide first.
func (s *Store) makePlan(names []string) error {
	p := sealingPlan{}
	for _, name := range names {
		file, err := s.readFile(filepath.Join(s.dir, name))
		if err == nil && len(file) > MaxSecret {
			err = ErrTooLarge
		}
		if err != nil {
			return fmt.Errorf("sealing secret %s: %w", name, err)
		}
		p[name] = sha256.Sum256(file)
	}
	return s.writeMark(p)
}

func (s *Store) writeMark(p sealingPlan) error {
	text := p.String()
	if len(text) > MaxSecret {
		return fmt.Errorf("planning to seal %d secrets: %w", len(p), ErrTooLarge)
	}
	return s.replaceFile(filepath.Join(s.dir, mark), sealSecret((*s.keys)[0], mark, []byte(text)))
}

// readMark returns which plain files may be sealed, and the index of the key that
// the mark is sealed under.
func (s *Store) readMark() (p sealingPlan, by int, err error) {
	path := filepath.Join(s.dir, mark)
	file, err := s.readFile(path)
	if err != nil {
		return nil, 0, err
	}
	text, by, err := openSecret(*s.keys, mark, file)
	if err == nil {
		p, err = parsePlan(string(text))
	}
	if err != nil {
		return nil, 0, sealedError(path, err)
	}
	return p, by, nil
}

// isForLoad reports whether an error concerns only one secret, so that Load can
// return it.
func isForLoad(err error) bool {
	_, sealed := errors.AsType[*SealedError](err)
	return sealed || isInsecure(err)
}

func isInsecure(err error) bool {
	_, ok := errors.AsType[*InsecureError](err)
	return ok
}

// sealOne seals a secret that is plain and in the plan, or sealed under a
// former key.
func (s *Store) sealOne(name string, p sealingPlan) error {
	path := filepath.Join(s.dir, name)
	file, err := s.readFile(path)
	if err != nil {
		return err
	}
	secret, by, err := openSecret(*s.keys, name, file)
	if sum, ok := p[name]; ok && errors.Is(err, ErrPlain) && sum == sha256.Sum256(file) {
		secret, by, err = file, -1, nil
	}
	if err != nil {
		return sealedError(path, err)
	}
	if by == 0 {
		return nil
	}
	s.rest.Moved = append(s.rest.Moved, name)
	return s.replaceFile(path, sealSecret((*s.keys)[0], name, secret))
}
