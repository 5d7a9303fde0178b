package delivery

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"time"
)

// settles is how long a connection to port 9100 has to last before anything
// is sent over it. A printer whose one session is somebody else's may take a
// connection only to end it, and of what was written by then nobody would
// know whether it is on paper.
const lastingTime = 100 * time.Millisecond

// checkLasting waits so long for a printer to end a new connection. What it says
// meanwhile is kept for the one who listens then.
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
