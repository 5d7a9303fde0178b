package identity

import (
	"encoding/binary"
	"net/netip"
)

// The format of XNU's list of TCP sockets, net.inet.tcp.pcblist_n
// (bsd/netinet/in_pcb.h, bsd/sys/socketvar.h, packed to 4 bytes): a header,
// records that each begin with their size and kind and are padded to 8 bytes, and
// the header again at the end. A socket is several records: the first is its
// inpcb, the last its tcpcb. Numbers are little-endian, as on every computer that
// macOS runs on; ports and addresses are in network order.
const (
	pcbHeader = 24 // struct xinpgen
	pcbSocket = 0x01
	pcbInpcb  = 0x10
	pcbTcpcb  = 0x20

	pcbInpcbMin  = 80
	pcbSocketMin = 68
	pcbTcpcbMin  = 40

	pcbAF4    = 2
	pcbAF6    = 30
	pcbTCP    = 6
	pcbNoFile = 1 // SS_NOFDREF
)

// pcbRecords are the records of one socket.
type pcbRecords struct{ inpcb, socket []byte }

// parsePCBList finds the socket with these ends and returns its user's uid. Two
// such sockets are an error. A socket that is closed, or that has no file, has no
// user: its uid is 0 then, which would be root.
func parsePCBList(b []byte, c connectionEnds) (uid uint32, err error) {
	if len(b) < pcbHeader || binary.LittleEndian.Uint32(b) != pcbHeader {
		return 0, errMalformed
	}
	err = errGone
	var r pcbRecords
	for b = b[pcbHeader:]; len(b) >= 8; {
		size, kind := binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:])
		if size == pcbHeader {
			return uid, err
		}
		padded := (uint64(size) + 7) &^ 7
		if size < 8 || padded > uint64(len(b)) {
			return 0, errMalformed
		}
		record := b[:size]
		b = b[padded:]
		switch kind {
		case pcbInpcb:
			r = pcbRecords{inpcb: record}
		case pcbSocket:
			r.socket = record
		case pcbTcpcb:
			u, e := r.ownerUID(record, c)
			if e == nil && err == nil {
				return 0, errMalformed
			}
			if e == nil {
				uid, err = u, nil
			}
			r = pcbRecords{}
		}
	}
	return 0, errMalformed // the header at the end is missing
}

// ownerUID returns the uid of the socket's user, if the socket has these ends and
// is open. The fields next to the uid must have valid values: this confirms that
// the layout is the one we know.
func (r pcbRecords) ownerUID(tcpcb []byte, c connectionEnds) (uint32, error) {
	if len(r.inpcb) < pcbInpcbMin || len(r.socket) < pcbSocketMin || len(tcpcb) < pcbTcpcbMin {
		return 0, errMalformed
	}
	got, ok := pcbEnds(r.inpcb)
	if !ok || got != c || !pcbLive(binary.LittleEndian.Uint32(tcpcb[36:])) {
		return 0, errGone
	}
	s := r.socket
	handle, pcb := binary.LittleEndian.Uint64(s[8:]), binary.LittleEndian.Uint64(s[28:])
	state := binary.LittleEndian.Uint16(s[26:])
	protocol, family := binary.LittleEndian.Uint32(s[36:]), binary.LittleEndian.Uint32(s[40:])
	if handle == 0 || pcb == 0 || state&pcbNoFile != 0 || protocol != pcbTCP || family != pcbAF4 && family != pcbAF6 {
		return 0, errGone
	}
	return binary.LittleEndian.Uint32(s[64:]), nil
}

// pcbEnds reads the addresses, whose family inp_vflag tells. Those of IPv4 are in
// the last four bytes.
func pcbEnds(b []byte) (connectionEnds, bool) {
	var other, own netip.Addr
	switch b[44] & 3 {
	case 1:
		other, own = netip.AddrFrom4([4]byte(b[60:64])), netip.AddrFrom4([4]byte(b[76:80]))
	case 2:
		other, own = netip.AddrFrom16([16]byte(b[48:64])).Unmap(), netip.AddrFrom16([16]byte(b[64:80])).Unmap()
	default:
		return connectionEnds{}, false
	}
	return connectionEnds{
		own:   netip.AddrPortFrom(own, binary.BigEndian.Uint16(b[18:])),
		other: netip.AddrPortFrom(other, binary.BigEndian.Uint16(b[16:])),
	}, true
}

// pcbLive is tcpLive in BSD's numbers (tcp_fsm.h): ESTABLISHED, CLOSE_WAIT,
// FIN_WAIT_1, FIN_WAIT_2.
func pcbLive(state uint32) bool { return state == 4 || state == 5 || state == 6 || state == 9 }
