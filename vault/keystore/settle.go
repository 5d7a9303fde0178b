package keystore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// mark is the file that says that all secrets of a folder are sealed: a sealed
// file without content. It is no name for a secret.
const mark = ".sealed"

// found is what lies in a folder.
type found struct {
	names  []string // of files that could be secrets
	sealed bool     // one of them at least
	marked bool
}

// settle finds out how the secrets rest, and seals those that are not sealed
// under the key of h though they should be. s is locked.
func (s *Store) settle(h Holder) error {
	f, err := s.survey()
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
	keys, err := keysOf(h, sealed)
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

// keysOf are the keys of h, one that is made now if it has none and nothing is
// sealed yet.
func keysOf(h Holder, sealed bool) ([]Key, error) {
	keys, err := h.Keys()
	if !errors.Is(err, ErrNoKey) || sealed {
		return keys, err
	}
	if err := h.Keep(newKey()); err != nil {
		return nil, err
	}
	return h.Keys()
}

func (s *Store) survey() (f found, err error) {
	if f.marked, err = s.marked(); err != nil {
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
		// What may not be read is for Load to refuse.
		file, err := s.read(filepath.Join(s.dir, e.Name()))
		f.sealed = err == nil && isSealed(file)
	}
	return f, nil
}

func (s *Store) marked() (bool, error) {
	_, err := os.Lstat(filepath.Join(s.dir, mark))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// sealAll seals under the first key what is not, the mark last. Where the mark
// is already, what is plain stays so, and Load refuses it.
func (s *Store) sealAll(f found) error {
	path := filepath.Join(s.dir, mark)
	by := -1
	if f.marked {
		file, err := s.read(path)
		if err != nil {
			return err
		}
		if _, by, err = unseal(*s.keys, mark, file); err != nil {
			return sealedError(path, err)
		}
	}
	for _, name := range f.names {
		err := s.sealOne(name, f.marked)
		if err != nil && !(f.marked && isForLoad(err)) {
			return fmt.Errorf("sealing secret %s: %w", name, err)
		}
	}
	if by == 0 {
		return nil
	}
	return s.replace(path, seal((*s.keys)[0], mark, nil))
}

// isForLoad says whether an error is about one secret, for Load to give when
// that is asked for.
func isForLoad(err error) bool {
	_, sealed := errors.AsType[*SealedError](err)
	_, insecure := errors.AsType[*InsecureError](err)
	return sealed || insecure
}

// sealOne seals a secret that is plain, unless the folder is marked, or sealed
// under a former key.
func (s *Store) sealOne(name string, marked bool) error {
	path := filepath.Join(s.dir, name)
	file, err := s.read(path)
	if err != nil {
		return err
	}
	secret, by, err := unseal(*s.keys, name, file)
	if errors.Is(err, ErrPlain) && !marked {
		secret, by, err = file, -1, nil
	}
	if err != nil {
		return sealedError(path, err)
	}
	if by == 0 {
		return nil
	}
	if len(secret) > MaxSecret {
		return ErrTooLarge
	}
	s.rest.Moved = append(slices.Clone(s.rest.Moved), name)
	return s.replace(path, seal((*s.keys)[0], name, secret))
}
