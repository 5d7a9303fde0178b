package vault

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"
	"time"
)

const (
	shredName    = "vault.shred"
	shredUsed    = 8 + 1 + 4 + 32
	shredKeySize = 32
)

var shredMagic = [8]byte{0xD3, 'S', 'C', 'S', 'H', 'R', '\r', '\n'}

// shredKey is a key that encrypts the wrapped keys of jobs. The zero value
// stands for none.
type shredKey struct {
	generation uint32
	secret     [shredKeySize]byte
}

// shredKeys is the one or two shred keys of a vault: the file vault.shred, and
// its contents in memory.
type shredKeys struct {
	mu    sync.RWMutex
	pages [2]shredKey // generation 0 for an empty page
}

// openShredKeys reads the keys of a vault, and makes the first one if there is
// none.
func openShredKeys(d disk, now time.Time) (*shredKeys, error) {
	f, err := d.openFile(shredName)
	if errors.Is(err, fs.ErrNotExist) {
		return makeShredKeys(d, now)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b := make([]byte, 2*pageSize)
	n, err := f.ReadAt(b, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("reading shred keys: %w", err)
	}
	s := new(shredKeys)
	for i := range s.pages {
		if n >= (i+1)*pageSize {
			s.pages[i] = parseShredKey(b[i*pageSize:][:pageSize])
		}
	}
	clear(b)
	if s.newest().generation == 0 {
		return s, s.addKey(d, now)
	}
	return s, nil
}

// makeShredKeys creates the file atomically.
func makeShredKeys(d disk, now time.Time) (*shredKeys, error) {
	s := new(shredKeys)
	s.pages[0] = newShredKey(now, 0)
	const unfinished = shredName + tmpSuffix
	f, err := d.createFile(unfinished)
	if err != nil {
		return nil, err
	}
	_, err = f.Write(append(s.pages[0].encode(), make([]byte, pageSize)...))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, err
	}
	if err := d.renameFile(unfinished, shredName); err != nil {
		return nil, err
	}
	return s, d.syncFolder()
}

// newShredKey makes a key of a generation above another. Generations follow the
// clock, so that none is used twice even if the file was lost.
func newShredKey(now time.Time, after uint32) shredKey {
	k := shredKey{generation: max(after+1, uint32(max(0, now.Unix())))}
	rand.Read(k.secret[:])
	return k
}

func (k shredKey) encode() []byte {
	b := append(make([]byte, 0, pageSize), shredMagic[:]...)
	b = append(b, formatVersion)
	b = binary.BigEndian.AppendUint32(b, k.generation)
	b = append(b, k.secret[:]...)
	sum := sha256.Sum256(b)
	return append(b, sum[:]...)[:pageSize]
}

// parseShredKey returns the key of a page, or the zero value if the page is
// empty or half-written.
func parseShredKey(b []byte) (k shredKey) {
	sum := sha256.Sum256(b[:shredUsed])
	if [8]byte(b) != shredMagic || b[8] != formatVersion || !bytes.Equal(b[shredUsed:shredUsed+sha256.Size], sum[:]) {
		return shredKey{}
	}
	k.generation = binary.BigEndian.Uint32(b[9:])
	copy(k.secret[:], b[13:])
	return k
}

// newest returns the key under which jobs are sealed.
func (s *shredKeys) newest() shredKey {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.pages[1].generation > s.pages[0].generation {
		return s.pages[1]
	}
	return s.pages[0]
}

func (s *shredKeys) keyOf(generation uint32) (shredKey, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, k := range s.pages {
		if k.generation == generation && generation != 0 {
			return k, true
		}
	}
	return shredKey{}, false
}

// countKeys returns how many keys there are.
func (s *shredKeys) countKeys() (n int) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, k := range s.pages {
		if k.generation != 0 {
			n++
		}
	}
	return n
}

// addKey writes a new key to the empty page; there must be one.
func (s *shredKeys) addKey(d disk, now time.Time) error {
	newest := s.newest()
	k := newShredKey(now, newest.generation)
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.pages {
		if s.pages[i].generation == 0 {
			if err := writePage(d, i, k.encode()); err != nil {
				return fmt.Errorf("writing a shred key: %w", err)
			}
			s.pages[i] = k
			return nil
		}
	}
	return errors.New("there are two shred keys already")
}

// destroyOldKeys destroys all keys but the newest.
func (s *shredKeys) destroyOldKeys(d disk) error {
	newest := s.newest()
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, k := range s.pages {
		if k.generation == newest.generation {
			continue
		}
		if err := writePage(d, i, make([]byte, pageSize)); err != nil {
			return fmt.Errorf("destroying a shred key: %w", err)
		}
		s.pages[i] = shredKey{}
	}
	return nil
}

// writePage overwrites a page in place and flushes that to the medium.
func writePage(d disk, i int, b []byte) (err error) {
	f, err := d.openForUpdate(shredName)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.WriteAt(b, int64(i)*pageSize); err != nil {
		return err
	}
	return f.Sync()
}
