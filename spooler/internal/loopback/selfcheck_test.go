package loopback

import (
	"context"
	"net"
	"net/netip"
	"testing"
	"time"
)

func whoAnswers(t *testing.T, c *SelfCheck) map[string]Who {
	t.Helper()
	as, err := c.Answers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]Who{}
	for _, a := range as {
		by[a.At.Addr().String()] = a.Who
	}
	return by
}

// TestConnectionsThatDoNotComeIn stands for a system that leads connections to
// our address elsewhere.
func TestConnectionsThatDoNotComeIn(t *testing.T) {
	c := NewSelfCheck()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c.patience = 20 * time.Millisecond
	c.SetListeners([]net.Listener{l})
	c.Lookup = func(context.Context, string, string) ([]netip.Addr, error) { return nil, nil }
	if got := whoAnswers(t, c); got["127.0.0.1"] != Somebody {
		t.Errorf("%v", got)
	}
	for i := range maxAccepted + 1 {
		c.asking = 1
		c.NoteAccepted(pair{addr(1), addr(2 + i)})
	}
	if got := whoAnswers(t, c); got["127.0.0.1"] != Unclear {
		t.Errorf("where more came than are kept: %v", got)
	}
}

// pair is a connection of which only the two ends are known.
type pair [2]net.Addr

func (p pair) LocalAddr() net.Addr  { return p[0] }
func (p pair) RemoteAddr() net.Addr { return p[1] }

func addr(port int) net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port} }
