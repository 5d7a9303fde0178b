package loopback

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
)

// ErrPortTaken means that another program listens on the port.
var ErrPortTaken = errors.New("used by another program")

// TakenError is an ErrPortTaken with the address that is taken.
type TakenError struct{ At netip.AddrPort }

func (e *TakenError) Error() string {
	return fmt.Sprintf("port %d is %s, at %s", e.At.Port(), ErrPortTaken, e.At)
}

// Is reports whether the target is ErrPortTaken.
func (e *TakenError) Is(err error) bool { return err == ErrPortTaken }

// tries is how many free ports are tried until one is free on both addresses.
const tries = 32

// Listen binds 127.0.0.1 and, where the computer has IPv6, ::1, the same port
// on both; port 0 picks one that is free on both. While the port is in use no
// other socket can be bound to it on these addresses: see bindExclusively.
func Listen(port int) ([]net.Listener, error) {
	if port != 0 {
		return listenBoth(port)
	}
	var err error
	for range tries {
		var ls []net.Listener
		if ls, err = listenBoth(0); !errors.Is(err, ErrPortTaken) {
			return ls, err
		}
	}
	return nil, err
}

func listenBoth(port int) ([]net.Listener, error) {
	v4, err := listenOn("127.0.0.1", port)
	if err != nil {
		return nil, err
	}
	port = v4.Addr().(*net.TCPAddr).Port
	v6, err := listenOn("::1", port)
	if isAddressMissing(err) {
		return []net.Listener{v4}, nil
	}
	if err != nil {
		v4.Close()
		return nil, err
	}
	return []net.Listener{v4, v6}, nil
}

func listenOn(host string, port int) (net.Listener, error) {
	lc := net.ListenConfig{Control: bindExclusively}
	l, err := lc.Listen(context.Background(), "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if isTaken(err) {
		return nil, &TakenError{netip.AddrPortFrom(netip.MustParseAddr(host), uint16(port))}
	}
	if err != nil {
		return nil, fmt.Errorf("listening on port %d: %w", port, err)
	}
	return l, nil
}
