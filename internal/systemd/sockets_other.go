//go:build !linux

package systemd

import "os"

// Sockets returns none: only Linux has systemd.
func Sockets() ([]*os.File, error) { return nil, nil }
