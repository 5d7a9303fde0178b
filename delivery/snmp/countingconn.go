package snmp

import (
	"errors"
	"net"
)

// maxReply is the largest answer that is read. 1472 bytes come without
// fragments; nothing longer than this is a printer's answer to such questions.
const maxReply = 8 << 10

var errTooLong = errors.New("answer too long")

// countingConn counts the traffic of a connection, and refuses answers that
// are too long. gosnmp uses it from one goroutine.
type countingConn struct {
	net.Conn
	sent, received int // bytes of UDP payload
	asked, heard   int // datagrams
}

// Write sends one datagram.
func (c *countingConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	if err == nil {
		c.sent += n
		c.asked++
	}
	return n, err
}

// Read receives one datagram.
func (c *countingConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b[:min(len(b), maxReply+1)])
	if n > 0 {
		c.received += n
		c.heard++
	}
	if n > maxReply {
		return 0, errTooLong
	}
	return n, err
}
