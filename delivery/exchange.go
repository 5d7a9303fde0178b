package delivery

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/delivery/internal/raw"
	"github.com/printscout/printscout/internal/ipp"
)

const (
	pieceSize  = 64 << 10
	answerSize = 2 << 20 // of everything a printer may say to one request
	// continueWait is how long a printer gets to ask for the body (RFC 9110
	// §10.1.1); some that know Expect never do.
	continueWait = time.Second
)

var (
	errStalled = errors.New("the printer took nothing more for too long")
	errCut     = errors.New("the connection was ended")
	// errExpect means that the printer cannot be asked first, and that nothing
	// of the request's body has been sent.
	errExpect = errors.New("the printer does not know expect: 100-continue")
)

// posting is a request with a document.
type posting struct {
	target *url.URL
	m      *goipp.Message
	head   []byte // m, encoded
	doc    ipp.Document
	gzip   bool // the document goes out compressed (RFC 8011 §4.2.1.1), its length not known before
	expect bool // the printer is asked for the body first
}

// exchange carries one posting over a connection of its own, and knows how
// much of the document was handed to the network. net/http is not used: it
// forgets the answer of a printer that refuses a document while this is
// still coming and ends the connection, and buffers behind every hook it offers.
type exchange struct {
	posting
	conn net.Conn

	began, whole chan struct{} // closed behind the first and the last document byte
	goOn         chan struct{} // gets one value when the printer asks for the body
	answered     chan reply    // gets one value
	written      chan error    // gets one value

	bytes    atomic.Int64 // of the document that were handed over
	progress atomic.Int64 // grows with every piece either way
	late     atomic.Bool  // the printer did not ask for the body in time
	headed   atomic.Bool  // some of the body may have gone out
}

// reply is what came back.
type reply struct {
	answer *goipp.Message
	err    error
}

func newExchange(p posting, conn net.Conn) *exchange {
	return &exchange{
		posting: p, conn: conn,
		began: make(chan struct{}), whole: make(chan struct{}), goOn: make(chan struct{}, 1),
		answered: make(chan reply, 1), written: make(chan error, 1),
	}
}

// listen reads answers until the final one.
func (x *exchange) listen() {
	r := bufio.NewReader(io.LimitReader(x.conn, answerSize))
	for {
		resp, err := http.ReadResponse(r, &http.Request{Method: http.MethodPost})
		x.progress.Add(1)
		switch {
		case err != nil:
			x.answered <- reply{err: fmt.Errorf("reading the answer to %s: %w", goipp.Op(x.m.Code), err)}
			return
		case resp.StatusCode == http.StatusContinue:
			select {
			case x.goOn <- struct{}{}:
			default:
			}
		case resp.StatusCode >= 200:
			// Its body is not closed, which would wait for an end that some
			// printers never send; the connection ends with the exchange.
			a, err := ipp.ReadAnswer(x.m, resp)
			x.answered <- reply{a, err}
			return
		}
	}
}

// write sends the request. final tells it that the answer is there.
func (x *exchange) write(final <-chan struct{}) {
	x.written <- x.writeAll(final)
}

func (x *exchange) writeAll(final <-chan struct{}) error {
	header := x.header()
	if !x.expect {
		header = append(header, x.framed(x.head)...)
	}
	if err := x.put(header); err != nil {
		return err
	}
	if x.expect {
		if !x.asked(final) {
			return errCut
		}
		x.headed.Store(true)
		if err := x.put(x.framed(x.head)); err != nil {
			return err
		}
	}
	return x.document()
}

// asked waits for the printer to want the body; false where it has answered
// without.
func (x *exchange) asked(final <-chan struct{}) bool {
	t := time.NewTimer(continueWait)
	defer t.Stop()
	select {
	case <-x.goOn:
	case <-t.C:
		x.late.Store(true)
	case <-final:
		return false
	}
	return true
}

func (x *exchange) header() []byte {
	length := fmt.Sprintf("Content-Length: %d\r\n", int64(len(x.head))+x.doc.Size)
	if x.gzip {
		length = "Transfer-Encoding: chunked\r\n"
	}
	expect := ""
	if x.expect {
		expect = "Expect: 100-continue\r\n"
	}
	return fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: printscout\r\nContent-Type: %s\r\n%s%sConnection: close\r\n\r\n",
		x.target.RequestURI(), x.target.Host, ipp.ContentType, length, expect)
}

// framed is a piece of the body as it goes out: where its length is not known
// before, as a chunk (RFC 9112 §7.1).
func (x *exchange) framed(b []byte) []byte {
	if !x.gzip {
		return b
	}
	return fmt.Appendf(nil, "%x\r\n%s\r\n", len(b), b)
}

func (x *exchange) put(b []byte) error {
	_, err := x.conn.Write(b)
	x.progress.Add(1)
	if err != nil {
		return fmt.Errorf("sending %s: %w", goipp.Op(x.m.Code), err)
	}
	return nil
}

// document hands the document over, piece by piece.
func (x *exchange) document() error {
	out := &counted{x: x, w: x.conn}
	if !x.gzip {
		return x.copy(out, func() error { return nil })
	}
	chunks := httputil.NewChunkedWriter(out)
	packed := gzip.NewWriter(chunks)
	return x.copy(packed, func() error {
		if err := packed.Close(); err != nil {
			return err
		}
		if err := chunks.Close(); err != nil {
			return err
		}
		_, err := io.WriteString(x.conn, "\r\n")
		return err
	})
}

func (x *exchange) copy(w io.Writer, finish func() error) error {
	buf := make([]byte, pieceSize)
	var n int64
	for n < x.doc.Size {
		k, err := x.doc.Read(buf)
		if k > 0 {
			if _, err := w.Write(buf[:k]); err != nil {
				return fmt.Errorf("sending the document: %w", err)
			}
			if n += int64(k); x.gzip {
				x.bytes.Store(n)
			}
		}
		if err != nil && n < x.doc.Size {
			return fmt.Errorf("reading the document: %w", err)
		}
	}
	if err := finish(); err != nil {
		return fmt.Errorf("ending the document: %w", err)
	}
	close(x.whole)
	return nil
}

// counted notes what was handed over. An empty document has no first byte.
type counted struct {
	x *exchange
	w io.Writer
}

// Write implements io.Writer.
func (c *counted) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.x.progress.Add(1)
	if n > 0 {
		select {
		case <-c.x.began:
		default:
			close(c.x.began)
		}
	}
	if !c.x.gzip {
		c.x.bytes.Add(int64(n))
	}
	return n, err
}

// hooks are told how far an exchange is. Every one may be called once, from
// the goroutine that runs it; stuck as often as nothing moves for the limit,
// and says whether to wait on.
type hooks struct {
	began, sent func()
	stuck       func(ctx context.Context) bool
}

// run carries the exchange out and returns when all of it has ended.
func (x *exchange) run(ctx context.Context, limit, settle time.Duration, h hooks) transmission {
	final := make(chan struct{})
	go x.listen()
	go x.write(final)
	stop := context.AfterFunc(ctx, x.reset)
	defer stop()
	t := x.watch(ctx, final, limit, settle, h)
	x.reset()
	return t
}

// watch waits for the answer and for the writer, which end each other.
func (x *exchange) watch(ctx context.Context, final chan struct{}, limit, settle time.Duration, h hooks) (t transmission) {
	began, whole, answered, written := x.began, x.whole, x.answered, x.written
	idle := time.NewTicker(limit)
	defer idle.Stop()
	last := int64(-1)
	for answered != nil || written != nil {
		select {
		case <-began:
			began = nil
			h.began()
		case <-whole:
			whole = nil
			h.sent()
		case r := <-answered:
			answered = nil
			t.answer, t.err = r.answer, r.err
			t.early = x.unread()
			close(final)
			if r.err != nil {
				x.reset() // a printer that has refused, or gone, reads no more
			}
		case err := <-written:
			written = nil
			if err != nil && answered != nil {
				if t.failed == nil { // not for having been given up
					t.failed = err
				}
				// What was said before the connection broke can still be read.
				_ = x.conn.SetReadDeadline(time.Now().Add(settle))
			}
		case <-idle.C:
			now := x.progress.Load()
			if now == last && !h.stuck(ctx) {
				t.failed = errStalled
				x.reset()
			}
			last = now
		}
	}
	return x.conclude(t, began != nil, whole != nil, h)
}

// unreadSlack is what may be behind the document: the end of its chunks, and of
// a TLS record.
const unreadSlack = 1 << 10

// unread reports whether some of the document has surely not been read by the
// printer: it was not handed to the network yet, or not acknowledged. An answer
// acknowledges all that came before it. What was handed over is counted piece
// by piece, and so one behind.
func (x *exchange) unread() bool {
	n, gone := raw.Unread(network(x.conn))
	return gone || n > unreadSlack || x.doc.Size-x.bytes.Load() > 2*pieceSize
}

// network is the connection below TLS.
func network(c net.Conn) net.Conn {
	if t, ok := c.(*tls.Conn); ok {
		return t.NetConn()
	}
	return c
}

// conclude tells what is known once nothing moves any more.
func (x *exchange) conclude(t transmission, unbegun, unsent bool, h hooks) transmission {
	t.bytes, t.whole = x.bytes.Load(), closed(x.whole)
	if unbegun && closed(x.began) {
		h.began()
	}
	if unsent && t.whole {
		h.sent()
	}
	t.late = x.late.Load()
	if t.err != nil && !answered(t.err) && t.failed != nil {
		t.err = t.failed // the first thing that went wrong says more
	}
	if x.expect && !x.headed.Load() && t.expects() {
		t.err = fmt.Errorf("%w: %w", errExpect, t.err)
	}
	return t
}

// expects says whether an error may come from having been asked first.
func (t transmission) expects() bool {
	var refused *ipp.HTTPError
	if errors.As(t.err, &refused) {
		return refused.Code == http.StatusExpectationFailed
	}
	return t.err != nil && !answered(t.err) && !errors.Is(t.err, errStalled)
}

func closed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// reset ends the connection at once, so that what is still on its way is not
// taken for the end of a document.
func (x *exchange) reset() {
	c := network(x.conn)
	if t, ok := c.(*net.TCPConn); ok && !closed(x.whole) {
		_ = t.SetLinger(0)
	}
	_ = c.Close()
}

// transmission is what is known of a document once its request has ended.
type transmission struct {
	answer *goipp.Message
	err    error
	failed error // of writing, or of waiting
	bytes  int64 // of the document that were handed to the network
	whole  bool  // all of them
	late   bool  // the printer did not ask for the body in time
	early  bool  // it answered before it had read all of it
}
