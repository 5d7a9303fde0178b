package scout

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/spooler"
)

// TestInheritedPort runs the agent on listeners that it did not bind.
func TestInheritedPort(t *testing.T) {
	r := newRig(t)
	r.close()
	bound, err := spooler.Listen(0)
	r.must(err)
	port := bound[0].Addr().(*net.TCPAddr).Port
	ready, stopping := make(chan func(), 1), make(chan struct{}, 1)
	r.cfg.Settings.ControlPath = filepath.Join(r.dir, "s")
	r.cfg.Settings.Port = port - 1
	r.cfg.Listeners = bound
	r.cfg.Ready = func(alive func()) { ready <- alive }
	r.cfg.Stopping = func() { stopping <- struct{}{} }
	s, err := New(r.cfg)
	r.must(err)
	r.Scout = s
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	select {
	case alive := <-ready:
		alive()
	case err := <-done:
		t.Fatal(err)
	}
	client := control.NewClient(r.cfg.Settings.ControlPath)
	defer client.Close()
	st, err := client.Status(t.Context())
	r.must(err)
	warned := strings.Join(st.Warnings, "\n")
	if !strings.HasSuffix(warned, s.portWarning()) || !strings.Contains(warned, "Run printscout install as an administrator") {
		t.Errorf("status warns %q", warned)
	}
	for _, a := range st.Answers {
		if a.Who != control.Us || !strings.HasSuffix(a.Address, bound[0].Addr().String()[len("127.0.0.1"):]) {
			t.Errorf("%+v", a)
		}
	}
	if len(stopping) != 0 {
		t.Error("it is stopping already")
	}
	cancel()
	r.must(<-done)
	if len(stopping) != 1 {
		t.Error("nobody was told that it stops")
	}
	if _, err := bound[0].Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the listener is still open: %v", err)
	}
	r.cfg.Listeners, r.cfg.Ready, r.cfg.Stopping = nil, nil, nil
	r.openScout()
}

func TestPortWarning(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).Port
	for set, warns := range map[int]bool{0: false, port: false, port - 1: true} {
		s := &Scout{cfg: Config{Listeners: []net.Listener{l}}}
		s.cfg.Settings.Port = set
		if got := s.portWarning(); (got != "") != warns {
			t.Errorf("set %d: %q", set, got)
		}
		if s.cfg.Listeners = nil; s.portWarning() != "" {
			t.Error("warned where the agent binds its port itself")
		}
	}
}
