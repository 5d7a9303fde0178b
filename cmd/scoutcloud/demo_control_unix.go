//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// maxSocketPath fits into sun_path on every system.
const maxSocketPath = 100

// controlPath returns a path in the demo's folder, unless that is too long for
// a socket.
func (d *demo) controlPath() (string, error) {
	if path := d.filePath("scout.sock"); len(path) <= maxSocketPath {
		return path, nil
	}
	dir, err := os.MkdirTemp("", "scoutcloud-")
	if err != nil {
		return "", fmt.Errorf("making a folder for the control socket: %w", err)
	}
	d.socketDir = dir
	return filepath.Join(dir, "scout.sock"), nil
}
