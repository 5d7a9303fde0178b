package peers

import (
	"net"
	"strconv"
	"testing"
)

// TestPort is that a port belongs to one, is refused to a second and is free
// again afterwards.
func TestPort(t *testing.T) {
	var port int
	t.Run("taken", func(t *testing.T) {
		port = Port(t)
		if _, ok := claimPort(port); ok {
			t.Errorf("port %d has two owners", port)
		}
		for range 2 {
			l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
			if err != nil {
				t.Fatal(err)
			}
			l.Close()
		}
	})
	release, ok := claimPort(port)
	if !ok {
		t.Fatalf("port %d is not given back", port)
	}
	release()
}

// TestPortThatIsListenedAt is never given out.
func TestPortThatIsListenedAt(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, ok := claimPort(l.Addr().(*net.TCPAddr).Port); ok {
		t.Error("a port where somebody listens is given out")
	}
}
