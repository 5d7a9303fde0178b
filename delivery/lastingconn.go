package delivery

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"time"
)

// lastingTime is how long a connection to port 9100 has to last before
// anything is sent over it. A printer whose one session is taken may accept a
// connection only to end it, and whether what was written by then is on paper
// could not be known.
const lastingTime = 100 * time.Millisecond

// checkLasting waits that long for a printer to end a new connection. What the
// printer says meanwhile is kept for the next Read.
func checkLasting(conn net.Conn) (net.Conn, error) {
	t, ok := conn.(*net.TCPConn)
	if !ok {
		return conn, nil
	}
	c := &peekedConn{t, bufio.NewReader(t)}
	_ = t.SetReadDeadline(time.Now().Add(lastingTime))
	if _, err := c.in.Peek(1); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		_ = t.Close()
		return nil, fmt.Errorf("the printer ended the connection at once: %w", err)
	}
	return c, t.SetReadDeadline(time.Time{})
}

// peekedConn is a connection over which something may have come already.
type peekedConn struct {
	*net.TCPConn
	in *bufio.Reader
}

// Read implements io.Reader.
func (h *peekedConn) Read(b []byte) (int, error) { return h.in.Read(b) }
