package identity

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// netlinkPatience is how long the kernel may take. It answers before send returns,
// so that only a fault takes so long.
const netlinkPatience = time.Second

var netlinkSeq atomic.Uint32

// sockDiagWorks is true once the kernel has answered a request of sock_diag.
var sockDiagWorks atomic.Bool

// processOf asks twice. If a socket has an owner in the second answer, it had one
// in the first, and it is the same socket if the inode is the same. So the uid of
// the first answer is the owner's, and not the one that the kernel reports for a
// socket that is closed while the kernel fills in the answer. The uid of a closed
// socket is used if the kernel keeps it.
func processOf(ctx context.Context, c connectionEnds) (Process, error) {
	s, err := findSocket(ctx, c)
	if err != nil {
		return Process{}, err
	}
	again := s
	if !s.isOrphan() {
		if again, err = findSocket(ctx, c); err != nil {
			return Process{}, err
		}
	}
	if again.uid != s.uid || again != s && !again.isOrphan() || again.isOrphan() && s.uid == 0 && !orphansKeepUID() {
		return Process{}, errGone
	}
	if s.uid == overflowUID && !uidsAreWhole() {
		return Process{}, errors.New("the user is not one of this container's")
	}
	p := Process{Peer: peerOf(ctx, int(s.uid))}
	p.setSpooler(int(s.uid))
	return p, ctx.Err()
}

func uidOfEnds(ctx context.Context, c connectionEnds) (string, error) {
	s, err := findSocket(ctx, c)
	if err != nil {
		return "", err
	}
	if s.isOrphan() && s.uid == 0 {
		return "", errGone
	}
	return strconv.Itoa(int(s.uid)), nil
}

// findSocket asks sock_diag(7) or, if that is not available, reads /proc. ENOENT
// means "no such connection" or, if sock_diag never answered otherwise, perhaps
// "no such kernel module".
func findSocket(ctx context.Context, c connectionEnds) (socket, error) {
	s, err := askSockDiag(ctx, c)
	errno, refused := errors.AsType[syscall.Errno](err)
	switch {
	case err == nil || errors.Is(err, errGone):
		sockDiagWorks.Store(true)
		return s, err
	case !refused:
		return socket{}, err
	case errno == unix.ENOENT && sockDiagWorks.Load():
		return socket{}, errGone
	}
	return readProcNet(ctx, c)
}

func askSockDiag(ctx context.Context, c connectionEnds) (socket, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		return socket{}, fmt.Errorf("opening a netlink socket: %w", err)
	}
	defer unix.Close(fd)
	wait := unix.NsecToTimeval(netlinkWait(ctx).Nanoseconds())
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &wait); err != nil {
		return socket{}, fmt.Errorf("setting a time limit: %w", err)
	}
	seq := netlinkSeq.Add(1)
	kernel := &unix.SockaddrNetlink{Family: unix.AF_NETLINK}
	if err := unix.Sendto(fd, sockDiagRequest(c, seq), 0, kernel); err != nil {
		return socket{}, fmt.Errorf("asking the kernel: %w", err)
	}
	return readSockDiag(fd, c, seq)
}

// netlinkWait returns how long to wait for the kernel: at least a microsecond,
// since 0 would mean forever.
func netlinkWait(ctx context.Context) time.Duration {
	wait := netlinkPatience
	if end, ok := ctx.Deadline(); ok {
		wait = min(wait, time.Until(end))
	}
	return max(wait, time.Microsecond)
}

func readSockDiag(fd int, c connectionEnds, seq uint32) (socket, error) {
	name, err := unix.Getsockname(fd)
	if err != nil {
		return socket{}, fmt.Errorf("asking for our own port: %w", err)
	}
	own, ok := name.(*unix.SockaddrNetlink)
	if !ok {
		return socket{}, errMalformed
	}
	b := make([]byte, 4096)
	n, _, flags, from, err := unix.Recvmsg(fd, b, nil, 0)
	if err != nil {
		return socket{}, fmt.Errorf("reading the kernel's answer: %w", err)
	}
	if k, ok := from.(*unix.SockaddrNetlink); !ok || k.Pid != 0 || flags&unix.MSG_TRUNC != 0 {
		return socket{}, fmt.Errorf("%w: it is not the kernel's", errMalformed)
	}
	return parseSockDiag(b[:n], c, seq, own.Pid)
}

// readProcNet looks for an IPv4 connection among the IPv6 sockets too: a program
// may have opened its socket for both.
func readProcNet(ctx context.Context, c connectionEnds) (socket, error) {
	if c.own.Addr().Is4() {
		if s, err := readProcNetFile(ctx, "/proc/self/net/tcp", c); !errors.Is(err, errGone) {
			return s, err
		}
	}
	return readProcNetFile(ctx, "/proc/self/net/tcp6", c)
}

func readProcNetFile(ctx context.Context, name string, c connectionEnds) (socket, error) {
	f, err := os.Open(name)
	if err != nil {
		return socket{}, err
	}
	defer f.Close()
	return parseProcNet(ctx, f, c)
}

// overflowUID is the uid that the kernel reports for a user whom a user namespace
// does not have.
const overflowUID = 65534

// uidsAreWhole reports whether every uid of the computer exists for this process:
// it is not in a container's user namespace.
var uidsAreWhole = sync.OnceValue(func() bool {
	b, err := os.ReadFile("/proc/self/uid_map")
	var inside, outside, count uint64
	n, _ := fmt.Sscan(string(b), &inside, &outside, &count)
	return err == nil && n == 3 && inside == 0 && count == 1<<32-1
})

// setSpooler sets whether a process of that uid may print in other people's names.
func (p *Process) setSpooler(uid int) {
	p.Spooler = spoolsAs(uid, p.Name)
	if uid == 0 && !backendsAreRoot(cupsBackends) {
		p.Spooler, p.Vouches = false, true
	}
}

// cupsBackends is the folder of the programs by which CUPS sends jobs to printers.
const cupsBackends = "/usr/lib/cups/backend"

// backendsAreRoot reports whether CUPS runs as root any of the backends by which a
// job can come here. It runs a backend as root if its group may not write it and
// others may not read, write or run it (cupsd(8): mode 0700 or 0500); Debian's
// backends run as lp. If this cannot be found out, backendsAreRoot returns true.
func backendsAreRoot(dir string) bool {
	for _, name := range []string{"ipp", "ipps", "http", "https", "beh", "implicitclass", "driverless"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil || info.Mode()&0o027 == 0 {
			return true
		}
	}
	return false
}

// spoolsAs reports whether cupsd and its backends may run as an account: as root,
// or as the system account lp. A person's or directory service's account named lp
// has a larger uid.
func spoolsAs(uid int, name string) bool {
	return uid == 0 || name == "lp" && uid < 1000
}
