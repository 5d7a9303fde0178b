package cloudlink

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/printscout/printscout/cloudlink/wire"
)

// pipes is a listener and its dialer in memory, so that time can be the test's.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipes() *pipes {
	return &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }

func (p *pipes) dialPipe(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case p.conns <- far:
		return near, nil
	case <-p.closed:
		return nil, errors.New("connection refused")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// inBubble runs a fake server over pipes; the link waits as long as it may.
func inBubble(t *testing.T, test func(t *testing.T, f *fake)) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		p := newPipes()
		f.dial = p.dialPipe
		f.serveListener(p)
		f.run(func(most time.Duration) time.Duration { return most })
		test(t, f)
	})
}

func TestChallengeNeverComes(t *testing.T) {
	inBubble(t, func(t *testing.T, f *fake) {
		start := time.Now()
		go f.nextPeer().discardFrames()
		p := <-f.conns
		if waited := time.Since(start); waited < wire.HandshakeTime || waited > wire.HandshakeTime+3*time.Second {
			t.Errorf("the scout came back after %v", waited)
		}
		start = time.Now()
		p.sendChallenge() // and then no welcome
		go p.discardFrames()
		<-f.conns
		if waited := time.Since(start); waited < wire.HandshakeTime || waited > wire.HandshakeTime+4*time.Second {
			t.Errorf("the scout came back after %v", waited)
		}
	})
}

func TestServerThatFallsSilent(t *testing.T) {
	inBubble(t, func(t *testing.T, f *fake) {
		p := f.welcomePeer(wire.Welcome{PingSeconds: 50})
		go p.discardFrames()
		for range 5 {
			<-time.After(55 * time.Second)
			p.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(time.Second))
		}
		synctest.Wait()
		if !f.link.Status().Connected {
			t.Fatal("the link is down though pings came")
		}
		start := time.Now()
		<-f.conns
		if waited := time.Since(start); waited < 110*time.Second || waited > 120*time.Second {
			t.Errorf("the scout took the server for dead after %v", waited)
		}
	})
}

// discardFrames takes whatever the scout sends and answers nothing: a pipe, unlike a
// network, makes a writer wait for its reader.
func (p *peer) discardFrames() {
	conn := p.ws.NetConn()
	conn.SetReadDeadline(time.Time{})
	io.Copy(io.Discard, conn)
}

func TestBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		p := newPipes()
		p.Close()
		f.dial = p.dialPipe
		f.run(func(most time.Duration) time.Duration { return most })
		for _, want := range []time.Duration{1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300} {
			if got := <-f.delays; got != want*time.Second {
				t.Errorf("waits up to %v, want %v", got, want*time.Second)
			}
		}
		synctest.Wait()
		if s := f.link.Status(); s.Connected || !strings.Contains(s.LastError, "cannot be reached") || time.Until(s.Retry) != 300*time.Second {
			t.Errorf("status %+v", s)
		}
	})
}

func TestBackoffStartsAgainAfterAGoodConnection(t *testing.T) {
	inBubble(t, func(t *testing.T, f *fake) {
		for _, want := range []time.Duration{1, 2, 4} {
			p := f.welcomePeer(wire.Welcome{})
			p.ws.Close()
			if got := <-f.delays; got != want*time.Second {
				t.Errorf("waits up to %v, want %v", got, want*time.Second)
			}
		}
		p := f.welcomePeer(wire.Welcome{})
		<-time.After(steady)
		p.ws.Close()
		if got := <-f.delays; got != time.Second {
			t.Errorf("after a minute's connection waits up to %v, want 1s", got)
		}
		p = f.welcomePeer(wire.Welcome{})
		p.sendMessages(wire.Refused{Code: wire.CodeUnknown})
		if got := <-f.delays; got != maxBackoff {
			t.Errorf("after being refused waits up to %v, want %v", got, maxBackoff)
		}
	})
}

// A scout that is stopped in the middle of anything stops at once.
func TestStopAtEachStep(t *testing.T) {
	for name, step := range map[string]func(f *fake){
		"while waiting for a challenge": func(f *fake) { f.nextPeer() },
		"while waiting for a welcome":   func(f *fake) { f.nextPeer().sendChallenge() },
		"while connected":               func(f *fake) { f.welcomePeer(wire.Welcome{}) },
		"while an order is in work": func(f *fake) {
			started := make(chan struct{})
			f.agent.order = func(ctx context.Context, _ wire.Order) wire.Result {
				close(started)
				<-ctx.Done()
				return wire.Result{State: wire.Canceled}
			}
			f.welcomePeer(wire.Welcome{}).sendMessages(newOrder("o1"))
			<-started
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(_ *testing.T, f *fake) { step(f) }) // cleaning up waits for Run, and synctest for the rest
		})
	}
}

// TestMessageThatDoesNotEnd sends a piece of a message and a ping every few seconds.
func TestMessageThatDoesNotEnd(t *testing.T) {
	inBubble(t, func(t *testing.T, f *fake) {
		p := f.welcomePeer(wire.Welcome{PingSeconds: 50})
		go p.discardFrames()
		start := time.Now()
		conn := p.ws.NetConn()
		for conn.SetWriteDeadline(time.Time{}); ; {
			if _, err := conn.Write([]byte{0x1, 1, '{', 0x89, 0}); err != nil {
				break
			}
			if _, err := conn.Write([]byte{0x0, 1, ' '}); err != nil {
				break
			}
			<-time.After(3 * time.Second)
			conn.Write([]byte{0x0, 1, ' ', 0x89, 0})
			<-time.After(3 * time.Second)
			conn.Write([]byte{0x0, 1, ' ', 0x89, 0})
			<-time.After(3 * time.Second)
			conn.Write([]byte{0x0, 1, ' ', 0x89, 0})
			<-time.After(3 * time.Second)
		}
		if took := time.Since(start); took > messageTime+6*time.Second {
			t.Errorf("the scout stays for %v", took)
		}
	})
}

// TestRefusedDirectoriesAreFetchedEverMoreRarely has a server that offers new
// ones all the time, and hangs up in between.
func TestRefusedDirectoriesAreFetchedEverMoreRarely(t *testing.T) {
	inBubble(t, func(t *testing.T, f *fake) {
		f.agent.refuse = errors.New("not signed by the site")
		f.routes.HandleFunc("GET /v1/directory", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("envelope")) })
		revision := uint64(1)
		p := f.welcomePeer(wire.Welcome{Session: "k", Edition: wire.Edition{Epoch: 1, Revision: revision}})
		go p.discardFrames()
		<-f.agent.offered
		offer := func() {
			for {
				revision++
				p.sendMessages(wire.DirectoryChanged{Edition: wire.Edition{Epoch: 1, Revision: revision}})
				select {
				case <-f.agent.offered:
					return
				case <-time.After(time.Second):
				}
			}
		}
		for _, want := range []time.Duration{5, 10, 20, 40, 80, 160, 320, 600, 600} {
			last := time.Now()
			if want == 40 {
				p.ws.Close()
				p = f.welcomePeer(wire.Welcome{Session: "k", Edition: wire.Edition{Epoch: 1, Revision: revision}})
				go p.discardFrames()
			}
			offer()
			if took := time.Since(last); took < want*time.Second || took > (want+3)*time.Second {
				t.Errorf("fetched again after %v, want %v", took, want*time.Second)
			}
		}
		f.agent.mu.Lock()
		f.agent.refuse = nil
		f.agent.mu.Unlock()
		offer()
		<-time.After(10 * time.Second) // until the connections of the fetches have ended at both ends
		if wait := f.link.pace.wait(); wait > 0 {
			t.Errorf("after a good one it waits %v", wait)
		}
	})
}

// TestDrainsInALoop has a server that sends the scout away for no time at all, or
// for ever, and welcomes it each time it comes back.
func TestDrainsInALoop(t *testing.T) {
	for _, delay := range []int{0, 1 << 40} {
		inBubble(t, func(t *testing.T, f *fake) {
			for _, want := range []time.Duration{0, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300} {
				if delay > 0 {
					want = maxBackoff / time.Second
				}
				p := <-f.conns
				p.sendWelcome(wire.Welcome{})
				p.sendMessages(wire.Drain{DelaySeconds: delay})
				if got := <-f.delays; got != want*time.Second {
					t.Errorf("told to stay away for %d s it waits up to %v, want %v", delay, got, want*time.Second)
				}
			}
			p := <-f.conns
			p.sendWelcome(wire.Welcome{})
			<-time.After(steady)
			p.sendMessages(wire.Drain{DelaySeconds: 7})
			if got := <-f.delays; got != 7*time.Second {
				t.Errorf("after a minute's connection waits up to %v, want 7s", got)
			}
		})
	}
}

// TestDirectoriesThatAreNotNew has a server that announces new ones all the
// time and serves the one that the scout has.
func TestDirectoriesThatAreNotNew(t *testing.T) {
	inBubble(t, func(t *testing.T, f *fake) {
		f.agent.keep = true
		f.routes.HandleFunc("GET /v1/directory", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("envelope")) })
		p := f.welcomePeer(wire.Welcome{Session: "k"})
		go p.discardFrames()
		start, fetched := time.Now(), 0
		for revision := uint64(1); time.Since(start) < time.Hour; revision++ {
			p.sendMessages(wire.DirectoryChanged{Edition: wire.Edition{Epoch: 1, Revision: revision}})
			select {
			case <-f.agent.offered:
				fetched++
			case <-time.After(time.Second):
			}
			p.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(time.Second))
		}
		if fetched < 8 || fetched > 14 {
			t.Errorf("fetched %d times in an hour", fetched)
		}
	})
}

// TestOneLineAMinuteOfTheLink counts what a server that hangs up at once has the link write.
func TestOneLineAMinuteOfTheLink(t *testing.T) {
	inBubble(t, func(t *testing.T, f *fake) {
		for range 8 {
			p := <-f.conns
			p.sendWelcome(wire.Welcome{})
			p.sendRaw([]byte("no JSON\n\x1b[31m"))
			p.wantClosed()
			<-f.delays
		}
		synctest.Wait()
		lines := strings.Split(strings.TrimSpace(f.logged.String()), "\n")
		minutes := map[string]int{}
		for _, line := range lines {
			stamp, rest, _ := strings.Cut(line, " ")
			minutes[stamp[:len("time=2006-01-02T15:04")]+rest[:min(40, len(rest))]]++
		}
		for line, n := range minutes {
			if n > 1 {
				t.Errorf("%d lines of one minute: %s", n, line)
			}
		}
		if n := strings.Count(f.logged.String(), "reason=protocol"); n < 2 || !strings.Contains(f.logged.String(), "not_logged=") {
			t.Errorf("%d lines say why, of:\n%s", n, f.logged.String())
		}
	})
}

// TestDirectoryThatTakesForEver sends a byte of it each second; orders are
// carried out meanwhile.
func TestDirectoryThatTakesForEver(t *testing.T) {
	inBubble(t, func(t *testing.T, f *fake) {
		gaveUp := make(chan time.Duration, 10)
		f.routes.HandleFunc("GET /v1/directory", func(w http.ResponseWriter, r *http.Request) {
			for start := time.Now(); ; <-time.After(time.Second) {
				if _, err := w.Write([]byte(" ")); err != nil || http.NewResponseController(w).Flush() != nil {
					gaveUp <- time.Since(start)
					return
				}
			}
		})
		p := f.welcomePeer(wire.Welcome{Session: "k", Edition: wire.Edition{Epoch: 1, Revision: 1}})
		<-time.After(30 * time.Second)
		p.sendMessages(newOrder("o1"))
		if got := p.receiveResult(); got.State != wire.Delivered {
			t.Errorf("%+v", got)
		}
		if took := <-gaveUp; took < 50*time.Second || took > 70*time.Second {
			t.Errorf("the scout gave up after %v", took)
		}
		synctest.Wait()
		if !f.link.Status().Connected || strings.Count(f.logged.String(), "reason=directory-not-fetched") != 1 {
			t.Errorf("status %+v, log:\n%s", f.link.Status(), f.logged.String())
		}
	})
}
