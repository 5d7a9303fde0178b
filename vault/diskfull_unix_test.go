//go:build unix

package vault

import "golang.org/x/sys/unix"

// errDiskFull is what the system says of a full disk.
const errDiskFull = unix.ENOSPC
