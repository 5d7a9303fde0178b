package keystore

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"unsafe"

	"golang.org/x/sys/windows"
)

// keyFile has the protected key: a header, and the output of CryptProtectData
// (docs/keystore.md).
const (
	keyFile     = ".key"
	protectHead = "\xd3SCDPA\r\n\x01"
	entropy     = "printscout keystore 1: key"
)

// dpapi is a Holder by a file of the folder, which Windows protects for this
// account. It never protects for the whole computer
// (CRYPTPROTECT_LOCAL_MACHINE): then every program there could open it.
type dpapi struct{ dir string }

func (dpapi) How() How { return DPAPI }

func (d dpapi) Keys() ([]Key, error) {
	s := &Store{dir: d.dir}
	path := filepath.Join(d.dir, keyFile)
	file, err := s.readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoKey
	}
	if err != nil {
		return nil, fmt.Errorf("reading the key: %w", err)
	}
	blob, ok := bytes.CutPrefix(file, []byte(protectHead))
	if !ok {
		return nil, sealedError(path, ErrDamaged)
	}
	k, err := unprotectKey(blob)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w; only the account that made it can open it, on this computer", path, err)
	}
	return []Key{k}, nil
}

func (d dpapi) Keep(k Key) error {
	blob, err := protectKey(k)
	if err != nil {
		return fmt.Errorf("having Windows protect the key: %w", err)
	}
	s := &Store{dir: d.dir}
	return s.replaceFile(filepath.Join(d.dir, keyFile), append([]byte(protectHead), blob...))
}

func protectKey(k Key) ([]byte, error) {
	var out windows.DataBlob
	if err := windows.CryptProtectData(blobOf(k[:]), nil, blobOf([]byte(entropy)), 0, nil, windows.CRYPTPROTECT_UI_FORBIDDEN, &out); err != nil {
		return nil, err
	}
	return copyAndFree(out)
}

func unprotectKey(blob []byte) (k Key, err error) {
	if len(blob) == 0 {
		return k, ErrDamaged
	}
	var out windows.DataBlob
	if err := windows.CryptUnprotectData(blobOf(blob), nil, blobOf([]byte(entropy)), 0, nil, windows.CRYPTPROTECT_UI_FORBIDDEN, &out); err != nil {
		return k, err
	}
	b, err := copyAndFree(out)
	if err == nil && len(b) != KeySize {
		err = ErrDamaged
	}
	copy(k[:], b)
	clear(b)
	return k, err
}

func blobOf(b []byte) *windows.DataBlob {
	return &windows.DataBlob{Size: uint32(len(b)), Data: unsafe.SliceData(b)}
}

// copyAndFree copies memory that Windows has allocated, clears it and frees it.
func copyAndFree(out windows.DataBlob) ([]byte, error) {
	theirs := unsafe.Slice(out.Data, out.Size)
	b := bytes.Clone(theirs)
	clear(theirs)
	_, err := windows.LocalFree(windows.Handle(unsafe.Pointer(out.Data)))
	return b, err
}
