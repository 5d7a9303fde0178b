package keystore

import "os"

// MakeFolder makes a folder that this account, SYSTEM and administrators alone
// may enter. One that is there gets that access list; an InsecureError is given
// if it belongs to another account.
func MakeFolder(dir string) error { return makeFolder(dir) }

// CheckOwner gives an InsecureError for an open file that belongs to another
// account.
func CheckOwner(f *os.File) error { return checkOwner(f.Name(), f) }
