package post

import (
	"bufio"
	"compress/gzip"
	"context"
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

	"github.com/printscout/printscout/internal/ipp"
)

// PieceSize is how many bytes of a document are handed over at a time.
const PieceSize = 64 << 10

const (
	answerSize = 2 << 20 // of everything a printer may say to one request
	// continueWait is how long a printer gets to ask for the body (RFC 9110
	// §10.1.1); some that know Expect never do.
	continueWait = time.Second
)

// Errors of a Result.
var (
	// ErrStalled means that the printer took nothing more for too long.
	ErrStalled = errors.New("the printer took nothing more for too long")
	errCut     = errors.New("the connection was ended")
	// ErrExpect means that the printer cannot be asked first, and that nothing
	// of the request's body has been sent.
	ErrExpect = errors.New("the printer does not know expect: 100-continue")
)

// Request is a request with a document.
type Request struct {
	Target   *url.URL
	Message  *goipp.Message
	Head     []byte // Message, encoded
	Document ipp.Document
	Gzip     bool // the document goes out compressed (RFC 8011 §4.2.1.1), its length not known before
	Expect   bool // the printer is asked for the body first
}

// documentExchange carries one Request over a connection of its own, and knows
// how much of the document was handed to the network. net/http is not used: it
// forgets the answer of a printer that refuses a document in the middle of it
// and ends the connection, and it buffers after every hook that it offers.
type documentExchange struct {
	Request
	conn net.Conn

	began, whole chan struct{}      // closed after the first and the last document byte
	goOn         chan struct{}      // gets one value when the printer asks for the body
	answered     chan exchangeReply // gets one value
	written      chan error         // gets one value

	bytes      atomic.Int64 // of the document that were handed over
	progress   atomic.Int64 // grows with every piece either way
	expectLate atomic.Bool  // the printer did not ask for the body in time
	bodyBegun  atomic.Bool  // some of the body may have gone out
}

// exchangeReply is what came back.
type exchangeReply struct {
	answer *goipp.Message
	err    error
}

// Send carries out a request over a connection of its own and returns when all
// of it has ended. limit is how long nothing may move before Hooks.Stuck is
// asked; settle is how long an answer is waited for once the sending has
// failed.
func Send(ctx context.Context, conn net.Conn, r Request, limit, settle time.Duration, h Hooks) Result {
	return newExchange(r, conn).carryOut(ctx, limit, settle, h)
}

// Answered reports whether an error is an answer of the printer rather than
// the lack of one.
func Answered(err error) bool {
	_, status := errors.AsType[*ipp.StatusError](err)
	_, http := errors.AsType[*ipp.HTTPError](err)
	return status || http
}

func newExchange(p Request, conn net.Conn) *documentExchange {
	return &documentExchange{
		Request: p, conn: conn,
		began: make(chan struct{}), whole: make(chan struct{}), goOn: make(chan struct{}, 1),
		answered: make(chan exchangeReply, 1), written: make(chan error, 1),
	}
}

// readAnswers reads answers until the final one.
func (x *documentExchange) readAnswers() {
	r := bufio.NewReader(io.LimitReader(x.conn, answerSize))
	for {
		resp, err := http.ReadResponse(r, &http.Request{Method: http.MethodPost})
		x.progress.Add(1)
		switch {
		case err != nil:
			x.answered <- exchangeReply{err: fmt.Errorf("reading the answer to %s: %w", goipp.Op(x.Message.Code), err)}
			return
		case resp.StatusCode == http.StatusContinue:
			select {
			case x.goOn <- struct{}{}:
			default:
			}
		case resp.StatusCode >= 200:
			// Its body is not closed, which would wait for an end that some
			// printers never send; the connection ends with the exchange.
			a, err := ipp.ReadAnswer(x.Message, resp)
			x.answered <- exchangeReply{a, err}
			return
		}
	}
}

// writeRequest sends the request. final is closed when the answer has come.
func (x *documentExchange) writeRequest(final <-chan struct{}) {
	x.written <- x.writeAll(final)
}

func (x *documentExchange) writeAll(final <-chan struct{}) error {
	header := x.encodeHeader()
	if !x.Expect {
		header = append(header, x.frameBody(x.Head)...)
	}
	if err := x.writePiece(header); err != nil {
		return err
	}
	if x.Expect {
		if !x.awaitContinue(final) {
			return errCut
		}
		x.bodyBegun.Store(true)
		if err := x.writePiece(x.frameBody(x.Head)); err != nil {
			return err
		}
	}
	return x.sendDocument()
}

// awaitContinue waits until the printer wants the body, and reports false if
// it has answered without it.
func (x *documentExchange) awaitContinue(final <-chan struct{}) bool {
	t := time.NewTimer(continueWait)
	defer t.Stop()
	select {
	case <-x.goOn:
	case <-t.C:
		x.expectLate.Store(true)
	case <-final:
		return false
	}
	return true
}

func (x *documentExchange) encodeHeader() []byte {
	length := fmt.Sprintf("Content-Length: %d\r\n", int64(len(x.Head))+x.Document.Size)
	if x.Gzip {
		length = "Transfer-Encoding: chunked\r\n"
	}
	expect := ""
	if x.Expect {
		expect = "Expect: 100-continue\r\n"
	}
	return fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: printscout\r\nContent-Type: %s\r\n%s%sConnection: close\r\n\r\n",
		x.Target.RequestURI(), x.Target.Host, ipp.ContentType, length, expect)
}

// frameBody returns a piece of the body as it is sent: as a chunk (RFC 9112
// §7.1) if the length of the body is not known before.
func (x *documentExchange) frameBody(b []byte) []byte {
	if !x.Gzip {
		return b
	}
	return fmt.Appendf(nil, "%x\r\n%s\r\n", len(b), b)
}

func (x *documentExchange) writePiece(b []byte) error {
	_, err := x.conn.Write(b)
	x.progress.Add(1)
	if err != nil {
		return fmt.Errorf("sending %s: %w", goipp.Op(x.Message.Code), err)
	}
	return nil
}

// sendDocument hands the document over, piece by piece.
func (x *documentExchange) sendDocument() error {
	out := &countingWriter{x: x, w: x.conn}
	if !x.Gzip {
		return x.copyDocument(out, func() error { return nil })
	}
	chunks := httputil.NewChunkedWriter(out)
	packed := gzip.NewWriter(chunks)
	return x.copyDocument(packed, func() error {
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

func (x *documentExchange) copyDocument(w io.Writer, finish func() error) error {
	buf := make([]byte, PieceSize)
	var n int64
	for n < x.Document.Size {
		k, err := x.Document.Read(buf)
		if k > 0 {
			if _, err := w.Write(buf[:k]); err != nil {
				return fmt.Errorf("sending the document: %w", err)
			}
			if n += int64(k); x.Gzip {
				x.bytes.Store(n)
			}
		}
		if err != nil && n < x.Document.Size {
			return fmt.Errorf("reading the document: %w", err)
		}
	}
	if err := finish(); err != nil {
		return fmt.Errorf("ending the document: %w", err)
	}
	close(x.whole)
	return nil
}

// countingWriter counts what was handed over. An empty document has no first
// byte.
type countingWriter struct {
	x *documentExchange
	w io.Writer
}

// Write implements io.Writer.
func (c *countingWriter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.x.progress.Add(1)
	if n > 0 {
		select {
		case <-c.x.began:
		default:
			close(c.x.began)
		}
	}
	if !c.x.Gzip {
		c.x.bytes.Add(int64(n))
	}
	return n, err
}

// Hooks report the progress of an exchange. Began and Sent are called at most
// once, from the goroutine that runs it. Stuck is called whenever nothing has
// moved for the limit, and reports whether to go on waiting.
type Hooks struct {
	Began, Sent func()
	Stuck       func(ctx context.Context) bool
}

// carryOut runs the exchange and returns when all of it has ended.
func (x *documentExchange) carryOut(ctx context.Context, limit, settle time.Duration, h Hooks) Result {
	final := make(chan struct{})
	go x.readAnswers()
	go x.writeRequest(final)
	stop := context.AfterFunc(ctx, x.resetConn)
	defer stop()
	t := x.awaitEnd(ctx, final, limit, settle, h)
	x.resetConn()
	return t
}

// awaitEnd waits for the answer and for the writer, each of which ends the
// other.
func (x *documentExchange) awaitEnd(ctx context.Context, final chan struct{}, limit, settle time.Duration, h Hooks) (t Result) {
	began, whole, answered, written := x.began, x.whole, x.answered, x.written
	idle := time.NewTicker(limit)
	defer idle.Stop()
	last := int64(-1)
	for answered != nil || written != nil {
		select {
		case <-began:
			began = nil
			h.Began()
		case <-whole:
			whole = nil
			h.Sent()
		case r := <-answered:
			answered = nil
			t.Answer, t.Err = r.answer, r.err
			t.Early = x.hasUnread()
			close(final)
			if r.err != nil {
				x.resetConn() // a printer that has refused, or is gone, reads no more
			}
		case err := <-written:
			written = nil
			if err != nil && answered != nil {
				if t.failed == nil { // unless it failed because it was given up
					t.failed = err
				}
				// What was said before the connection broke can still be read.
				_ = x.conn.SetReadDeadline(time.Now().Add(settle))
			}
		case <-idle.C:
			now := x.progress.Load()
			if now == last && !h.Stuck(ctx) {
				t.failed = ErrStalled
				x.resetConn()
			}
			last = now
		}
	}
	return x.concludeResult(t, began != nil, whole != nil, h)
}
