//go:build unix

package keystore

import "os"

func openLock(dir string) (*os.File, error) { return os.Open(dir) }
