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

// body reads a request's body under a deadline: one for the whole of the IPP
// message first, then one that moves on with each piece of the document.
type body struct {
	r  io.Reader
	rc *http.ResponseController

	come  int64 // bytes read
	ended bool  // the whole of it was read
	err   error // why it could not be read on

	mu       sync.Mutex
	patience time.Duration // for the next piece; 0 while the deadline stands
	extended time.Time
	stopped  bool // by cut
}

func newBody(r *http.Request, rc *http.ResponseController, whole time.Duration) *body {
	b := &body{r: r.Body, rc: rc}
	b.deadline(time.Now().Add(whole))
	return b
}

// deadline cannot fail on a connection; where there is none, as under a
// test's recorder, nothing needs to be interrupted.
func (b *body) deadline(t time.Time) { _ = b.rc.SetReadDeadline(t) }

// stream gives the document that follows patience for each of its pieces.
func (b *body) stream(patience time.Duration) {
	b.mu.Lock()
	b.patience = patience
	b.mu.Unlock()
	b.extend()
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.come += int64(n)
	switch {
	case err == io.EOF:
		b.ended = true
		b.settle()
	case err != nil:
		b.err = err
	default:
		b.extend()
	}
	return n, err
}

func (b *body) extend() {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	if b.stopped || b.patience == 0 || now.Sub(b.extended) < min(extendEvery, b.patience/4) {
		return
	}
	b.extended = now
	b.deadline(now.Add(b.patience))
}

// settle takes the deadline away, so that it does not strike a connection that
// waits for its answer.
func (b *body) settle() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.stopped {
		b.deadline(time.Time{})
	}
}

// cut makes a Read that waits, and every further one, fail.
func (b *body) cut() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stopped = true
	b.deadline(time.Unix(1, 0))
}

// timedOut reports whether the client was too slow.
func (b *body) timedOut() bool { return errors.Is(b.err, os.ErrDeadlineExceeded) }

// linger takes some of what still comes behind an early answer, so that a
// client that writes first and reads then is not reset before it has read.
func (b *body) linger(d time.Duration) {
	b.deadline(time.Now().Add(d))
	_, _ = io.CopyN(io.Discard, b.r, lingerBytes)
}
