package raw

import "net"

// Unread returns how many bytes handed to a connection the other end has not
// acknowledged, 0 if the system does not say; gone reports whether it never
// will, because the connection is gone.
func Unread(conn net.Conn) (n int, gone bool) {
	n, told := sendQueue(conn)
	if !told {
		return 0, false
	}
	return max(n, 0), n == queueLost
}
