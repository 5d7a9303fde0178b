package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"time"

	"github.com/printscout/printscout/internal/cli"
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/identity"
)

// strangerTime bounds a connection to a port of this computer.
const strangerTime = 2 * time.Second

// withStranger adds to the error of an unreachable agent which other program
// answers on its port. If the agent is named only by its socket, the port is
// unknown.
func (o *agentOptions) withStranger(ctx context.Context, err error) error {
	named := cmp.Or(o.control, os.Getenv("PRINTSCOUT_CONTROL")) != "" && o.config == ""
	if named || !errors.Is(err, control.ErrUnreachable) || errors.Is(err, fs.ErrPermission) {
		return err
	}
	s, unread := o.loadSettings()
	if unread != nil || s.Port == 0 {
		return err
	}
	for _, host := range []string{"127.0.0.1", "::1"} {
		at := netip.AddrPortFrom(netip.MustParseAddr(host), uint16(s.Port))
		if isHeldBySystemd(ctx, at) {
			return cli.WithHint(fmt.Errorf("%w; systemd holds its port, and what is printed meanwhile waits", err),
				"start it as root: systemctl start printscout; journalctl -u printscout says why it ended")
		}
		if !isAnswered(ctx, at) {
			continue
		}
		who := ""
		if l, unknown := identity.OfListener(ctx, at); unknown == nil {
			who = ": " + l.String()
		}
		return cli.WithHint(fmt.Errorf("%w; yet at %s, where apps print, another program answers%s. It is not Print Scout, and what is printed there goes to that program", err, at, who),
			"print nothing on this computer until that program is stopped; then start the service")
	}
	return err
}

func isAnswered(ctx context.Context, at netip.AddrPort) bool {
	ctx, cancel := context.WithTimeout(ctx, strangerTime)
	defer cancel()
	c, err := new(net.Dialer).DialContext(ctx, "tcp", at.String())
	if err != nil {
		return false
	}
	c.Close()
	return true
}
