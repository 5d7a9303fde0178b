//go:build darwin && !cgo

package tray

import (
	"context"
	"fmt"
)

// Run says that this build shows nothing: on macOS icons need cgo.
func Run(context.Context, Config) error {
	return fmt.Errorf("%w: this build for macOS was made without cgo, which icons need there", ErrNoDesktop)
}
