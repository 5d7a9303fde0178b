package control

import (
	"bufio"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"time"
)

// Report is how far a Release has come: a Progress whose results are looked up
// while they are sent.
type Report struct {
	ID      string
	Done    bool
	Results iter.Seq[Result]
}

// listing is an answer with an array that is made while it is sent, so that no
// caller's listing is in memory as a whole.
type listing struct {
	before, after string // the JSON around the array
	elements      func(yield func(any) bool)
}

func listed[T any](elements iter.Seq[T]) listing {
	return listing{elements: func(yield func(any) bool) {
		elements(func(e T) bool { return yield(e) })
	}}
}

// listing is the Progress that a report is on the wire.
func (r Report) listing() (listing, error) {
	id, err := json.Marshal(r.ID)
	if err != nil {
		return listing{}, fmt.Errorf("encoding the id of a release: %w", err)
	}
	l := listed(r.Results)
	l.before, l.after = fmt.Sprintf(`{"id":%s,"done":%t,"results":`, id, r.Done), "}"
	return l, nil
}

func (listing) contentType() string { return "application/json" }

// send writes the listing element by element. After an error the client has
// got an array without an end.
func (l listing) send(w http.ResponseWriter, t times) error {
	out := bufio.NewWriterSize(&deadlined{w: w, control: http.NewResponseController(w), each: t.write, end: time.Now().Add(t.answer)}, sendBuffer)
	out.WriteString(l.before)
	out.WriteByte('[')
	n := 0
	var failed error
	for e := range l.elements {
		raw, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("encoding an element of a listing: %w", err)
		}
		if n++; n > 1 {
			out.WriteByte(',')
		}
		if _, failed = out.Write(raw); failed != nil {
			return failed
		}
	}
	out.WriteByte(']')
	out.WriteString(l.after)
	out.WriteByte('\n')
	return out.Flush()
}

// deadlined gives a client a while to take each part of an answer, and until
// end, where there is one, for all of it.
type deadlined struct {
	w       http.ResponseWriter
	control *http.ResponseController
	each    time.Duration
	end     time.Time
}

// Write implements io.Writer.
func (d *deadlined) Write(b []byte) (int, error) {
	next := time.Now().Add(d.each)
	if !d.end.IsZero() && next.After(d.end) {
		next = d.end
	}
	if err := d.control.SetWriteDeadline(next); err != nil {
		return 0, err
	}
	n, err := d.w.Write(b)
	if err == nil {
		err = d.control.Flush()
	}
	return n, err
}
