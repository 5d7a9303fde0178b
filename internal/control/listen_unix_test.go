//go:build unix

package control

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// listen is Listen.
func listen(t *testing.T, path string) net.Listener {
	t.Helper()
	l, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func socketPath(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "s")
}

func TestListenReplacesOnlyWhatIsGone(t *testing.T) {
	path := serve(t, new(agent))
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o666 {
		t.Errorf("the socket: %v, %v", info, err)
	}
	if _, err := Listen(path); !errors.Is(err, ErrTaken) {
		t.Errorf("beside a living agent: %v", err)
	}
	stale := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", stale)
	if err != nil {
		t.Fatal(err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	l.Close()
	again, err := Listen(stale)
	if err != nil {
		t.Fatalf("in place of a dead one: %v", err)
	}
	again.Close()
	file := filepath.Join(t.TempDir(), "s")
	os.WriteFile(file, nil, 0o600)
	if _, err := Listen(file); err == nil {
		t.Error("a file was replaced")
	}
}

// TestUnnamedAccountsAreOne counts the ids of a user namespace together.
func TestUnnamedAccountsAreOne(t *testing.T) {
	a := admit(nil, mostConnections)
	let := 0
	for i := range 3 * connectionsPerAccount {
		near, far := net.Pipe()
		defer near.Close()
		defer far.Close()
		if _, ok := a.enter(near, fmt.Sprint(3_000_000_000+i)); ok {
			let++
		}
	}
	if let != connectionsPerAccount {
		t.Errorf("%d of %d were let in", let, 3*connectionsPerAccount)
	}
}
