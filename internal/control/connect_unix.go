//go:build unix

package control

import (
	"context"
	"errors"
	"net"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/printscout/printscout/internal/identity"
)

// AsAdministrator is the hint for what only an administrator may do.
const AsAdministrator = "run it again as root, for example with sudo"

// serviceUser is the account an installed agent runs as.
const serviceUser = "printscout"

// connect waits while others have the agent's socket full.
func connect(ctx context.Context, path string) (net.Conn, error) {
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	late := time.NewTimer(connectTime)
	defer late.Stop()
	for {
		conn, err := new(net.Dialer).DialContext(ctx, "unix", path)
		if !errors.Is(err, syscall.EAGAIN) {
			return conn, err
		}
		select {
		case <-again.C:
		case <-late.C:
			return nil, err
		case <-ctx.Done():
			return nil, err
		}
	}
}

func trusted(uid string) bool {
	if uid == "0" || uid == strconv.Itoa(os.Geteuid()) {
		return true
	}
	service, ok := identity.UIDOf(serviceUser)
	return ok && uid == strconv.Itoa(service)
}
