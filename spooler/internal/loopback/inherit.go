package loopback

import (
	"errors"
	"fmt"
	"net"
	"os"
)

// errInherited is the reason why sockets that a service manager has bound cannot
// be the printer's.
var errInherited = errors.New("the sockets that the service manager passed on are not a printer's")

// Inherit returns listeners of sockets that the service manager has bound for the
// printer, and closes the files. All must listen on a loopback address, at one
// port; an address that this computer does not have at present is no error.
// Without files it returns no listeners.
func Inherit(files []*os.File) ([]net.Listener, error) {
	var ls []net.Listener
	var err error
	for _, f := range files {
		var l net.Listener
		if l, err = inheritOne(f, ls); err != nil {
			break
		}
		ls = append(ls, l)
	}
	for _, f := range files {
		f.Close()
	}
	if err != nil {
		for _, l := range ls {
			l.Close()
		}
		return nil, err
	}
	return ls, nil
}

func inheritOne(f *os.File, earlier []net.Listener) (net.Listener, error) {
	l, err := net.FileListener(f)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errInherited, err)
	}
	if err := checkInherited(l, earlier); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

func checkInherited(l net.Listener, earlier []net.Listener) error {
	at := addrPort(l.Addr())
	if _, ok := l.(*net.TCPListener); !ok || !at.Addr().IsLoopback() {
		return fmt.Errorf("%w: %s %s is not a TCP port on a loopback address", errInherited, l.Addr().Network(), l.Addr())
	}
	for _, e := range earlier {
		switch before := addrPort(e.Addr()); {
		case before == at:
			return fmt.Errorf("%w: %s is among them twice", errInherited, at)
		case before.Port() != at.Port():
			return fmt.Errorf("%w: they have two ports, at %s and %s", errInherited, before, at)
		}
	}
	return nil
}
