package identity

import (
	"encoding/binary"
	"net/netip"
)

// tcpRow is a connection as Windows reports it.
type tcpRow struct {
	pid uint32
	// made is when the socket was bound, as a FILETIME (units of 100 ns since
	// 1601), or 0 if Windows does not tell.
	made uint64
}

// tableLayout has the offsets of the columns in a row of one of Windows's tables,
// in bytes. The first row begins 8 bytes into the table. Ports are in network
// order in the first two bytes of four; numbers are little-endian, as on every
// computer that Windows runs on.
type tableLayout struct {
	size, addr                                        int
	state, own, ownPort, other, otherPort, pid, stamp int
}

// MIB_TCPROW_OWNER_MODULE and MIB_TCP6ROW_OWNER_MODULE (tcpmib.h). Unlike the rows
// with only the process, these have the time at which the socket was bound.
var (
	tcpRow4 = tableLayout{size: 160, addr: 4, state: 0, own: 4, ownPort: 8, other: 12, otherPort: 16, pid: 20, stamp: 24}
	tcpRow6 = tableLayout{size: 192, addr: 16, state: 48, own: 0, ownPort: 20, other: 24, otherPort: 44, pid: 52, stamp: 56}
)

const tableHeader = 8

// parseTCPTable finds the socket with these ends in a table of
// GetExtendedTcpTable. Two such sockets are an error, and so is process 0, which
// Windows reports if the process is gone.
func parseTCPTable(b []byte, l tableLayout, c connectionEnds) (tcpRow, error) {
	if len(b) < 4 {
		return tcpRow{}, errMalformed
	}
	count := uint64(binary.LittleEndian.Uint32(b))
	if count > 0 && (len(b) < tableHeader || count > uint64((len(b)-tableHeader)/l.size)) {
		return tcpRow{}, errMalformed
	}
	found, err := tcpRow{}, errGone
	for i := range int(count) {
		row := b[tableHeader+i*l.size:][:l.size]
		if l.readEnds(row) != c || !tableLive(binary.LittleEndian.Uint32(row[l.state:])) {
			continue
		}
		if err == nil {
			return tcpRow{}, errMalformed
		}
		found, err = tcpRow{pid: binary.LittleEndian.Uint32(row[l.pid:]), made: binary.LittleEndian.Uint64(row[l.stamp:])}, nil
	}
	if err == nil && found.pid == 0 {
		return tcpRow{}, errGone
	}
	return found, err
}

func (l tableLayout) readEnds(row []byte) connectionEnds {
	at := func(addr, port int) netip.AddrPort {
		a, _ := netip.AddrFromSlice(row[addr:][:l.addr])
		return netip.AddrPortFrom(a.Unmap(), binary.BigEndian.Uint16(row[port:]))
	}
	return connectionEnds{own: at(l.own, l.ownPort), other: at(l.other, l.otherPort)}
}

// tableLive is tcpLive in Windows's numbers: MIB_TCP_STATE_ESTAB, FIN_WAIT1,
// FIN_WAIT2, CLOSE_WAIT.
func tableLive(state uint32) bool { return state >= 5 && state <= 8 }

// mayBelongTo reports whether a process that was started at that FILETIME can have
// made the row's socket: a younger process has the id of one that is gone. If
// Windows does not tell when the socket was bound, lookedUp is used.
func (r tcpRow) mayBelongTo(started, lookedUp uint64) bool {
	made := r.made
	if made == 0 {
		made = lookedUp
	}
	return started != 0 && started <= made
}
