//go:build !linux

package main

import (
	"context"
	"net/netip"
)

// isHeldBySystemd returns false: only Linux has systemd.
func isHeldBySystemd(context.Context, netip.AddrPort) bool { return false }
