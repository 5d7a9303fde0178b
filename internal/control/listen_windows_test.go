package control

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"runtime"
	"strings"
	"testing"

	"github.com/Microsoft/go-winio"
	"go.uber.org/goleak"
	"golang.org/x/sys/windows"

	"github.com/printscout/printscout/internal/identity"
)

// TestMain leaves out what go-winio has for as long as the process lives.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/Microsoft/go-winio.ioCompletionProcessor"))
}

// listen is Listen, with a first connection that is not used: in Wine 8 that goes
// to an instance that go-winio never answers at.
func listen(t *testing.T, path string) net.Listener {
	t.Helper()
	l, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	c, err := connect(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	return l
}

func socketPath(t *testing.T) string {
	t.Helper()
	return fmt.Sprintf("%sprintscout-test-%x", pipes, rand.Uint64())
}

func TestListenMakesOnlyTheFirstInstance(t *testing.T) {
	path := serve(t, new(agent))
	if _, err := Listen(path); !errors.Is(err, ErrTaken) {
		t.Errorf("beside a living agent: %v", err)
	}
	if _, err := Listen(`C:\Users\Public\agent.sock`); err == nil || !strings.Contains(err.Error(), pipes) {
		t.Errorf("at a file: %v", err)
	}
}

// TestProtectedName is found by a client, whether the agent could have it or
// had to do without.
func TestProtectedName(t *testing.T) {
	plain := socketPath(t)
	asked := protected + strings.TrimPrefix(plain, pipes)
	for _, at := range []string{asked, plain} {
		l, err := winio.ListenPipe(at, nil)
		if err != nil {
			t.Logf("%s: %v", at, err)
			continue
		}
		accepted := make(chan error, 1)
		go func() {
			c, err := l.Accept()
			if err == nil {
				err = c.Close()
			}
			accepted <- err
		}()
		for range 2 { // see listen
			c, err := connect(t.Context(), asked)
			if err != nil {
				t.Fatalf("%s: %v", at, err)
			}
			c.Close()
		}
		if err := <-accepted; err != nil {
			t.Error(err)
		}
		l.Close()
	}
	if _, err := connect(t.Context(), asked); err == nil {
		t.Error("nobody answers, and somebody did")
	}
}

// TestWhoMayServe trusts the system, administrators, the person and nobody else.
func TestWhoMayServe(t *testing.T) {
	for sid, want := range map[string]bool{
		systemSID: true, administratorsSID: true, identity.OwnSID(): true,
		"": false, "S-1-1-0": false, "S-1-5-21-1-2-3-1001": false, "S-1-5-19": false,
	} {
		if trusted(sid) != want {
			t.Errorf("%q: %v", sid, !want)
		}
	}
}

// TestAnonymousClientsAreRefused connects as go-winio does by default, which
// shows the server nothing.
func TestAnonymousClientsAreRefused(t *testing.T) {
	if windows.NewLazySystemDLL("ntdll.dll").NewProc("wine_get_version").Find() == nil {
		t.Skip("Wine shows every client to the server")
	}
	path := serve(t, new(agent))
	c, err := winio.DialPipeContext(t.Context(), path)
	if err != nil {
		t.Skipf("not let in at all: %v", err)
	}
	defer c.Close()
	if got := askedOn(t, c, "/v1/status"); got == 200 {
		t.Error("a client that does not say who it is was answered")
	}
}

// TestFailedAcceptIsNotTheEnd wants net/http to go on after an instance that could
// not be made, and to end with the listener.
func TestFailedAcceptIsNotTheEnd(t *testing.T) {
	for failure, want := range map[error]bool{windows.ERROR_NO_SYSTEM_RESOURCES: true, net.ErrClosed: false} {
		_, err := identity.AskAtPipe(failing{err: failure}).Accept()
		var e interface{ Temporary() bool }
		if got := errors.As(err, &e) && e.Temporary(); got != want || !errors.Is(err, failure) {
			t.Errorf("%v: %v", failure, err)
		}
	}
}

// failing is a listener that only fails.
type failing struct {
	net.Listener
	err error
}

func (f failing) Accept() (net.Conn, error) { return nil, f.err }

// TestWhoIsAtThePipe names both ends, and the thread that asked is itself again.
func TestWhoIsAtThePipe(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	path := socketPath(t)
	l := listen(t, path)
	defer l.Close()
	dialed := make(chan net.Conn, 1)
	go func() {
		c, err := connect(t.Context(), path)
		if err != nil {
			t.Error(err)
		}
		dialed <- c
	}()
	s, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var token windows.Token
	if err := windows.OpenThreadToken(windows.CurrentThread(), windows.TOKEN_QUERY, true, &token); !errors.Is(err, windows.ERROR_NO_TOKEN) {
		t.Errorf("the thread is somebody: %v", err)
	}
	c := <-dialed
	defer c.Close()
	own := identity.OwnSID()
	if p, err := identity.OfConn(s); err != nil || p.UID != own || p.Name == "" || !p.Admin {
		t.Errorf("the client: %+v, %v", p, err)
	}
	if uid, err := identity.UIDOfConn(s); err != nil || uid != own {
		t.Errorf("the client: %s, %v", uid, err)
	}
	if uid, err := identity.ServerOf(c); err != nil || uid != own {
		t.Errorf("the owner: %s, %v", uid, err)
	}
	near, far := net.Pipe()
	defer near.Close()
	defer far.Close()
	for _, other := range []net.Conn{near, c} {
		if _, err := identity.OfConn(other); !errors.Is(err, identity.ErrUnknown) {
			t.Errorf("%T: %v", other, err)
		}
	}
	if _, err := identity.ServerOf(near); !errors.Is(err, identity.ErrUnknown) {
		t.Error(err)
	}
}
