//go:build !linux

package tray

import "context"

// HasPanel reports that a panel shows icons: these systems have one always.
func HasPanel(context.Context) (bool, error) { return true, nil }
