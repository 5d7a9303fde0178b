package control

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/identity"
)

// serveWithin is serve with bounds of the test's own.
func serveWithin(t *testing.T, a Agent, most int, bounds times) (path string, s *Server) {
	t.Helper()
	path = socketPath(t)
	l := listen(t, path)
	s = NewServer(a, slog.New(slog.DiscardHandler))
	s.times = bounds
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.serve(ctx, admit(l, most)) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return path, s
}

func dialed(t *testing.T, path string) net.Conn {
	t.Helper()
	c, err := connect(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// askedOn asks on a connection and returns the answer's status, 0 for none.
func askedOn(t *testing.T, c net.Conn, target string) int {
	t.Helper()
	c.SetDeadline(time.Now().Add(30 * time.Second))
	if _, err := fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", target); err != nil {
		return 0
	}
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return 0
	}
	resp.Body.Close()
	return resp.StatusCode
}

// TestConnectionsOfOneAccount opens more than one account may have.
func TestConnectionsOfOneAccount(t *testing.T) {
	path, _ := serveWithin(t, new(agent), mostConnections, ordinary)
	var held []net.Conn
	for range connectionsPerAccount {
		c := dialed(t, path)
		if got := askedOn(t, c, "/v1/status"); got != http.StatusOK {
			t.Fatalf("connection %d of %d: status %d", len(held)+1, connectionsPerAccount, got)
		}
		held = append(held, c)
	}
	c := NewClient(path)
	defer c.Close()
	_, err := c.Status(t.Context())
	if e, ok := errors.AsType[*Error](err); !ok || e.Code != CodeBusy || e.Hint == "" {
		t.Errorf("one more: %v", err)
	}
	held[0].Close()
	peers.Await(t, "there is room again", func() bool {
		_, err := c.Status(t.Context())
		return err == nil
	})
}

// TestPlacesAreShared fills an admission from many accounts: who has few always
// gets in, at the cost of who has most.
func TestPlacesAreShared(t *testing.T) {
	a := admit(nil, 8)
	for _, uid := range []string{"1", "2", "3"} {
		a.names.Learn(identity.Peer{UID: uid, Name: "user" + uid})
	}
	var ends []net.Conn
	enter := func(uid string) (*connection, bool) {
		near, far := net.Pipe()
		ends = append(ends, near, far)
		return a.enter(near, uid)
	}
	t.Cleanup(func() {
		for _, c := range ends {
			c.Close()
		}
	})
	first, _ := enter("1")
	for range 6 {
		enter("1")
	}
	enter("2")
	if _, ok := enter("1"); ok {
		t.Error("who has most got another one's place")
	}
	newcomer, ok := enter("3")
	if !ok {
		t.Fatal("a newcomer was not let in")
	}
	if err := first.Conn.SetDeadline(time.Now()); err == nil {
		t.Error("the oldest of who has most was not ended")
	}
	for range 2 { // 5 of 1, 1 of 2, 2 of 3; then 4, 1, 3
		if _, ok := enter("3"); !ok {
			t.Error("not let in below the share of another")
		}
	}
	if _, ok := enter("3"); ok {
		t.Error("shares that differ by one changed places for ever")
	}
	newcomer.Close()
	newcomer.Close()
	if a.open != 7 || len(a.accounts["3"].connections) != 2 {
		t.Errorf("%d open after one was closed twice", a.open)
	}
	if len(a.accounts["2"].connections) != 1 {
		t.Error("who had one lost it")
	}
}

func TestConnectionsLeaveDescriptors(t *testing.T) {
	for descriptors, want := range map[uint64]int{0: 512, 32: 16, 256: 64, 1024: 256, 1 << 20: 512, 1<<64 - 1: 512} {
		if got := connectionsFor(descriptors); got != want {
			t.Errorf("of %d descriptors: %d connections, want %d", descriptors, got, want)
		}
	}
	if n := descriptors(); n != 0 && n < 64 {
		t.Errorf("%d descriptors", n)
	}
}

// endless has more jobs than anybody reads.
type endless struct {
	agent
	told  int
	ended chan struct{}
}

func (e *endless) Jobs(Caller) iter.Seq[Job] {
	return func(yield func(Job) bool) {
		defer close(e.ended)
		for yield(Job{ID: "0198c0de-0000-7000-8000-000000000000", Title: "title"}) {
			e.told++
		}
	}
}

// TestListingThatIsNotRead is made no faster than it is read, and its client is
// disconnected.
func TestListingThatIsNotRead(t *testing.T) {
	peers.Short(t, "a limit of seconds runs out")
	a := &endless{ended: make(chan struct{})}
	bounds := ordinary
	bounds.write = time.Second
	path, _ := serveWithin(t, a, mostConnections, bounds)
	c := dialed(t, path)
	fmt.Fprint(c, "GET /v1/jobs HTTP/1.1\r\nHost: x\r\n\r\n")
	<-a.ended
	if a.told == 0 || a.told > 2_000 {
		t.Errorf("%d jobs were made for a client that reads nothing", a.told)
	}
	c.SetDeadline(time.Now().Add(30 * time.Second))
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if n, err := io.Copy(io.Discard, resp.Body); err == nil {
		t.Errorf("it ended as if it were whole, after %d bytes", n)
	}
}

// blocking is an agent whose printers take until they are let go.
type blocking struct {
	agent
	asked chan struct{}
	goOn  chan struct{}
}

func (b *blocking) Status(c Caller) Status {
	b.asked <- struct{}{}
	<-b.goOn
	return Status{}
}

func (b *blocking) Wait(ctx context.Context, _ Caller, id string) (Report, error) {
	b.asked <- struct{}{}
	<-b.goOn
	return Report{ID: id, Done: true, Results: none}, nil
}

// TestWorkOfOneAccount has as many requests worked on as one account may have:
// the next waits, and is told so in the end. Those that wait for a release do
// not count.
func TestWorkOfOneAccount(t *testing.T) {
	peers.Short(t, "a limit of seconds runs out")
	b := &blocking{asked: make(chan struct{}), goOn: make(chan struct{})}
	bounds := ordinary
	bounds.work = 2 * time.Second
	path, _ := serveWithin(t, b, mostConnections, bounds)
	var all sync.WaitGroup
	ask := func(target string) {
		c := dialed(t, path)
		all.Go(func() {
			if got := askedOn(t, c, target); got != http.StatusOK {
				t.Errorf("%s: status %d", target, got)
			}
		})
		<-b.asked
	}
	for range 2 * workPerAccount {
		ask("/v1/releases/r?wait=1m")
	}
	for range workPerAccount {
		ask("/v1/status")
	}
	if got := askedOn(t, dialed(t, path), "/v1/jobs"); got != http.StatusTooManyRequests {
		t.Errorf("one more: status %d", got)
	}
	close(b.goOn)
	all.Wait()
}
