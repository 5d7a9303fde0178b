package identity

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"syscall"
)

// Constants of Linux's sock_diag(7) and netlink(7). Sizes are in bytes.
const (
	nlHeaderSize  = 16
	nlTypeError   = 2
	nlTypeDiag    = 20 // SOCK_DIAG_BY_FAMILY
	nlFlagRequest = 1
	diagReqSize   = 56 // struct inet_diag_req_v2
	diagMsgSize   = 72 // struct inet_diag_msg
	diagAF4       = 2
	diagAF6       = 10
	diagTCP       = 6
)

// socket is a client's socket as the Linux kernel reports it.
type socket struct {
	uid uint32
	// inode is 0 if no process has the socket open any longer. Linux before 6.17
	// then reports uid 0, whatever it was; later versions report the uid until
	// the other end has acknowledged that the socket was closed.
	inode uint32
}

// isOrphan reports whether no process has the socket open any longer.
func (s socket) isOrphan() bool { return s.inode == 0 }

// tcpLive reports whether a client in this state of Linux's (net/tcp_states.h)
// may still be waiting for an answer: ESTABLISHED, FIN_WAIT1, FIN_WAIT2,
// CLOSE_WAIT.
func tcpLive(state uint64) bool {
	return state == 1 || state == 4 || state == 5 || state == 8
}

// tcpFinWait1 is the state of a client that has closed its socket, which the other
// end has not acknowledged yet.
const tcpFinWait1 = 4

// checkKnown returns the socket if the kernel may know its user. Of a socket whose
// close was acknowledged the kernel keeps only the ends, and reports uid 0.
func checkKnown(state uint64, s socket) (socket, error) {
	if !tcpLive(state) || s.isOrphan() && s.uid == 0 && state != tcpFinWait1 {
		return socket{}, errGone
	}
	return s, nil
}

// sockDiagRequest returns a request for the one socket with these ends.
func sockDiagRequest(c connectionEnds, seq uint32) []byte {
	b := make([]byte, nlHeaderSize+diagReqSize)
	binary.NativeEndian.PutUint32(b[0:], uint32(len(b)))
	binary.NativeEndian.PutUint16(b[4:], nlTypeDiag)
	binary.NativeEndian.PutUint16(b[6:], nlFlagRequest)
	binary.NativeEndian.PutUint32(b[8:], seq)
	r := b[nlHeaderSize:]
	r[0], r[1] = diagAF6, diagTCP
	if c.own.Addr().Is4() {
		r[0] = diagAF4
	}
	binary.NativeEndian.PutUint32(r[4:], 1<<1|1<<4|1<<5|1<<8)
	putDiagID(r[8:], c)
	return b
}

// putDiagID fills a struct inet_diag_sockid with no cookie.
func putDiagID(b []byte, c connectionEnds) {
	binary.BigEndian.PutUint16(b[0:], c.own.Port())
	binary.BigEndian.PutUint16(b[2:], c.other.Port())
	copy(b[4:20], c.own.Addr().AsSlice())
	copy(b[20:36], c.other.Addr().AsSlice())
	for i := 40; i < 48; i++ {
		b[i] = 0xff
	}
}

// parseSockDiag parses the one message that answers such a request. A refusal of
// the kernel is returned as its syscall.Errno. The answer may be about another
// socket: for unknown ends the kernel returns a socket that listens on the port.
func parseSockDiag(b []byte, c connectionEnds, seq, port uint32) (socket, error) {
	if len(b) < nlHeaderSize {
		return socket{}, errMalformed
	}
	size := binary.NativeEndian.Uint32(b[0:])
	if size < nlHeaderSize || uint64(size) != uint64(len(b)) {
		return socket{}, errMalformed
	}
	if binary.NativeEndian.Uint32(b[8:]) != seq || binary.NativeEndian.Uint32(b[12:]) != port {
		return socket{}, fmt.Errorf("%w: it answers another question", errMalformed)
	}
	body := b[nlHeaderSize:size]
	switch binary.NativeEndian.Uint16(b[4:]) {
	case nlTypeError:
		return socket{}, parseNetlinkError(body)
	case nlTypeDiag:
		return parseDiagMsg(body, c)
	}
	return socket{}, errMalformed
}

func parseNetlinkError(body []byte) error {
	if len(body) < 4 {
		return errMalformed
	}
	n := int32(binary.NativeEndian.Uint32(body))
	if n >= 0 || n < -4095 {
		return errMalformed
	}
	return syscall.Errno(-n)
}

func parseDiagMsg(b []byte, c connectionEnds) (socket, error) {
	if len(b) < diagMsgSize {
		return socket{}, errMalformed
	}
	own, ok1 := diagAddr(b[0], b[8:24])
	other, ok2 := diagAddr(b[0], b[24:40])
	if !ok1 || !ok2 {
		return socket{}, errMalformed
	}
	got := connectionEnds{
		own:   netip.AddrPortFrom(own, binary.BigEndian.Uint16(b[4:])),
		other: netip.AddrPortFrom(other, binary.BigEndian.Uint16(b[6:])),
	}
	if got != c {
		return socket{}, errGone
	}
	return checkKnown(uint64(b[1]), socket{uid: binary.NativeEndian.Uint32(b[64:]), inode: binary.NativeEndian.Uint32(b[68:])})
}

func diagAddr(family byte, b []byte) (netip.Addr, bool) {
	switch family {
	case diagAF4:
		return netip.AddrFrom4([4]byte(b[:4])), true
	case diagAF6:
		return netip.AddrFrom16([16]byte(b)).Unmap(), true
	}
	return netip.Addr{}, false
}
