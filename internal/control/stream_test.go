package control

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/printscout/printscout/internal/dev/peers"
)

// speaking is an agent that says some events at first, and then what is put
// into more.
type speaking struct {
	agent
	more  chan Event
	open  chan struct{} // a stream has begun
	ended chan struct{} // a stream has ended
}

func newSpeaking(first ...Event) *speaking {
	s := &speaking{more: make(chan Event), open: make(chan struct{}, 1000), ended: make(chan struct{}, 1000)}
	s.events = func(ctx context.Context, _ Caller, yield func(Event) bool) bool {
		defer func() { s.ended <- struct{}{} }()
		for _, e := range first {
			if !yield(e) {
				return false
			}
		}
		s.open <- struct{}{}
		for {
			select {
			case <-ctx.Done():
				return true
			case e := <-s.more:
				if !yield(e) {
					return false
				}
			}
		}
	}
	return s
}

func allEvents() []Event {
	pages := 3
	return []Event{
		{Name: EventStatus, Status: &Status{Version: "v", Site: "a\nsite"}},
		{Name: EventPrinters, Printers: []Printer{{ID: "p", Last: &Seen{At: time.Unix(1, 0).UTC(), Grade: "ipps", State: "delivered"}}}},
		{Name: EventJob, Job: &Job{ID: "1", Title: "a\r\nevent: gone\ndata: {}\n\n\u2028", Pages: &pages}},
		{Name: EventReady},
		{Name: EventGone, Gone: &Gone{ID: "1", State: "delivered", PagesPrinted: &pages}},
	}
}

// TestEventsArriveAsTheyWere over the wire, and the last element has the error.
func TestEventsArriveAsTheyWere(t *testing.T) {
	want := allEvents()
	c := NewClient(serve(t, newSpeaking(want...)))
	defer c.Close()
	var got []Event
	for e, err := range c.Events(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if got = append(got, e); len(got) == len(want) {
			break
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	for _, err := range NewClient(serve(t, new(agent))).Events(t.Context()) {
		if !errors.Is(err, ErrUnreachable) {
			t.Errorf("a stream that ended: %v", err)
		}
	}
}

// stream opens a stream on a connection of its own, and returns its status.
func (s *speaking) stream(t *testing.T, path string) (net.Conn, int) {
	t.Helper()
	c := dialed(t, path)
	fmt.Fprint(c, "GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n")
	resp, err := http.ReadResponse(bufio.NewReader(c), nil) // to close its body would wait for its end
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode == http.StatusOK {
		<-s.open
	}
	return c, resp.StatusCode
}

// TestStreamsAreBounded for one account, hold no place for work, and leave room
// when they end.
func TestStreamsAreBounded(t *testing.T) {
	s := newSpeaking(Event{Name: EventReady})
	path, _ := serveWithin(t, s, mostConnections, ordinary)
	var open []net.Conn
	for range streamsPerAccount {
		c, got := s.stream(t, path)
		if got != http.StatusOK {
			t.Fatalf("status %d after %d streams", got, len(open))
		}
		open = append(open, c)
	}
	if _, got := s.stream(t, path); got != http.StatusTooManyRequests {
		t.Errorf("one more: status %d", got)
	}
	c := NewClient(path)
	defer c.Close()
	if _, err := c.Status(t.Context()); err != nil {
		t.Errorf("beside the streams: %v", err)
	}
	open[0].Close()
	<-s.ended
	peers.Await(t, "there is room again", func() bool {
		_, got := s.stream(t, path)
		return got == http.StatusOK
	})
}

// TestStreamsAreShared gives an account that has few a place of the one that has
// most.
func TestStreamsAreShared(t *testing.T) {
	var s streams
	greedy := []*account{}
	var oldest context.Context
	for range mostStreams / streamsPerAccount {
		a := new(account)
		greedy = append(greedy, a)
		for range streamsPerAccount {
			ctx, _, err := s.enter(t.Context(), a)
			if err != nil {
				t.Fatal(err)
			}
			if oldest == nil {
				oldest = ctx
			}
		}
	}
	if _, _, err := s.enter(t.Context(), greedy[0]); err == nil {
		t.Error("an account got more than its part")
	}
	if _, _, err := s.enter(t.Context(), new(account)); err != nil || oldest.Err() == nil {
		t.Errorf("a newcomer: %v; the oldest stream: %v", err, oldest.Err())
	}
	if len(s.open) != mostStreams {
		t.Errorf("%d streams", len(s.open))
	}
	s.stop()
	if _, _, err := s.enter(t.Context(), new(account)); err == nil {
		t.Error("a stream began after the stop")
	}
}

// TestStreamThatIsNotRead is ended, and holds nothing of what it was not told.
func TestStreamThatIsNotRead(t *testing.T) {
	peers.Short(t, "a limit of seconds runs out")
	s := newSpeaking()
	bounds := ordinary
	bounds.write = time.Second
	path, _ := serveWithin(t, s, mostConnections, bounds)
	fmt.Fprint(dialed(t, path), "GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n")
	told := 0
	for over := false; !over; {
		select {
		case s.more <- Event{Name: EventJob, Job: &Job{Title: strings.Repeat("x", 500)}}:
			told++
		case <-s.ended:
			over = true
		}
	}
	if told == 0 || told > 1_000 {
		t.Errorf("%d events for a client that reads nothing", told)
	}
}

// TestStopEndsStreams at once: no grace for what would never end by itself.
func TestStopEndsStreams(t *testing.T) {
	s := newSpeaking(Event{Name: EventReady})
	path := socketPath(t)
	l := listen(t, path)
	ctx, cancel := context.WithCancel(t.Context())
	server := NewServer(s, slog.New(slog.DiscardHandler))
	var running sync.WaitGroup
	running.Go(func() {
		if err := server.Serve(ctx, l); err != nil {
			t.Error(err)
		}
	})
	s.stream(t, path)
	cancel()
	<-s.ended
	running.Wait()
}

// TestAuditedRequests wants a line for every request that changes something,
// and none for others.
func TestAuditedRequests(t *testing.T) {
	var log lines
	path := socketPath(t)
	l := listen(t, path)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- NewServer(new(agent), slog.New(slog.NewTextHandler(&log, nil))).Serve(ctx, l) }()
	defer func() { cancel(); <-done }()
	const job = "0198c0de-0000-7000-8000-000000000000"
	bodies := map[string]string{
		"POST /v1/jobs/{id}/resolution": `{"said":"printed"}`, "POST /v1/releases": `{"jobs":["` + job + `"]}`,
		"POST /v1/enroll": "{}", "POST /v1/people": `{"name":"alice"}`,
	}
	replace := strings.NewReplacer("{id}", job, "{name}", "alice")
	for _, route := range Routes() {
		name := route.Method + " " + route.Pattern
		log.Reset()
		c := dialed(t, path)
		body := bodies[name]
		fmt.Fprintf(c, "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s", route.Method, replace.Replace(route.Pattern), len(body), body)
		resp, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		c.Close()
		said := log.String()
		if !route.Audited {
			if said != "" {
				t.Errorf("%s: %s", name, said)
			}
			continue
		}
		if strings.Count(said, "\n") != 1 || !strings.Contains(said, `route="`+name+`"`) || !strings.Contains(said, " account=") || !strings.Contains(said, "outcome=ok") || strings.Contains(said, "alice") {
			t.Errorf("%s: %s", name, said)
		}
		if about := strings.Contains(route.Pattern, "{id}") || strings.Contains(body, job); about != strings.Contains(said, "job="+job) {
			t.Errorf("%s: %s", name, said)
		}
	}
}

// TestRefusedRequestsAreAuditedOnce a minute for each account and code, without
// a word of the caller's.
func TestRefusedRequestsAreAuditedOnce(t *testing.T) {
	var log bytes.Buffer
	a := newAudits(slog.New(slog.NewTextHandler(&log, nil)))
	route := Route{Method: "DELETE", Pattern: "/v1/jobs/{id}"}
	for range 100 {
		for _, account := range []string{"1", "2"} {
			a.add(route, account, account, &subject{jobs: []string{"not\nan id"}}, &Error{Code: CodeNotFound})
		}
	}
	if said := log.String(); strings.Count(said, "\n") != 2 || !strings.Contains(said, "account=2") || !strings.Contains(said, "reason=not-found") || strings.Contains(said, "an id") {
		t.Errorf("%s", said)
	}
	for i := range 3 * mostAudited {
		a.add(route, fmt.Sprint(i), "", new(subject), errBusy)
	}
	if len(a.refused) > mostAudited {
		t.Errorf("%d accounts are told apart", len(a.refused))
	}
}

// lines is a log that may be read while it is written.
type lines struct {
	mu sync.Mutex
	bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Buffer.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Buffer.String()
}

func (l *lines) Reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.Buffer.Reset()
}

// FuzzReadEvents reads what somebody else than an agent may send.
func FuzzReadEvents(f *testing.F) {
	var all bytes.Buffer
	out := bufio.NewWriter(&all)
	for _, e := range allEvents() {
		if err := e.write(out); err != nil {
			f.Fatal(err)
		}
	}
	out.Flush()
	f.Add(all.Bytes())
	f.Add([]byte("event: later\ndata: {}\n\n:comment\nid: 1\nretry: 3\ndata: {\"a\":1}\n\n"))
	f.Add([]byte("event:status\ndata:null\n\nevent: job\r\ndata: []\r\n\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		n := 0
		_, err := readEvents(bytes.NewReader(b), func(e Event) bool {
			set := map[string]bool{EventStatus: e.Status != nil, EventJob: e.Job != nil, EventGone: e.Gone != nil, EventPrinters: e.Printers != nil}
			for name, is := range set {
				if is && name != e.Name || !is && name == e.Name && name != EventPrinters {
					t.Fatalf("%+v", e)
				}
			}
			n++
			return n < 1000
		})
		if err != nil && n > len(b) {
			t.Fatal("more events than bytes")
		}
	})
}
