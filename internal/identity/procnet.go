package identity

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/hex"
	"io"
	"net/netip"
	"strconv"
	"strings"
)

// procNetLimit is how much of /proc/net/tcp is read: some 100,000 sockets.
const procNetLimit = 16 << 20

// parseProcNet finds the socket with these ends in the text of /proc/net/tcp or
// tcp6 (proc(5)). It skips lines that it cannot parse; two sockets with these ends
// are an error.
func parseProcNet(ctx context.Context, r io.Reader, c connectionEnds) (socket, error) {
	lines := bufio.NewScanner(io.LimitReader(r, procNetLimit))
	lines.Buffer(make([]byte, 0, 4096), 4096)
	found, err := socket{}, errGone
	for n := 0; lines.Scan(); n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return socket{}, ctx.Err()
		}
		s, e := parseProcNetLine(lines.Text(), c)
		if e != nil {
			continue
		}
		if err == nil {
			return socket{}, errMalformed
		}
		found, err = s, nil
	}
	if lines.Err() != nil {
		return socket{}, lines.Err()
	}
	return found, err
}

func parseProcNetLine(line string, c connectionEnds) (socket, error) {
	f := strings.Fields(line)
	if len(f) < 10 {
		return socket{}, errMalformed
	}
	own, ok1 := procNetAddr(f[1])
	other, ok2 := procNetAddr(f[2])
	if !ok1 || !ok2 {
		return socket{}, errMalformed
	}
	if own != c.own || other != c.other {
		return socket{}, errGone
	}
	state, err1 := strconv.ParseUint(f[3], 16, 8)
	uid, err2 := strconv.ParseUint(f[7], 10, 32)
	inode, err3 := strconv.ParseUint(f[9], 10, 32)
	if err1 != nil || err2 != nil || err3 != nil {
		return socket{}, errMalformed
	}
	return checkKnown(state, socket{uid: uint32(uid), inode: uint32(inode)})
}

// procNetAddr parses an address: words of 32 bits in the machine's order, in
// hexadecimal, a colon and the port.
func procNetAddr(s string) (netip.AddrPort, bool) {
	host, port, ok := strings.Cut(s, ":")
	if !ok || len(port) != 4 || len(host) != 8 && len(host) != 32 {
		return netip.AddrPort{}, false
	}
	b, err := hex.DecodeString(host)
	if err != nil {
		return netip.AddrPort{}, false
	}
	for i := 0; i < len(b); i += 4 {
		binary.NativeEndian.PutUint32(b[i:], binary.BigEndian.Uint32(b[i:]))
	}
	p, err := strconv.ParseUint(port, 16, 16)
	a, _ := netip.AddrFromSlice(b)
	return netip.AddrPortFrom(a.Unmap(), uint16(p)), err == nil
}
