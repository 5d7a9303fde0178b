//go:build unix

package main

import (
	"log/slog"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/printscout/printscout/internal/systemd"
	"github.com/printscout/printscout/scout"
)

// socketFile returns the file of a listening socket, as systemd passes one on.
func socketFile(t *testing.T, name, address string) *os.File {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	f, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	raw, err := f.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var named *os.File
	raw.Control(func(fd uintptr) {
		if copied, err := syscall.Dup(int(fd)); err == nil {
			named = os.NewFile(uintptr(copied), name)
		}
	})
	if named == nil {
		t.Fatal("the socket could not be copied")
	}
	t.Cleanup(func() { named.Close() })
	return named
}

func TestSupervision(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	away := systemd.NewNotifier()
	t.Setenv("NOTIFY_SOCKET", "/nonexistent/notify")
	asked := systemd.NewNotifier()
	for name, c := range map[string]struct {
		notifier  *systemd.Notifier
		files     []*os.File
		listeners int
		warns     string
	}{
		"in the foreground": {away, nil, 0, ""},
		"with a socket":     {asked, []*os.File{socketFile(t, "ipp", "127.0.0.1:0")}, 1, ""},
		"without a socket":  {asked, nil, 0, "systemd does not hold the printer's port"},
		"with another":      {away, []*os.File{socketFile(t, "unknown", "127.0.0.1:0")}, 0, `no use for the socket "unknown"`},
	} {
		s, err := newSupervision(c.notifier, c.files)
		if err != nil {
			t.Fatal(name, err)
		}
		cfg := scout.Config{Warnings: []string{"earlier"}, Log: slog.New(slog.DiscardHandler)}
		end := s.supervise(t.Context(), &cfg)
		cfg.Ready(func() {})
		cfg.Stopping()
		end()
		warned := strings.TrimPrefix(strings.Join(cfg.Warnings, "\n"), "earlier")
		if len(cfg.Listeners) != c.listeners || (warned == "") != (c.warns == "") || !strings.Contains(warned, c.warns) {
			t.Errorf("%s: %d listeners, warned %q", name, len(cfg.Listeners), warned)
		}
		for _, l := range s.listeners {
			l.Close()
		}
	}
	if s, err := newSupervision(away, []*os.File{socketFile(t, "ipp", "0.0.0.0:0")}); err == nil || !strings.Contains(err.Error(), "not a TCP port on a loopback address") || program.Hint(err) == "" {
		t.Errorf("on every address: %v, %v", s, err)
	}
}
