package keystore

import "os"

// MakeFolder makes a folder that only this account, SYSTEM and administrators
// may enter. An existing folder gets that access list; if it belongs to another
// account, MakeFolder returns an InsecureError.
func MakeFolder(dir string) error { return makeFolder(dir) }

// CheckOwner returns an InsecureError for an open file that belongs to another
// account.
func CheckOwner(f *os.File) error { return checkOwner(f.Name(), f) }

// CheckAccess returns an InsecureError for an open file that belongs to another
// account or that other accounts have any right to.
func CheckAccess(f *os.File) error { return checkAccess(f.Name(), f) }
