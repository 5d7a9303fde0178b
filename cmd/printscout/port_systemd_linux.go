package main

import (
	"context"
	"net/netip"
	"os/exec"

	"github.com/printscout/printscout/internal/identity"
)

// isHeldBySystemd reports whether it is systemd that listens at an address, for
// the agent. It does not connect, since systemd would start the agent.
func isHeldBySystemd(ctx context.Context, at netip.AddrPort) bool {
	ctx, cancel := context.WithTimeout(ctx, strangerTime)
	defer cancel()
	l, err := identity.OfListener(ctx, at)
	return err == nil && l.UID == "0" && exec.CommandContext(ctx, "systemctl", "is-active", "--quiet", "printscout.socket").Run() == nil
}
