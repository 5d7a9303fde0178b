package spooler

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/ipp"
)

const squatVariable, relayVariable = "SPOOLER_TEST_SQUAT", "SPOOLER_TEST_RELAY"

// runSquatter is the main function of another program, which listens at an
// address until its standard input ends. It accepts connections and, where it
// is told to, forwards them.
func runSquatter(at, relay string) {
	l, err := net.Listen("tcp", at)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("listening")
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			if relay != "" {
				go relayTo(c, relay)
			}
		}
	}()
	io.Copy(io.Discard, os.Stdin)
}

func relayTo(c net.Conn, to string) {
	d, err := net.Dial("tcp", to)
	if err != nil {
		c.Close()
		return
	}
	go func() { io.Copy(d, c); d.Close() }()
	io.Copy(c, d)
	c.Close()
}

// startSquatter starts that program, which ends with the test.
func startSquatter(t *testing.T, at, relay string) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(exe)
	c.Env = append(os.Environ(), squatVariable+"="+at, relayVariable+"="+relay)
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); c.Wait() })
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "listening\n" {
		t.Fatalf("the squatter says %q, %v", line, err)
	}
}

// whoAnswers returns who answers at each address.
func whoAnswers(t *testing.T, p *Printer) map[string]Who {
	t.Helper()
	as, err := p.Answers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]Who{}
	for _, a := range as {
		if a.Who != Us && a.Err == nil {
			t.Errorf("%s is answered by %s, and nothing says why", a.At, a.Who)
		}
		by[a.At.Addr().String()] = a.Who
	}
	return by
}

// hasIPv6 reports whether this computer has ::1.
func hasIPv6() bool {
	l, err := net.Listen("tcp", "[::1]:0")
	if err == nil {
		l.Close()
	}
	return err == nil
}

func TestWeAnswer(t *testing.T) {
	r := startPrinter(t)
	got := whoAnswers(t, r.p)
	if got["127.0.0.1"] != Us || hasIPv6() != (got["::1"] == Us) {
		t.Errorf("%v", got)
	}
	for at, who := range got {
		if who != Us {
			t.Errorf("%s is answered by %s", at, who)
		}
	}
}

// serveAt starts a printer that listens at only one of two addresses.
func serveAt(t *testing.T, host string) (*Printer, int) {
	t.Helper()
	p, _ := newPrinter(t)
	ls, err := Listen(0) // at a port that is free at the other address too
	if err != nil {
		t.Fatal(err)
	}
	l, other := ls[0], ls[1]
	if host == "::1" {
		l, other = other, l
	}
	other.Close()
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- p.Serve(ctx, l) }()
	t.Cleanup(func() { stop(); <-served })
	return p, l.Addr().(*net.TCPAddr).Port
}

// TestAnotherProgramAnswers has another program hold the address that is not
// ours, also one that passes everything on to us.
func TestAnotherProgramAnswers(t *testing.T) {
	if !hasIPv6() {
		peers.Missing(t, "IPv6")
	}
	for _, c := range []struct{ ours, theirs string }{{"127.0.0.1", "::1"}, {"::1", "127.0.0.1"}} {
		for name, relays := range map[string]bool{"listens": false, "relays": true} {
			t.Run(name+" at "+c.theirs, func(t *testing.T) {
				p, port := serveAt(t, c.ours)
				at := func(host string) string { return net.JoinHostPort(host, fmt.Sprint(port)) }
				if got := whoAnswers(t, p); got[c.ours] != Us || got[c.theirs] != Nobody {
					t.Errorf("before: %v", got)
				}
				relay := ""
				if relays {
					relay = at(c.ours)
				}
				startSquatter(t, at(c.theirs), relay)
				if got := whoAnswers(t, p); got[c.ours] != Us || got[c.theirs] != Somebody {
					t.Errorf("%v", got)
				}
			})
		}
	}
}

func TestWhereLocalhostLeads(t *testing.T) {
	r := startPrinter(t)
	for _, c := range []struct {
		to   []string
		err  error
		want string
	}{
		{[]string{"127.0.0.1", "::ffff:127.0.0.1"}, nil, ""},
		{[]string{"127.0.0.1", "127.0.0.77"}, nil, "127.0.0.77 nobody"},
		{[]string{"192.0.2.1"}, nil, "192.0.2.1 somebody"},
		{nil, errors.New("no such name"), "invalid IP unclear"},
	} {
		r.p.selfCheck.Lookup = func(context.Context, string, string) (ips []netip.Addr, err error) {
			for _, text := range c.to {
				ips = append(ips, netip.MustParseAddr(text))
			}
			return ips, c.err
		}
		as, err := r.p.Answers(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, a := range as {
			if a.Name == "localhost" {
				got = append(got, a.At.Addr().String()+" "+string(a.Who))
			}
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%v: %v", c.to, got)
		}
	}
}

func TestAnswersOfAPrinterThatEnds(t *testing.T) {
	p, _ := newPrinter(t)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := p.Answers(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("before Serve: %v", err)
	}
	ls, err := Listen(0)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Serve(ctx, ls...); err != nil {
		t.Fatal(err)
	}
	if as, err := p.Answers(t.Context()); !errors.Is(err, errEnding) {
		t.Errorf("after Serve: %v, %v", as, err)
	}
}

// TestNoFalseAlarms asks a thousand times while print clients come and go, and
// while there are more connections than are admitted.
func TestNoFalseAlarms(t *testing.T) {
	r := startPrinter(t, func(c *Config) { c.Limits.Connections = 8 })
	ctx, stop := context.WithCancel(t.Context())
	var load, asking sync.WaitGroup
	defer load.Wait()
	defer stop()
	for range 4 {
		load.Go(func() {
			for ctx.Err() == nil {
				c, err := net.Dial("tcp", r.addr)
				if err != nil {
					continue
				}
				fmt.Fprint(c, "POST /ipp/print HTTP/1.1\r\n")
				c.SetReadDeadline(time.Now().Add(time.Millisecond))
				c.Read(make([]byte, 1))
				c.Close()
			}
		})
		load.Go(func() {
			for ctx.Err() == nil {
				r.client.Do(ctx, ipp.NewRequest(ipp.Version20, goipp.OpGetPrinterAttributes, r.client.URI), nil)
			}
		})
	}
	for range 8 {
		asking.Go(func() {
			for range 125 {
				as, err := r.p.Answers(ctx)
				if err != nil || len(as) == 0 {
					t.Errorf("%v, %v", as, err)
				}
				for _, a := range as {
					if a.Who != Us {
						t.Errorf("%s is answered by %s: %v", a.At, a.Who, a.Err)
					}
				}
			}
		})
	}
	asking.Wait()
}
