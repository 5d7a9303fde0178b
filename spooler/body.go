package spooler

import (
	"errors"
	"io"
	"net/http"
	"os"
	"sync"
	"time"
)

// extendEvery is the shortest interval between two extensions of the deadline.
const extendEvery = time.Second

// requestBody reads a request's body under a deadline: first one for the whole
// IPP message, then one that is extended with each piece of the document.
type requestBody struct {
	r  io.Reader
	rc *http.ResponseController

	received int64 // bytes read
	ended    bool  // read to its end
	err      error // of the read that failed

	mu       sync.Mutex
	patience time.Duration // for the next piece; 0 while the deadline stands
	extended time.Time
	stopped  bool // by cutOff
}

func newBody(r *http.Request, rc *http.ResponseController, whole time.Duration) *requestBody {
	b := &requestBody{r: r.Body, rc: rc}
	b.setReadDeadline(time.Now().Add(whole))
	return b
}

// setReadDeadline sets the read deadline. That cannot fail on a connection;
// where there is none, as with a test's recorder, nothing needs to be
// interrupted.
func (b *requestBody) setReadDeadline(t time.Time) { _ = b.rc.SetReadDeadline(t) }

// startDocument allows patience for each piece of the document that follows.
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

// clearDeadline removes the deadline, so that it does not hit a connection that
// waits for its response.
func (b *requestBody) clearDeadline() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.stopped {
		b.setReadDeadline(time.Time{})
	}
}

// cutOff makes a pending Read, and every later one, fail.
func (b *requestBody) cutOff() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stopped = true
	b.setReadDeadline(time.Unix(1, 0))
}

// timedOut reports whether the client was too slow.
func (b *requestBody) timedOut() bool { return errors.Is(b.err, os.ErrDeadlineExceeded) }

// linger reads some of what still arrives after an early response, so that a
// client that writes before it reads is not reset before it has read.
func (b *requestBody) linger(d time.Duration) {
	b.setReadDeadline(time.Now().Add(d))
	_, _ = io.CopyN(io.Discard, b.r, lingerBytes)
}
