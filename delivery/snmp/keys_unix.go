//go:build unix

package snmp

import (
	"fmt"
	"os"
)

// checkPrivate refuses a file that anyone but its owner may read or write.
func checkPrivate(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return fmt.Errorf("has mode %04o and must not be open to others: 0600", mode)
	}
	return nil
}
