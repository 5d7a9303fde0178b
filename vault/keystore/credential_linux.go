package keystore

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// The names of the credentials (systemd.exec(5), LoadCredentialEncrypted=).
const (
	credentialName       = "printscout-keystore"
	formerCredentialName = "printscout-keystore-former"
)

// credential is a Holder by credentials of systemd, which are the keys
// themselves. dir is the folder of the service's credentials, "" without one.
type credential struct{ dir string }

// isGiven reports whether our credential exists, valid or not.
func (c credential) isGiven() bool {
	if !filepath.IsAbs(c.dir) {
		return false
	}
	_, err := os.Lstat(filepath.Join(c.dir, credentialName))
	return !errors.Is(err, fs.ErrNotExist)
}

func (credential) How() How { return SealedFile }

func (c credential) Keys() ([]Key, error) {
	k, err := c.readKey(credentialName)
	if err != nil {
		return nil, fmt.Errorf("reading credential %s: %w", credentialName, err)
	}
	former, err := c.readKey(formerCredentialName)
	if errors.Is(err, fs.ErrNotExist) {
		return []Key{k}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading credential %s: %w", formerCredentialName, err)
	}
	return []Key{k, former}, nil
}

// Keep is never called: the administrator makes the credentials.
func (credential) Keep(Key) error { return ErrNoKey }

// errCredential means that a credential does not have the size of a key.
var errCredential = fmt.Errorf("it does not have %d bytes: make it as docs/keystore.md says", KeySize)

func (c credential) readKey(name string) (k Key, err error) {
	path := filepath.Join(c.dir, name)
	f, err := openNoFollow(path)
	if err != nil {
		return k, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return k, err
	}
	if err := checkCredential(path, info); err != nil {
		return k, err
	}
	b, err := io.ReadAll(io.LimitReader(f, KeySize+1))
	if err == nil && len(b) != KeySize {
		err = errCredential
	}
	copy(k[:], b)
	return k, err
}

// checkCredential requires a file of root or of this account that its group
// cannot write and other accounts cannot read. The group may have the right to
// read: the mode shows it if systemd's access list lets this account read a file
// of root (acl(5)).
func checkCredential(path string, info fs.FileInfo) error {
	stat, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case !info.Mode().IsRegular():
		return &InsecureError{path, "is not a regular file", "let systemd make it: docs/keystore.md"}
	case !ok || stat.Uid != 0 && int(stat.Uid) != os.Geteuid():
		return &InsecureError{path, "belongs to another account", "let systemd make it: docs/keystore.md"}
	case info.Mode().Perm()&0o037 != 0:
		return &InsecureError{path, fmt.Sprintf("has mode %04o", info.Mode().Perm()), "others may have read it: make a new credential (docs/keystore.md)"}
	}
	return nil
}
