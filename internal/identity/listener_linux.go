package identity

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
)

// listenerAt reads /proc/self/net, which every user may do.
func listenerAt(ctx context.Context, at netip.AddrPort) (Listener, error) {
	var best socket
	var nearest int
	for _, name := range []string{"/proc/self/net/tcp", "/proc/self/net/tcp6"} {
		f, err := os.Open(name)
		if err != nil {
			continue
		}
		lines := bufio.NewScanner(io.LimitReader(f, procNetLimit))
		for lines.Scan() && ctx.Err() == nil {
			if s, fit := parseListener(lines.Text(), at); fit > nearest {
				best, nearest = s, fit
			}
		}
		f.Close()
	}
	if ctx.Err() != nil {
		return Listener{}, ctx.Err()
	}
	if nearest == 0 {
		return Listener{}, errGone
	}
	uid := int(best.uid)
	return Listener{UID: strconv.Itoa(uid), Name: nameOf(ctx, uid), Program: programOf(ctx, best.inode)}, nil
}

// programOf returns the program that has a socket open, if this process may see
// that.
func programOf(ctx context.Context, inode uint32) string {
	want := fmt.Sprintf("socket:[%d]", inode)
	processes, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return ""
	}
	for _, p := range processes {
		files, err := os.ReadDir(filepath.Join(p, "fd"))
		if err != nil || ctx.Err() != nil {
			continue
		}
		for _, f := range files {
			if to, err := os.Readlink(filepath.Join(p, "fd", f.Name())); err == nil && to == want {
				image, err := os.Readlink(filepath.Join(p, "exe"))
				if err != nil {
					return ""
				}
				return filepath.Base(image)
			}
		}
	}
	return ""
}
