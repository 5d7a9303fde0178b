package delivery_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/printscout/printscout/delivery"
	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/outcome"
)

// peerPrinter is an ippeveprinter of CUPS with folders of its own. What it
// prints comes to out/printed-N, what it was told of the job to out/ticket-N;
// where there is a gate it then waits for a line from that.
type peerPrinter struct {
	program, bus string
	dir          string
	port         int
}

func newPeerPrinter(t *testing.T) *peerPrinter {
	t.Helper()
	p := &peerPrinter{program: peers.Need(t, "ippeveprinter"), dir: t.TempDir()}
	p.bus = startBus(t, peers.Need(t, "dbus-daemon"))
	for _, d := range []string{"spool", "keys", "out"} {
		if err := os.Mkdir(filepath.Join(p.dir, d), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	command := "#!/bin/sh\ncd \"" + p.dir + "\"\nenv | grep ^IPP_ >out/ticket-$$\ncp \"$1\" out/printed-$$\n[ ! -p gate ] || read pass <gate\n"
	if err := os.WriteFile(filepath.Join(p.dir, "print.sh"), []byte(command), 0o700); err != nil {
		t.Fatal(err)
	}
	p.port = peers.Port(t)
	return p
}

// startBus starts a message bus of the test's own, which ippeveprinter does
// not start without, and returns its address.
func startBus(t *testing.T, program string) string {
	t.Helper()
	cmd := exec.Command(program, "--session", "--nofork", "--print-address=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	startCommand(t, cmd)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("reading the bus address: %v", err)
	}
	return strings.TrimSpace(line)
}

// startCommand starts a program that the end of the test ends, and no other.
func startCommand(t *testing.T, cmd *exec.Cmd) (stop func()) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := false
	stop = func() {
		if !ended {
			ended = true
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	}
	t.Cleanup(stop)
	return stop
}

func (p *peerPrinter) start(t *testing.T) (stop func()) {
	t.Helper()
	cmd := exec.Command(p.program, "-n", "localhost", "-p", fmt.Sprint(p.port), "-r", "off", "-k",
		"-d", filepath.Join(p.dir, "spool"), "-K", filepath.Join(p.dir, "keys"), "-c", filepath.Join(p.dir, "print.sh"),
		"-f", "application/pdf,image/urf", "-s", "10,5", "-2", "Peer")
	cmd.Env = append(os.Environ(), "DBUS_SYSTEM_BUS_ADDRESS="+p.bus)
	stop = startCommand(t, cmd)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for ctx.Err() == nil {
		c, err := net.Dial("tcp", fmt.Sprintf("localhost:%d", p.port))
		if err == nil {
			c.Close()
			return stop
		}
		runtime.Gosched()
	}
	t.Fatal("ippeveprinter does not listen")
	return nil
}

func (p *peerPrinter) uri(scheme string) string {
	return fmt.Sprintf("%s://localhost:%d/ipp/print", scheme, p.port)
}

// entry is the directory's entry for it, pinned to the key it has now.
func (p *peerPrinter) entry(t *testing.T) directory.Printer {
	t.Helper()
	id, err := delivery.New(delivery.Config{Timeouts: testLimits()}).Inspect(t.Context(), p.uri("ipps"))
	if err != nil {
		t.Fatal(err)
	}
	return directory.Printer{ID: "peer", Name: "Peer", URIs: []string{p.uri("ipps"), p.uri("ipp")}, Pin: id.Pin, Floor: directory.GradePinned}
}

func (p *peerPrinter) printed(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(p.dir, "out", "printed-*"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestRealPrinter(t *testing.T) {
	p := newPeerPrinter(t)
	p.start(t)
	d := delivery.New(delivery.Config{Timeouts: testLimits()})
	b := randomContent(small, 9)
	entry := p.entry(t)
	o := d.Deliver(t.Context(), entry, documentOf(b), delivery.Hooks{})
	checkOutcome(t, o, outcome.Delivered, "", "ipps", directory.GradePinned)
	if got := p.printed(t); len(got) != 1 || !sameFile(t, got[0], b) {
		t.Errorf("printed %v; %q", got, o.Evidence)
	}

	plain := entry
	plain.URIs, plain.Floor, plain.Pin = []string{p.uri("ipp")}, directory.GradeIPP, ""
	o = d.Deliver(t.Context(), plain, documentOf(b), delivery.Hooks{})
	checkOutcome(t, o, outcome.Delivered, "", "ipp", directory.GradeIPP)
	if got := p.printed(t); len(got) != 2 {
		t.Errorf("printed %v; %q", got, o.Evidence)
	}
}

// A document that breaks off on its way to a real printer is never called
// delivered, and comes out at most once, wherever it breaks off.
func TestRealPrinterCutOff(t *testing.T) {
	p := newPeerPrinter(t)
	p.start(t)
	d := delivery.New(delivery.Config{Timeouts: testLimits()})
	b := randomContent(small, 9)
	for _, after := range []int64{3000, small / 2, small} {
		before := len(p.printed(t))
		c := newCutter(t, fmt.Sprintf("localhost:%d", p.port), after)
		entry := directory.Printer{ID: "peer", Name: "Peer", URIs: []string{"ipp://" + c.l.Addr().String() + "/ipp/print"}, Floor: directory.GradeIPP}
		o := d.Deliver(t.Context(), entry, documentOf(b), delivery.Hooks{})
		came := p.printed(t)[before:]
		switch {
		case len(came) > 1:
			t.Errorf("cut after %d: %d documents came out", after, len(came))
		case o.State == outcome.Delivered:
			t.Errorf("cut after %d: delivered, %q", after, o.Evidence)
		case o.State == outcome.NotSent && len(came) > 0:
			t.Errorf("cut after %d: not sent, but %v came out", after, came)
		}
	}
}
