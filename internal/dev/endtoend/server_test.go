//go:build unix

package endtoend

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/printscout/printscout/internal/dev/peers"
)

// TestWithdrawn removes the scout and revokes the token of the API by commands
// beside the running server.
func TestWithdrawn(t *testing.T) {
	s := newSite(t).up()
	doc := pdf(10_000)
	kept := s.print(doc)
	s.known(kept.ID)
	type listed struct{ ID, Name string }
	scouts := decode[[]listed](t, must(t, scoutcloud, "scout", "list", "--json", "--data", s.data()))
	if len(scouts) != 1 || scouts[0].ID == "" {
		t.Fatalf("%+v", scouts)
	}
	must(t, scoutcloud, "scout", "remove", scouts[0].ID, "--data", s.data())
	peers.Await(t, "the removed scout says what to do", func() bool {
		r := s.scout("status")
		return r.code == 3 && strings.Contains(r.stdout, "enroll it again")
	})
	var jobs []job
	if status := s.api("GET", "/v1/jobs", nil, &jobs); status != http.StatusOK || len(jobs) != 0 {
		t.Errorf("status %d, %d jobs", status, len(jobs))
	}
	must(t, scoutcloud, "token", "revoke", "test", "--data", s.data())
	if status := s.api("GET", "/v1/jobs", nil, &jobs); status != http.StatusUnauthorized {
		t.Errorf("with the revoked token: status %d", status)
	}
	if r := command(t, scoutcloud, "token", "revoke", "test", "--data", s.data()); r.code != 1 || !strings.Contains(r.stderr, "hint:") {
		t.Errorf("revoked twice: exit %d: %s", r.code, r.stderr)
	}
	s.apiToken = ""
	s.enroll()
	s.linked()
	s.known(kept.ID)
	if results, code := s.releaseAll("lobby"); code != 0 {
		t.Errorf("exit %d: %+v", code, results)
	}
	sameFile(t, s.out, doc)
}

// TestScoutAmongSilentWebsockets starts a scout while 700 websockets that say
// nothing are kept open from its own address.
func TestScoutAmongSilentWebsockets(t *testing.T) {
	s := newSite(t)
	s.serve()
	ctx, cancel := context.WithCancel(t.Context())
	var crowd sync.WaitGroup
	opened := make(chan struct{}, 1<<16)
	for range 700 {
		crowd.Go(func() {
			for ctx.Err() == nil {
				stare(ctx, fmt.Sprintf("localhost:%d", s.cloudPort), opened)
			}
		})
	}
	defer crowd.Wait()
	defer cancel()
	for range 400 {
		<-opened
	}
	s.run()
	began := time.Now()
	s.enroll()
	s.linked()
	t.Logf("the scout has joined and is connected after %v", time.Since(began))
}

// stare opens a websocket and is silent until it is closed.
func stare(ctx context.Context, address string, opened chan<- struct{}) {
	c, err := (&tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}}).DialContext(ctx, "tcp", address)
	if err != nil {
		return
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { c.Close() })()
	fmt.Fprintf(c, "GET /v1/scout HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: printscout.v1\r\n\r\n")
	if _, err := c.Read(make([]byte, 1)); err != nil {
		return
	}
	select {
	case opened <- struct{}{}:
	default:
	}
	io.Copy(io.Discard, c)
}
