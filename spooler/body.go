package spooler

import (
	"errors"
	"io"
	"net/http"
	"os"
	"sync"
	"time"
)

// extendEvery is how seldom a deadline is moved on while bytes come fast.
const extendEvery = time.Second

// requestBody reads a request's body under a deadline: one for the whole of the IPP
// message first, then one that moves on with each piece of the document.
type requestBody struct {
	r  io.Reader
	rc *http.ResponseController

	received int64 // bytes read
	ended    bool  // the whole of it was read
	err      error // why it could not be read on

	mu       sync.Mutex
	patience time.Duration // for the next piece; 0 while the deadline stands
	extended time.Time
	stopped  bool // by cut
}

func newBody(r *http.Request, rc *http.ResponseController, whole time.Duration) *requestBody {
	b := &requestBody{r: r.Body, rc: rc}
	b.setReadDeadline(time.Now().Add(whole))
	return b
}

// setReadDeadline cannot fail on a connection; where there is none, as under a
// test's recorder, nothing needs to be interrupted.
func (b *requestBody) setReadDeadline(t time.Time) { _ = b.rc.SetReadDeadline(t) }

// startDocument gives the document that follows patience for each of its pieces.
func (b *requestBody) startDocument(patience time.Duration) {
	b.mu.Lock()
	b.patience = patience
	b.mu.Unlock()
	b.extendDeadline()
}

func (b *requestBody) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.received += int64(n)
	switch {
	case err == io.EOF:
		b.ended = true
		b.clearDeadline()
	case err != nil:
		b.err = err
	default:
		b.extendDeadline()
	}
	return n, err
}

func (b *requestBody) extendDeadline() {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	if b.stopped || b.patience == 0 || now.Sub(b.extended) < min(extendEvery, b.patience/4) {
		return
	}
	b.extended = now
	b.setReadDeadline(now.Add(b.patience))
}

// clearDeadline takes the deadline away, so that it does not strike a connection that
// waits for its answer.
func (b *requestBody) clearDeadline() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.stopped {
		b.setReadDeadline(time.Time{})
	}
}

// cutOff makes a Read that waits, and every further one, fail.
func (b *requestBody) cutOff() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stopped = true
	b.setReadDeadline(time.Unix(1, 0))
}

// timedOut reports whether the client was too slow.
func (b *requestBody) timedOut() bool { return errors.Is(b.err, os.ErrDeadlineExceeded) }

// linger takes some of what still comes behind an early answer, so that a
// client that writes first and reads then is not reset before it has read.
func (b *requestBody) linger(d time.Duration) {
	b.setReadDeadline(time.Now().Add(d))
	_, _ = io.CopyN(io.Discard, b.r, lingerBytes)
}
