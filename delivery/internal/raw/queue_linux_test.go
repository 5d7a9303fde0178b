package raw

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/outcome"
)

// TestPrinterThatClosesItsSideFirst has nothing to say, and reads on.
func TestPrinterThatClosesItsSideFirst(t *testing.T) {
	doc := randomContent(16 << 20)
	conn, _ := startPeer(t, func(p *peer) { _ = p.conn.CloseWrite(); p.all() })
	if r := Send(t.Context(), conn, jobOf(doc, true), patient, Hooks{}); r.Err != nil || r.Level != outcome.RawClosed {
		t.Errorf("%+v", r)
	}
}

// TestPrinterThatReadsLate: a document that lies in the kernel's buffers is not
// with the printer, and the wait for its close does not begin before it is.
func TestPrinterThatReadsLate(t *testing.T) {
	peers.Short(t, "a printer that is waited for")
	over, cancel := context.WithCancel(context.Background())
	defer cancel()
	doc, read := randomContent(2<<20), make(chan struct{})
	conn, _ := startPeer(t, func(p *peer) {
		_ = p.conn.SetReadBuffer(128 << 10)
		p.bytes(1)
		<-time.After(time.Second)
		p.bytes(len(doc))
		close(read)
		p.hold(over)
	})
	_ = conn.(*net.TCPConn).SetWriteBuffer(4 << 20)
	r := Send(t.Context(), conn, jobOf(doc, false), Limits{Write: long, Close: 2 * time.Second}, Hooks{})
	select {
	case <-read:
	default:
		t.Error("gave up before the printer had it")
	}
	if !errors.Is(r.Err, ErrNotClosed) || r.Level != outcome.RawTaken || !r.Whole {
		t.Errorf("not closed, and yet: %+v", r)
	}
}
