package delivery_test

import (
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/printscout/printscout/delivery"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/outcome"
)

// watchedPort listens in the place of a printer's weaker port and says nothing.
type watchedPort struct {
	l       net.Listener
	serving sync.WaitGroup
	callers atomic.Int64
}

func newWatchedPort(t *testing.T) *watchedPort {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &watchedPort{l: l}
	w.serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			w.callers.Add(1)
			c.Close()
		}
	})
	t.Cleanup(func() { l.Close(); w.serving.Wait() })
	return w
}

// newKeys takes the keys of a printer away, so that it makes others when it is
// started again.
func (p *peerPrinter) newKeys(t *testing.T) {
	t.Helper()
	keys, err := filepath.Glob(filepath.Join(p.dir, "keys", "*"))
	if err != nil || len(keys) == 0 {
		t.Fatalf("keys %v, %v", keys, err)
	}
	for _, k := range keys {
		if err := os.Remove(k); err != nil {
			t.Fatal(err)
		}
	}
}

// A printer that shows another key than its pin gets nothing, and nothing goes
// to the weaker addresses beside it, whatever the directory allows: no
// connection, let alone a byte.
func TestRealPrinterWithAnotherKey(t *testing.T) {
	p := newPeerPrinter(t)
	stop := p.start(t)
	b := randomContent(small, 9)
	plain, raw := newWatchedPort(t), newWatchedPort(t)
	entry := p.entry(t)
	entry.URIs = []string{p.uri("ipps"), "ipp://" + plain.l.Addr().String() + "/ipp/print", "socket://" + raw.l.Addr().String()}
	entry.Floor = directory.GradeRaw
	remembering := delivery.New(delivery.Config{Timeouts: testLimits()})
	checkOutcome(t, remembering.Deliver(t.Context(), entry, documentOf(b), delivery.Hooks{}), outcome.Delivered, "", "ipps", directory.GradePinned)

	stop()
	p.newKeys(t)
	p.start(t)
	for name, d := range map[string]*delivery.Deliverer{"that knows the way": remembering, "that knows nothing": delivery.New(delivery.Config{Timeouts: testLimits()})} {
		for range 2 { // the second time it knows what the first has learned
			o := d.Deliver(t.Context(), entry, documentOf(b), delivery.Hooks{})
			if o.State != outcome.NotSent || o.Reason != outcome.ReasonPinMismatch {
				t.Errorf("an agent %s: %+v", name, o)
			}
		}
	}
	if got := p.printed(t); len(got) != 1 {
		t.Errorf("printed %v", got)
	}
	if n, m := plain.callers.Load(), raw.callers.Load(); n+m != 0 {
		t.Errorf("%d connections to the ipp address, %d to the socket address", n, m)
	}
}
