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

// netlinkPatience is how long the kernel may take. It answers before send
// returns, so that this is reached by a fault alone.
const netlinkPatience = time.Second

var netlinkSeq atomic.Uint32

// sockDiagWorks is true once the kernel has answered there.
var sockDiagWorks atomic.Bool

// processOf asks twice. A socket that had an owner at the second time had one
// at the first, and is the same one if its inode is: so the uid of the first
// answer is the owner's and not that which the kernel gives to a socket that
// was closed in between its two columns. One that is closed is believed where
// the kernel keeps the uid of such.
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

// findSocket asks sock_diag(7) and, where that is not to be had, looks in /proc.
// ENOENT is "no such connection" or, where it never answered otherwise, perhaps
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

// netlinkWait is at least a microsecond: 0 would mean for ever.
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
		return socket{}, fmt.Errorf("hearing from the kernel: %w", err)
	}
	if k, ok := from.(*unix.SockaddrNetlink); !ok || k.Pid != 0 || flags&unix.MSG_TRUNC != 0 {
		return socket{}, fmt.Errorf("%w: it is not the kernel's", errMalformed)
	}
	return parseSockDiag(b[:n], c, seq, own.Pid)
}

// readProcNet looks for a v4 connection among the v6 sockets too, where those
// are that a program opened for both.
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

// overflowUID is what the kernel says in place of a user that a user namespace
// does not have.
const overflowUID = 65534

// uidsAreWhole reports whether every uid of the computer is one here: we are in
// no user namespace of a container.
var uidsAreWhole = sync.OnceValue(func() bool {
	b, err := os.ReadFile("/proc/self/uid_map")
	var inside, outside, count uint64
	n, _ := fmt.Sscan(string(b), &inside, &outside, &count)
	return err == nil && n == 3 && inside == 0 && count == 1<<32-1
})

// setSpooler says for whom a process of that uid speaks beside itself.
func (p *Process) setSpooler(uid int) {
	p.Spooler = spoolsAs(uid, p.Name)
	if uid == 0 && !backendsAreRoot(cupsBackends) {
		p.Spooler, p.Vouches = false, true
	}
}

// cupsBackends is where CUPS keeps the programs that bring a job to a printer.
const cupsBackends = "/usr/lib/cups/backend"

// backendsAreRoot reports whether CUPS runs as root any of the backends by which a
// job can come here. It does so with one that neither its group may write nor
// anybody else may touch (cupsd(8): mode 0700 or 0500); Debian's run as lp.
// Where that cannot be found out they count as root's.
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

// spoolsAs: cupsd and its backends run as root or as the account lp. An
// account with that name is taken for it only if it is a system account, which
// a directory service or a person is not.
func spoolsAs(uid int, name string) bool {
	return uid == 0 || name == "lp" && uid < 1000
}
