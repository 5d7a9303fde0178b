package scout

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/settings"
	"github.com/printscout/printscout/spooler"
)

// page is a log that is read while it is written.
type page struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (p *page) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.buf.Write(b)
}

func (p *page) countText(text string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Count(p.buf.String(), text)
}

// TestTheWatchTellsOnce has another program hold ::1: it is told at the start,
// without anybody who asks, and once, however often somebody does.
func TestTheWatchTellsOnce(t *testing.T) {
	v := settings.Defaults()
	p, err := printerOf(&v)
	if err != nil {
		t.Fatal(err)
	}
	ls, err := spooler.Listen(0)
	if err != nil {
		t.Fatal(err)
	}
	if len(ls) < 2 {
		ls[0].Close()
		peers.Missing(t, "IPv6")
	}
	ours, at := ls[0], ls[1].Addr().String()
	ls[1].Close()
	theirs, err := net.Listen("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer theirs.Close()
	var log page
	s := &Scout{printer: p, log: slog.New(slog.NewTextHandler(&log, nil)), releasing: t.Context()}
	ctx, stop := context.WithCancel(t.Context())
	var parts sync.WaitGroup
	parts.Go(func() { p.Serve(ctx, ours) })
	parts.Go(func() { s.watchPort(ctx) })
	defer parts.Wait()
	defer stop()

	peers.Await(t, "it is told", func() bool { return log.countText("level=ERROR") == 1 })
	for range 3 {
		s.watch.mu.Lock()
		s.watch.at = time.Now().Add(-watchFresh)
		s.watch.mu.Unlock()
		got := map[string]string{}
		for _, a := range s.portAnswers(ctx) {
			got[a.Address] = a.Who
			if (a.Message == "") != (a.Who == control.Us) {
				t.Errorf("%s: %q", a.Who, a.Message)
			}
		}
		if len(got) != 2 || got[at] != "somebody" || got[ours.Addr().String()] != control.Us {
			t.Errorf("%v", got)
		}
	}
	if n := log.countText("level="); n != 1 || log.countText("root") > 0 {
		t.Errorf("%d lines of log: %s", n, log.buf.String())
	}
	theirs.Close()
	s.watch.mu.Lock()
	s.watch.at = time.Time{}
	s.watch.mu.Unlock()
	s.portAnswers(ctx)
	if log.countText("answers=nobody") != 1 {
		t.Errorf("after it went: %s", log.buf.String())
	}
}

func TestNoWatchWithoutAPrinter(t *testing.T) {
	r := newRig(t)
	if a := r.portAnswers(t.Context()); a != nil {
		t.Errorf("%v", a)
	}
}

func TestSentences(t *testing.T) {
	for _, c := range []struct {
		a    spooler.Answer
		want string
	}{
		{spooler.Answer{Name: "::1", At: netip.MustParseAddrPort("[::1]:1"), Who: spooler.Us}, ""},
		{spooler.Answer{Name: "::1", At: netip.MustParseAddrPort("[::1]:1"), Who: spooler.Somebody}, "At [::1]:1 another program answers."},
		{spooler.Answer{Name: "localhost", At: netip.MustParseAddrPort("192.0.2.1:1"), Who: spooler.Somebody}, "localhost stands for 192.0.2.1, which is not this computer."},
		{spooler.Answer{Name: "localhost", At: netip.MustParseAddrPort("127.0.1.1:1"), Who: spooler.Nobody}, "At localhost (127.0.1.1:1) no program answers"},
		{spooler.Answer{Name: "localhost", Who: spooler.Unclear, Err: errors.New("no such host")}, "What localhost stands for could not be found out: no such host."},
		{spooler.Answer{Name: "::1", At: netip.MustParseAddrPort("[::1]:1"), Who: spooler.Unclear, Err: errors.New("too slow")}, "Who answers at [::1]:1 could not be found out: too slow."},
	} {
		if got := answerSentence(t.Context(), c.a); !strings.HasPrefix(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%+v: %q", c.a, got)
		}
	}
}

// TestWhoHeldThePort is said at the next start that finds it free, for a week.
func TestWhoHeldThePort(t *testing.T) {
	r := newRig(t)
	theirs, err := net.Listen("tcp", "127.0.0.1:0")
	r.must(err)
	defer theirs.Close()
	r.cfg.Settings.Port = theirs.Addr().(*net.TCPAddr).Port
	first := r.clock
	for range 3 {
		_, err = spooler.Listen(r.cfg.Settings.Port)
		if err = r.portTaken(t.Context(), err); !errors.Is(err, spooler.ErrPortTaken) {
			t.Fatal(err)
		}
		if w := r.statusWarnings(); len(w) != 0 {
			t.Errorf("before the next start: %q", w)
		}
		r.clock = r.clock.Add(time.Hour)
	}
	r.must(theirs.Close())
	r.reopenScout()
	w := r.statusWarnings()
	if len(w) != 1 || !strings.Contains(w[0], " was held by ") || !strings.Contains(w[0], first.Local().Format(time.DateTime)) || !strings.Contains(w[0], first.Add(2*time.Hour).Local().Format(time.DateTime)) {
		t.Errorf("%q", w)
	}
	r.clock = r.clock.Add(8 * 24 * time.Hour)
	r.reopenScout()
	if w := r.statusWarnings(); len(w) != 0 {
		t.Errorf("a week later: %q", w)
	}
	r.must(os.WriteFile(filepath.Join(r.dir, "state", portFile), []byte("{"), 0o600))
	r.reopenScout()
	if w := r.statusWarnings(); len(w) != 1 || !strings.Contains(w[0], portFile+brokenInfix) {
		t.Errorf("broken: %q", w)
	}
}
