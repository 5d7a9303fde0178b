package installer

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// ErrPortTaken means that another program listens where apps print.
var ErrPortTaken = errors.New("used by another program")

// checkBinary wants a program that only root can replace, where the service may
// run it.
func (r *run) checkBinary() error {
	for _, hidden := range []string{"/root/", "/home/", "/run/user/", "/tmp/", "/var/tmp/"} {
		if strings.HasPrefix(r.Binary, hidden) {
			return &Problem{Err: fmt.Errorf("the service cannot run %s: it does not see %s", r.Binary, hidden), Hint: "move it to /usr/local/bin, then run it there"}
		}
	}
	return r.checkTrustedFile(r.Binary)
}

// checkPort fails if another program than the agent has the port. It is not asked
// while the agent's socket unit has it.
func (r *run) checkPort(ctx context.Context) error {
	if r.isActive(ctx, socketUnit) || r.isActive(ctx, serviceUnit) {
		return nil
	}
	return r.checkPortFree(ctx)
}

// checkPortFree fails if any program has the port.
func (r *run) checkPortFree(ctx context.Context) error {
	for _, host := range []string{"127.0.0.1", "::1"} {
		at := netip.AddrPortFrom(netip.MustParseAddr(host), uint16(r.values.Port))
		if program, taken := r.Listener(ctx, at); taken {
			return r.portTaken(program)
		}
	}
	return nil
}

func (r *run) portTaken(program string) error {
	return &Problem{
		Err:   fmt.Errorf("port %d is %w: %s", r.values.Port, ErrPortTaken, program),
		Hint:  "stop that program, or choose another port: --set Port=NUMBER",
		Fatal: true,
	}
}
