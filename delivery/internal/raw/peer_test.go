package raw

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/printscout/printscout/internal/outcome"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const token = "ps-0a1b2c3d"

// long is more than any of these tests takes on any machine.
const long = 2 * time.Minute

// patient limits are for tests in which none of them runs out.
var patient = Limits{Write: long, Reply: long, Close: long}

// peer is the printer's end of a connection, following a script.
type peer struct {
	t    *testing.T
	conn *net.TCPConn
	got  []byte // everything that came
	err  error  // why no more comes
}

// startPeer gives a connection to a printer that follows the script, and a
// function that waits for its end.
func startPeer(t *testing.T, script func(*peer)) (net.Conn, func() *peer) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p, done := &peer{t: t}, make(chan struct{})
	go func() {
		defer close(done)
		defer l.Close()
		c, err := l.Accept()
		if err != nil {
			return
		}
		p.conn = c.(*net.TCPConn)
		defer p.conn.Close()
		script(p)
	}()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	wait := sync.OnceValue(func() *peer { <-done; return p })
	t.Cleanup(func() { conn.Close(); wait() })
	return conn, wait
}

// until reads until what came holds the words, or nothing more comes.
func (p *peer) until(words string) bool {
	return p.while(func() bool { return !bytes.Contains(p.got, []byte(words)) })
}

// bytes reads that many.
func (p *peer) bytes(n int) bool { return p.while(func() bool { return len(p.got) < n }) }

func (p *peer) while(more func() bool) bool {
	buf := make([]byte, 64<<10)
	for more() {
		if p.err != nil {
			return false
		}
		var n int
		n, p.err = p.conn.Read(buf)
		p.got = append(p.got, buf[:n]...)
	}
	return true
}

// all reads to the end, or to the reset.
func (p *peer) all() { p.while(func() bool { return true }) }

func (p *peer) trailer() bool { return p.until(endEcho(token) + "\r\n" + uel) }

func (p *peer) say(format string, args ...any) { fmt.Fprintf(p.conn, format, args...) }

func (p *peer) reset() {
	_ = p.conn.SetLinger(0)
	_ = p.conn.Close()
}

// hold keeps the connection until ours is closed, without reading.
func (p *peer) hold(ctx context.Context) { <-ctx.Done() }

const (
	sayStart    = "@PJL USTATUS JOB\r\nSTART\r\nNAME=\"" + token + "\"\r\n\f"
	sayEnd      = "@PJL USTATUS JOB\r\nEND\r\nNAME=\"" + token + "\"\r\nPAGES=3\r\nID=7\r\nRESULT=%s\r\n\f"
	sayEcho     = "@PJL ECHO " + token + "\r\n\f"
	sayEndEcho  = "@PJL ECHO end-" + token + "\r\n\f"
	foreignEnd  = "@PJL USTATUS JOB\r\nEND\r\nNAME=\"ps-ffffffff\"\r\nPAGES=9\r\nRESULT=OK\r\n\f"
	namelessEnd = "@PJL USTATUS JOB\r\nEND\r\nPAGES=9\r\nRESULT=OK\r\n\f"
)

// randomContent returns n bytes that are not PJL.
func randomContent(n int) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{1})
	_, _ = r.Read(b)
	copy(b, "%PDF-1.7\n")
	return b
}

func jobOf(doc []byte, pjl bool) Job {
	return Job{Token: token, Title: "Quarterly figures", User: "erika", Language: "PDF", PJL: pjl, Size: int64(len(doc)), Document: bytes.NewReader(doc)}
}

// hookCalls keeps what hooks were called with.
type hookCalls struct {
	mu          sync.Mutex
	began, sent int
	lines       []string
}

func (h *hookCalls) hooks() Hooks {
	count := func(n *int) func() {
		return func() { h.mu.Lock(); *n++; h.mu.Unlock() }
	}
	return Hooks{Began: count(&h.began), Sent: count(&h.sent), Heard: func(s string) {
		h.mu.Lock()
		h.lines = append(h.lines, s)
		h.mu.Unlock()
	}}
}

// checkSensible fails the test where a result contradicts itself.
func checkSensible(t *testing.T, r Result, h *hookCalls, size int) {
	t.Helper()
	if r.Whole && r.Bytes != int64(size) || r.Whole != (r.Level != "") || !r.Whole && r.Err == nil {
		t.Errorf("contradicts itself: %+v", r)
	}
	if (r.Bytes > 0) != (h.began == 1) || h.began > 1 || h.sent > 1 || r.Whole && h.sent != 1 {
		t.Errorf("%d bytes, began %d times, sent %d times", r.Bytes, h.began, h.sent)
	}
	if r.Err == nil && slices.Contains([]string{"", outcome.RawTaken}, r.Level) {
		t.Errorf("no error and level %q", r.Level)
	}
	for _, line := range append(slices.Clone(r.Evidence), h.lines...) {
		if strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r == 0x7f }) || len(line) > 600 {
			t.Errorf("unfit for people: %q", line)
		}
	}
}

func isReset(err error) bool { return err != nil && !errors.Is(err, io.EOF) }
