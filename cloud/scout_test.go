package cloud

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/dev/peers"
)

func TestScoutsThatAreNotWhoTheySay(t *testing.T) {
	f := startServer(t, t.TempDir())
	i, stranger := f.enrollScout(), newIdentity(t)
	recorded := f.dialScout()
	old := recorded.signedHello(i)
	recorded.sendMessages(old)
	if _, ok := recorded.receiveMessage().(wire.Welcome); !ok {
		t.Fatal("the scout itself is not welcome")
	}
	peers.Await(t, "the scout is online", func() bool { return f.server.router.Online(i.id) })
	for name, test := range map[string]struct {
		hello func(s *scout) wire.Hello
		code  string
	}{
		"a replayed hello": {func(s *scout) wire.Hello { s.signedHello(i); return old }, wire.CodeSignature},
		"a forged signature": {func(s *scout) wire.Hello {
			h := s.signedHello(i)
			h.Signature[3] ^= 1
			return h
		}, wire.CodeSignature},
		"another's key": {func(s *scout) wire.Hello { return s.signedHello(&identity{id: i.id, key: stranger.key}) }, wire.CodeSignature},
		"signed for another server": {func(s *scout) wire.Hello {
			c := s.receiveMessage().(wire.Challenge)
			return wire.Hello{Scout: i.id, Signature: wire.SignHello(i.key, c.Nonce, i.id, "evil.example.org"), JobsDigest: "x"}
		}, wire.CodeSignature},
		"an unknown scout": {func(s *scout) wire.Hello { return s.signedHello(&identity{id: "unknown", key: i.key}) }, wire.CodeUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			s := f.dialScout()
			s.sendMessages(test.hello(s))
			if refused, ok := s.receiveMessage().(wire.Refused); !ok || refused.Code != test.code {
				t.Errorf("the server answers %#v", refused)
			}
			s.wantClosed()
		})
	}
	if !f.server.router.Online(i.id) {
		t.Error("strangers have driven the scout out")
	}
}

func TestScoutsThatMisbehave(t *testing.T) {
	f := startServer(t, t.TempDir())
	for name, do := range map[string]func(i *identity) *scout{
		"garbage for a hello": func(*identity) *scout { s := f.dialScout(); s.sendRaw([]byte("{{{")); return s },
		"a job for a hello":   func(*identity) *scout { s := f.dialScout(); s.sendMessages(parkedJob("a")); return s },
		"an unknown frame":    func(*identity) *scout { s := f.dialScout(); s.sendRaw([]byte(`{"t":"x"}`)); return s },
		"a huge hello":        func(*identity) *scout { s := f.dialScout(); s.sendRaw(bytes.Repeat([]byte("x"), 1<<20)); return s },
		"a second hello":      func(i *identity) *scout { s := f.connectScout(i); s.sendRaw(helloAgain(i)); return s },
		"an order": func(i *identity) *scout {
			s := f.connectScout(i)
			s.sendMessages(wire.Order{ID: "a", Job: "b", Printer: "c"})
			return s
		},
		"an end of nothing": func(i *identity) *scout { s := f.connectScout(i); s.sendMessages(wire.JobsEnd{}); return s },
		"a huge frame": func(i *identity) *scout {
			s := f.connectScout(i)
			s.sendRaw(bytes.Repeat([]byte("x"), 1<<20))
			return s
		},
		"binary": func(i *identity) *scout {
			s := f.connectScout(i)
			s.ws.WriteMessage(websocket.BinaryMessage, []byte(`{}`))
			return s
		},
		"a title": func(i *identity) *scout {
			s := f.connectScout(i)
			s.sendRaw([]byte(`{"t":"job","id":"a","s":"Payroll March.pdf"}`))
			return s
		},
		"a flood": func(i *identity) *scout {
			s := f.connectScout(i)
			for range 30_000 {
				if s.sendRaw([]byte(`{"t":"gone","id":"x"}`)) != nil {
					break
				}
			}
			return s
		},
	} {
		t.Run(name, func(t *testing.T) {
			i := f.enrollScout()
			do(i).wantClosed()
			f.connectScout(i)
		})
	}
}

func helloAgain(i *identity) []byte {
	data, _ := wire.Encode(wire.Hello{Scout: i.id, Signature: make([]byte, 64), JobsDigest: "x"})
	return data
}

func TestIndexFollowsTheScout(t *testing.T) {
	f := startServer(t, t.TempDir())
	i := f.enrollScout()
	s := f.connectScout(i, parkedJob("a"), parkedJob("b"))
	if !s.WantJobs {
		t.Error("the server does not ask for jobs it does not know")
	}
	later := parkedJob("c")
	later.Expires = f.clock.Now().Add(time.Hour)
	s.sendMessages(later, wire.JobGone{ID: "a", Reason: "delivered"})
	s.waitUntilHandled()
	ids := func() string {
		var all []string
		for _, j := range getJSON[[]jobView](f, "/v1/jobs") {
			all = append(all, fmt.Sprintf("%s/%v", j.ID, j.Connected))
		}
		return strings.Join(all, " ")
	}
	if got := ids(); got != "b/true c/true" {
		t.Errorf("jobs %s", got)
	}
	s.ws.Close()
	s = f.connectScout(i, parkedJob("b"), later)
	if s.WantJobs {
		t.Error("the server asks for jobs it knows")
	}
	s = f.connectScout(i, parkedJob("d")) // drives the older connection out
	if !s.WantJobs || ids() != "d/true" {
		t.Errorf("jobs %s after a full list", ids())
	}
	s.sendMessages(later)
	s.waitUntilHandled()
	f.clock.advance(2 * time.Hour)
	if got := ids(); got != "d/true" {
		t.Errorf("jobs %s after one expired", got)
	}
}

func TestIndexIsBounded(t *testing.T) {
	x, now := newIndex(), time.Now()
	jobs := make([]wire.Job, 2*wire.MaxJobs)
	for n := range jobs {
		jobs[n] = parkedJob(fmt.Sprintf("j%d", n))
	}
	if refused := x.replaceJobs("one", jobs, now); refused != wire.MaxJobs || x.countJobs("one") != wire.MaxJobs {
		t.Errorf("%d refused, %d kept", refused, x.countJobs("one"))
	}
	if x.putJob("two", parkedJob("j0"), now) {
		t.Error("a scout takes over another's job")
	}
	x.removeJob("two", "j0")
	if x.findJob("j0", now) == nil {
		t.Error("a scout removes another's job")
	}
	if x.replaceJobs("one", nil, now); len(x.jobs) != 0 || len(x.scouts) != 0 || len(x.users) != 0 {
		t.Error("something of the jobs is left")
	}
	if !x.putJob("two", parkedJob("j0"), now) {
		t.Error("a job that is free is not taken")
	}
}

func TestDirectory(t *testing.T) {
	f := startServer(t, t.TempDir())
	i := f.enrollScout()
	s := f.connectScout(i)
	if s.Edition.Revision == 0 {
		t.Fatal("the welcome has no directory revision")
	}
	api := f.token
	fetch := func(token string) (int, []byte) {
		f.token = token
		defer func() { f.token = api }()
		return f.call("GET", "/v1/directory", nil)
	}
	for who, token := range map[string]string{"the scout": s.Session, "the API": api} {
		status, envelope := fetch(token)
		if d, err := f.cfg.Site.Check(envelope); status != http.StatusOK || err != nil || d.Revision != s.Edition.Revision {
			t.Errorf("%s: status %d, %v", who, status, err)
		}
	}
	if status, _ := fetch("x" + s.Session); status != http.StatusUnauthorized {
		t.Errorf("with a wrong session key: status %d", status)
	}
	f.token = s.Session
	if status, _ := f.call("GET", "/v1/jobs", nil); status != http.StatusUnauthorized {
		t.Errorf("the API with a session key: status %d", status)
	}
	f.token = api
	s.ws.Close()
	p := f.server.router.findPeer(i.id)
	if p != nil {
		<-p.gone
	}
	if status, _ := fetch(s.Session); status != http.StatusUnauthorized {
		t.Errorf("with the session key of a lost connection: status %d", status)
	}
}

func TestPings(t *testing.T) {
	peers.Short(t, "a limit of seconds runs out")
	f := startServer(t, t.TempDir(), func(c *Config) { c.PingEvery = 20 * time.Millisecond })
	s := f.connectScout(f.enrollScout())
	pings := make(chan string, 100)
	s.ws.SetPingHandler(func(data string) error {
		pings <- data
		return s.ws.WriteControl(websocket.PongMessage, nil, time.Now().Add(patient))
	})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			if _, _, err := s.ws.ReadMessage(); err != nil {
				return
			}
		}
	}()
	for range 3 {
		if data := <-pings; data != "" {
			t.Errorf("a ping with %q", data)
		}
	}
	f.stop() // with the drain, which ends the reader
	<-done
}

func TestDrain(t *testing.T) {
	f := startServer(t, t.TempDir())
	s := f.connectScout(f.enrollScout())
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		f.stop()
	}()
	if drain, ok := s.receiveMessage().(wire.Drain); !ok || drain.DelaySeconds < 1 {
		t.Errorf("the server says %#v", drain)
	}
	s.ws.Close()
	select {
	case <-stopped:
	case <-time.After(patient):
		t.Error("the server does not end")
	}
}
