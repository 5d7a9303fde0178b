package post

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/delivery/internal/raw"
	"github.com/printscout/printscout/internal/ipp"
)

// unreadSlack is what may follow the document: the end of its chunks, and of a
// TLS record.
const unreadSlack = 1 << 10

// hasUnread reports whether the printer has surely not read some of the
// document: it was not handed to the network yet, or not acknowledged. An
// answer acknowledges all that came before it. What was handed over is counted
// piece by piece, so the count may be one piece late.
func (x *documentExchange) hasUnread() bool {
	n, gone := raw.Unread(networkConn(x.conn))
	return gone || n > unreadSlack || x.Document.Size-x.bytes.Load() > 2*PieceSize
}

// networkConn returns the connection below TLS.
func networkConn(c net.Conn) net.Conn {
	if t, ok := c.(*tls.Conn); ok {
		return t.NetConn()
	}
	return c
}

// concludeResult returns what is known once nothing moves any more.
func (x *documentExchange) concludeResult(t Result, unbegun, unsent bool, h Hooks) Result {
	t.Bytes, t.Whole = x.bytes.Load(), isClosed(x.whole)
	if unbegun && isClosed(x.began) {
		h.Began()
	}
	if unsent && t.Whole {
		h.Sent()
	}
	t.Late = x.expectLate.Load()
	if t.Err != nil && !Answered(t.Err) && t.failed != nil {
		t.Err = t.failed // the first thing that went wrong says more
	}
	if x.Expect && !x.bodyBegun.Load() && t.mayBlameExpect() {
		t.Err = fmt.Errorf("%w: %w", ErrExpect, t.Err)
	}
	return t
}

// mayBlameExpect reports whether an error may come from having asked first.
func (t Result) mayBlameExpect() bool {
	var refused *ipp.HTTPError
	if errors.As(t.Err, &refused) {
		return refused.Code == http.StatusExpectationFailed
	}
	return t.Err != nil && !Answered(t.Err) && !errors.Is(t.Err, ErrStalled)
}

func isClosed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// resetConn ends the connection at once, so that what is still on its way is
// not taken for the end of a document.
func (x *documentExchange) resetConn() {
	c := networkConn(x.conn)
	if t, ok := c.(*net.TCPConn); ok && !isClosed(x.whole) {
		_ = t.SetLinger(0)
	}
	_ = c.Close()
}

// Result is what is known of a document once its request has ended.
type Result struct {
	Answer *goipp.Message
	Err    error
	Bytes  int64 // of the document that were handed to the network
	Whole  bool  // all of them
	Late   bool  // the printer did not ask for the body in time
	Early  bool  // it answered before it had read all of it

	failed error // of writing, or of waiting
}
