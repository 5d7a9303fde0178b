package identity

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"golang.org/x/sys/unix"
)

// lpUID is the uid of _lp, as which cupsd runs backends, on every macOS.
const lpUID = 26

// processOf asks sysctl(3) for the list of all TCP sockets, which needs no cgo.
func processOf(ctx context.Context, c connectionEnds) (Process, error) {
	b, err := pcbList(ctx)
	if err != nil {
		return Process{}, fmt.Errorf("asking for the list of sockets: %w", err)
	}
	uid, err := parsePCBList(b, c)
	if err != nil {
		return Process{}, err
	}
	return Process{Peer: peerOf(ctx, int(uid)), Spooler: uid == 0 || uid == lpUID}, ctx.Err()
}

func uidOfEnds(ctx context.Context, c connectionEnds) (string, error) {
	b, err := pcbList(ctx)
	if err != nil {
		return "", fmt.Errorf("asking for the list of sockets: %w", err)
	}
	uid, err := parsePCBList(b, c)
	return strconv.Itoa(int(uid)), err
}

// pcbList returns the list of TCP sockets. It asks again if the list grew
// meanwhile.
func pcbList(ctx context.Context) ([]byte, error) {
	for range 4 {
		b, err := unix.SysctlRaw("net.inet.tcp.pcblist_n")
		if !errors.Is(err, unix.ENOMEM) {
			return b, err
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	return nil, unix.ENOMEM
}
