package control

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"sync"
)

// streams are the event streams that are open, oldest first.
type streams struct {
	mu      sync.Mutex
	open    []*stream
	stopped bool
}

// stream is one event stream of an account. It ends with its request, when the
// agent stops, or to make room for another account's.
type stream struct {
	of  *account
	end context.CancelFunc
}

// enter returns the context of a new stream, if there is room for it.
func (s *streams) enter(ctx context.Context, of *account) (context.Context, *stream, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	has := s.count(of)
	if s.stopped || has >= streamsPerAccount || len(s.open) >= mostStreams && !s.makeRoom(has) {
		return nil, nil, errBusy
	}
	ctx, cancel := context.WithCancel(ctx)
	one := &stream{of: of, end: cancel}
	s.open = append(s.open, one)
	return ctx, one, nil
}

func (s *streams) count(of *account) (n int) {
	for _, one := range s.open {
		if one.of == of {
			n++
		}
	}
	return n
}

// makeRoom ends the oldest stream of the account that has the most, if those
// are more than a newcomer would have.
func (s *streams) makeRoom(has int) bool {
	most := 0
	var oldest *stream
	for _, one := range s.open {
		if n := s.count(one.of); n > most {
			most, oldest = n, one
		}
	}
	if most <= has+1 {
		return false
	}
	s.remove(oldest)
	return true
}

func (s *streams) remove(one *stream) {
	one.end()
	s.open = slices.DeleteFunc(s.open, func(o *stream) bool { return o == one })
}

func (s *streams) leave(one *stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(one)
}

// stop ends all streams, and lets no other in.
func (s *streams) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
	for _, one := range s.open {
		one.end()
	}
}

// events answers with a stream. It gives its place for work back.
func (s *Server) events(q request) (int, any, error) {
	ctx, one, err := s.streams.enter(q.Context(), q.place.of)
	if err != nil {
		return 0, nil, err
	}
	q.place.leave()
	return http.StatusOK, eventStream{
		events: s.agent.Events(ctx, q.caller),
		leave:  func() { s.streams.leave(one) },
	}, nil
}

// eventStream is an answer of server-sent events.
type eventStream struct {
	events iter.Seq[Event]
	leave  func()
}

func (eventStream) contentType() string { return "text/event-stream" }

// send writes each event as it comes, until there are no more or the client
// takes nothing any more.
func (s eventStream) send(w http.ResponseWriter, t times) error {
	defer s.leave()
	out := bufio.NewWriterSize(&deadlined{w: w, control: http.NewResponseController(w), each: t.write}, sendBuffer)
	for e := range s.events {
		if err := e.write(out); err != nil {
			return err
		}
		if err := out.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// write writes an event: encoded JSON has no line ends.
func (e Event) write(out *bufio.Writer) error {
	raw, err := json.Marshal(e.data())
	if err != nil {
		return fmt.Errorf("encoding an event: %w", err)
	}
	_, err = fmt.Fprintf(out, "event: %s\ndata: %s\n\n", e.Name, raw)
	return err
}

func (e Event) data() any {
	switch e.Name {
	case EventStatus:
		return e.Status
	case EventPrinters:
		return e.Printers
	case EventJob:
		return e.Job
	case EventGone:
		return e.Gone
	}
	return struct{}{}
}
