//go:build linux

package endtoend

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/delivery/simprinter"
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/ipp"
)

// neighborVariable makes a run of the test binary a neighbor: somebody else who
// is on the computer, and asks the agent at a socket for too much.
const neighborVariable = "ENDTOEND_TEST_NEIGHBOR"

func init() { roles[neighborVariable] = neighbor }

// neighborTask is its value.
type neighborTask struct {
	Socket string
	Job    string // of the neighbor's own; "" to ask for listings and read none
	// Printer is the address of the printer on loopback, which the neighbor
	// asks for too much then, and not the agent at its socket.
	Printer string
}

// neighbor goes on until standard input ends; it says when it has begun.
func neighbor(task string) int {
	var n neighborTask
	if err := json.Unmarshal([]byte(task), &n); err != nil {
		fmt.Println(err)
		return 1
	}
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	switch {
	case n.Printer != "":
		n.crowd(ctx)
	case n.Job == "":
		n.unread(ctx)
	default:
		n.repeat(ctx)
	}
	return 0
}

// unread asks for 1,500 listings at once, and for each that is ended for
// another one, and reads none.
func (n neighborTask) unread(ctx context.Context) {
	const listings = 1500
	var all sync.WaitGroup
	begun := make(chan struct{}, listings)
	for range listings {
		all.Go(func() {
			for first := true; ctx.Err() == nil; first = false {
				c, err := net.Dial("unix", n.Socket)
				if err == nil {
					fmt.Fprint(c, "GET /v1/jobs HTTP/1.1\r\nHost: x\r\n\r\n")
				}
				if first {
					begun <- struct{}{}
				}
				if err == nil {
					untilEnded(ctx, c)
				}
			}
		})
	}
	for range listings {
		<-begun
	}
	fmt.Println("begun")
	all.Wait()
}

// untilEnded waits until the other end ends a connection, without reading what
// came, and a moment more.
func untilEnded(ctx context.Context, c net.Conn) {
	defer c.Close()
	again := time.NewTicker(200 * time.Millisecond)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-again.C:
		}
		if _, err := c.Write([]byte("\r\n")); err != nil {
			return
		}
	}
}

// repeat asks for releases that name one job 1,500 times.
func (n neighborTask) repeat(ctx context.Context) {
	body, _ := json.Marshal(control.Release{Jobs: slices.Repeat([]string{n.Job}, 1500), Printer: "lobby"})
	asker := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", n.Socket)
	}}}
	var all sync.WaitGroup
	var once sync.Once
	for range 16 {
		all.Go(func() {
			for ctx.Err() == nil {
				req, _ := http.NewRequestWithContext(ctx, "POST", "http://x/v1/releases", bytes.NewReader(body))
				if resp, err := asker.Do(req); err == nil {
					io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
					once.Do(func() { fmt.Println("begun") })
				}
			}
		})
	}
	all.Wait()
}

// crowd opens 3,000 connections to the printer, each from an address of its own:
// every tenth is silent, every tenth begins a request and does not end it, the
// others ask for the neighbor's jobs and do not read them. Each that is ended is
// opened anew.
func (n neighborTask) crowd(ctx context.Context) {
	const connections = 3000
	list := n.listing()
	var all sync.WaitGroup
	begun := make(chan struct{}, connections)
	for i := range connections {
		from := &net.TCPAddr{IP: net.IPv4(127, 7, byte(i>>8), byte(i))}
		send := ""
		switch i % 10 {
		case 0:
		case 1:
			send = n.request(1000) + "\x02\x00"
		default:
			send = n.request(len(list)) + list
		}
		all.Go(func() {
			again := time.NewTicker(100 * time.Millisecond)
			defer again.Stop()
			for first := true; ctx.Err() == nil; first = false {
				if !first {
					<-again.C
				}
				c, err := (&net.Dialer{LocalAddr: from}).DialContext(ctx, "tcp", n.Printer)
				if err == nil {
					io.WriteString(c, send)
				}
				if first {
					begun <- struct{}{}
				}
				if err == nil && i%10 > 1 {
					_ = c.(*net.TCPConn).SetLinger(0)
					untilEnded(ctx, c)
				} else if err == nil {
					untilClosed(ctx, c)
				}
			}
		})
	}
	for range connections {
		<-begun
	}
	fmt.Println("begun")
	all.Wait()
}

// request is the head of an IPP request of so many bytes.
func (n neighborTask) request(size int) string {
	return fmt.Sprintf("POST /ipp/print HTTP/1.1\r\nHost: %s\r\nContent-Type: application/ipp\r\nContent-Length: %d\r\n\r\n", n.Printer, size)
}

// listing is a Get-Jobs for everything.
func (n neighborTask) listing() string {
	m := ipp.NewRequest(ipp.Version20, goipp.OpGetJobs, "ipp://"+n.Printer+"/ipp/print")
	m.Operation.Add(ipp.Keyword("requested-attributes", "all"))
	b, err := m.EncodeBytes()
	if err != nil {
		panic(err)
	}
	return string(b)
}

// untilClosed waits until the other end closes a connection, or the context
// ends. It leaves none with the system, where other tests would look through
// them.
func untilClosed(ctx context.Context, c net.Conn) {
	_ = c.(*net.TCPConn).SetLinger(0)
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	io.Copy(io.Discard, c)
	c.Close()
}

// disturbed runs a neighbor beside what meanwhile does.
func (s *site) disturbed(name string, task neighborTask, meanwhile func()) {
	s.t.Helper()
	raw, err := json.Marshal(task)
	if err != nil {
		s.t.Fatal(err)
	}
	c := as(s.t, name, exec.Command(ownProgram(s.t)))
	c.Env = append(c.Env, neighborVariable+"="+string(raw))
	in, err := c.StdinPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		s.t.Fatal(err)
	}
	defer c.Wait()
	defer in.Close()
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "begun\n" {
		s.t.Fatalf("the neighbor says %q, %v", line, err)
	}
	meanwhile()
}

// ownProgram is a copy of this test's binary that every user may run.
func ownProgram(t testing.TB) string {
	t.Helper()
	path := shared(t, "neighbor", read(t, "/proc/self/exe"))
	if err := os.Chmod(path, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// printMany prints the same page n times as one user; more are lines of the
// request.
func (s *site) printMany(name string, n int, more ...string) {
	s.t.Helper()
	test := shared(s.t, "print.test", []byte(`{ OPERATION Print-Job
	GROUP operation-attributes-tag
	ATTR charset attributes-charset utf-8
	ATTR naturalLanguage attributes-natural-language en
	ATTR uri printer-uri $uri
	ATTR name job-name "one of many"
	ATTR mimeMediaType document-format application/pdf
	`+strings.Join(more, "\n")+`
	FILE $filename
	STATUS successful-ok }`))
	c := exec.Command(peers.Need(s.t, "ipptool"), "-i", "0.001", "-n", strconv.Itoa(n), "-f", shared(s.t, "d.pdf", pdf(1_000)), s.ippURL(), test)
	if r := finish(s.t, as(s.t, name, c), ""); r.code != 0 {
		s.t.Fatalf("printing as %s: %s%s", name, r.stdout, r.stderr)
	}
}

// quick fails if something took far longer than the second or so that it should:
// without bounds it took more than a minute and a half, or never ended. Beside
// other tests that keep the machine busy, 12 s have been seen.
func quick(t testing.TB, what string, do func()) {
	t.Helper()
	start := time.Now()
	do()
	took := time.Since(start)
	t.Logf("%s: %s", what, took.Round(time.Millisecond))
	if took > time.Minute {
		t.Errorf("%s took %s", what, took)
	}
}

// memoryPeak is the most that a process had resident, in MB.
func memoryPeak(t testing.TB, pid int) int {
	t.Helper()
	for line := range strings.Lines(string(read(t, fmt.Sprintf("/proc/%d/status", pid)))) {
		if kb, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(kb), " kB"))
			if err != nil {
				t.Fatal(err)
			}
			return n >> 10
		}
	}
	t.Fatal("the kernel does not say how much memory a process had")
	return 0
}

// TestNeighbors has one ordinary user ask the agent for far too much, in every
// way, while another one lists, releases and cancels; then the agent is stopped
// with a long queue.
func TestNeighbors(t *testing.T) {
	peers.NeedRoot(t)
	const mallory, alice = "nobody", "daemon"
	s := newSite(t).up()
	const theirs = 200
	s.printMany(mallory, theirs)
	s.printMany(alice, 6)
	ofMallory := decode[[]job](t, s.as(mallory, "job", "list", "--json").stdout)
	if len(ofMallory) != theirs {
		t.Fatalf("%d jobs", len(ofMallory))
	}
	goesOn := func() {
		var own []job
		quick(t, "listing", func() { own = decode[[]job](t, s.as(alice, "job", "list", "--json").stdout) })
		if len(own) == 0 {
			t.Fatal("nothing is listed")
		}
		quick(t, "releasing", func() {
			if r := s.as(alice, "job", "release", own[0].ID, "--printer", "lobby", "--wait"); r.code != 0 {
				t.Errorf("exit %d: %s%s", r.code, r.stdout, r.stderr)
			}
		})
		quick(t, "status", func() {
			if r := s.as(alice, "status"); r.code != 0 {
				t.Errorf("exit %d: %s%s", r.code, r.stdout, r.stderr)
			}
		})
	}
	s.disturbed(mallory, neighborTask{Socket: s.control}, func() {
		goesOn()
		goesOn()
		if r := s.as(mallory, "job", "list"); r.code == 0 {
			t.Log("the neighbor itself got a listing")
		}
	})
	s.disturbed(mallory, neighborTask{Socket: s.control, Job: ofMallory[0].ID}, func() {
		goesOn()
		goesOn()
	})
	s.staysSmall()
	s.stopsWithALongQueue(mallory)
	s.run()
	if left := decode[[]job](t, s.as(mallory, "job", "list", "--json").stdout); len(left) < theirs-3 {
		t.Errorf("%d jobs are left of %d", len(left), theirs)
	}
}

// printsAndReleases has a user print a page, list it and release it.
func (s *site) printsAndReleases(name string) {
	s.t.Helper()
	var own []job
	quick(s.t, "printing", func() { s.printMany(name, 1) })
	quick(s.t, "listing", func() { own = decode[[]job](s.t, s.as(name, "job", "list", "--json").stdout) })
	if len(own) != 1 {
		s.t.Fatalf("%d jobs are listed", len(own))
	}
	quick(s.t, "releasing", func() {
		if r := s.as(name, "job", "release", own[0].ID, "--printer", "lobby", "--wait"); r.code != 0 {
			s.t.Errorf("exit %d: %s%s", r.code, r.stdout, r.stderr)
		}
	})
}

// staysSmall wants the agent never to have had more than 100 MB resident.
func (s *site) staysSmall() {
	s.t.Helper()
	mb := memoryPeak(s.t, s.agent.Process.Pid)
	s.t.Logf("the agent had %d MB", mb)
	if mb > 100 {
		s.t.Errorf("the agent had %d MB", mb)
	}
}

// TestNeighborsAtThePrinter has one ordinary user hold 1,100 jobs and keep 3,000
// connections open to the printer on loopback, while another one prints, lists
// and releases.
func TestNeighborsAtThePrinter(t *testing.T) {
	peers.NeedRoot(t)
	const mallory, alice = "nobody", "daemon"
	s := newSite(t).up()
	s.printMany(mallory, 1100, "GROUP job-attributes-tag", "ATTR keyword job-hold-until indefinite")
	at := strings.TrimSuffix(strings.TrimPrefix(s.ippURL(), "ipp://"), "/ipp/print")
	goesOn := func() { s.printsAndReleases(alice) }
	goesOn()
	s.disturbed(mallory, neighborTask{Printer: at}, func() {
		for range 5 {
			goesOn()
		}
	})
	goesOn()
	s.staysSmall()
	start := time.Now()
	s.agent.stop(syscall.SIGTERM)
	if took := time.Since(start); took > 45*time.Second { // 10 s, on a machine that is not busy; 80 s without bounds
		t.Errorf("it ended after %s", took)
	}
}

// TestNeighborsInEveryWayAtOnce has one user do all of that at the same time.
func TestNeighborsInEveryWayAtOnce(t *testing.T) {
	peers.NeedRoot(t)
	const mallory, alice = "nobody", "daemon"
	s := newSite(t).up()
	s.printMany(mallory, 1100, "GROUP job-attributes-tag", "ATTR keyword job-hold-until indefinite")
	at := strings.TrimSuffix(strings.TrimPrefix(s.ippURL(), "ipp://"), "/ipp/print")
	theirs := decode[[]job](t, s.as(mallory, "job", "list", "--json").stdout)
	s.disturbed(mallory, neighborTask{Printer: at}, func() {
		s.disturbed(mallory, neighborTask{Socket: s.control}, func() {
			s.disturbed(mallory, neighborTask{Socket: s.control, Job: theirs[0].ID}, func() {
				s.printsAndReleases(alice)
				s.printsAndReleases(alice)
			})
		})
	})
	s.staysSmall()
}

// stopsWithALongQueue stops the agent while a printer takes its time with the
// first of many documents.
func (s *site) stopsWithALongQueue(name string) {
	s.t.Helper()
	begun, goOn := make(chan struct{}, 1), make(chan struct{})
	s.printer.SetFault(goipp.OpSendDocument, simprinter.Fault{Hook: func() {
		select {
		case begun <- struct{}{}:
		default:
		}
		<-goOn
	}})
	defer close(goOn)
	if r := s.as(name, "job", "release", "--all", "--printer", "lobby"); r.code != 0 {
		s.t.Fatalf("exit %d: %s", r.code, r.stderr)
	}
	<-begun
	start := time.Now()
	s.agent.stop(syscall.SIGTERM)
	took := time.Since(start)
	s.t.Logf("it ended within %s", took.Round(time.Millisecond))
	if took > 45*time.Second { // 10 s, on a machine that is not busy; 80 s without bounds
		s.t.Errorf("it ended after %s", took)
	}
}

// TestSocketOfManyConnections opens connections without a word: others get in.
func TestSocketOfManyConnections(t *testing.T) {
	peers.NeedRoot(t)
	s := newSite(t)
	s.run()
	var held []net.Conn
	defer func() {
		for _, c := range held {
			c.Close()
		}
	}()
	for range 600 {
		c, err := net.Dial("unix", s.control)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, c)
	}
	if r := s.as("daemon", "status"); r.code != 10 {
		t.Errorf("exit %d: %s%s", r.code, r.stdout, r.stderr)
	}
	descriptors, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", s.agent.Process.Pid))
	if err != nil || len(descriptors) > 100 {
		t.Errorf("%d descriptors, %v", len(descriptors), err)
	}
}
