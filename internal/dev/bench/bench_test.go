package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/ipp"
)

func TestMain(m *testing.M) {
	if done, err := runAsChild(os.Stdout); done {
		exitOnError(err)
		return
	}
	goleak.VerifyTestMain(m)
}

// runQuick runs one part in quick mode and requires that it leaves no files.
func runQuick(t *testing.T, part int, programs ...string) (r report) {
	t.Helper()
	for _, name := range programs {
		peers.Need(t, name)
	}
	dir := shortTempDir(t)
	var out bytes.Buffer
	if err := runBench(t.Context(), true, part, true, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	for _, o := range append(r.Rows, r.Sealing...) {
		if o.Ours <= 0 || o.Theirs <= 0 || o.Ratio != o.Theirs/o.Ours {
			t.Errorf("a row that measured nothing: %+v", o)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	return r
}

// checkFigures wants so many, all of which measured something.
func checkFigures(t *testing.T, r report, atLeast int) {
	t.Helper()
	for _, f := range r.Figures {
		if f.Value < 0 || f.Value == 0 && f.Unit != "%" { // a process may have computed nothing
			t.Errorf("a figure that measured nothing: %+v", f)
		}
	}
	if len(r.Figures) < atLeast {
		t.Errorf("figures: %+v", r.Figures)
	}
}

func TestQuickScout(t *testing.T) {
	r := runQuick(t, 1, "ippeveprinter", "cp")
	if want := 2 * (len(quickPlan.loads) + 1); len(r.Rows) != want {
		t.Errorf("%d rows, not %d", len(r.Rows), want)
	}
	checkFigures(t, r, 1)
}

func TestQuickDesktop(t *testing.T) { checkFigures(t, runQuick(t, 4, "dbus-daemon"), 3) }

func TestQuickVault(t *testing.T) {
	r := runQuick(t, 2, "cp", "age", "openssl")
	if want := 2 * 5 * len(quickPlan.sealed); len(r.Sealing) != want {
		t.Errorf("%d rows of the vault, not %d", len(r.Sealing), want)
	}
	checkFigures(t, r, 2)
}

// shortTempDir is where this test's temporary files go: a short path, since a
// socket is among them.
func shortTempDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "b")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	t.Setenv("TMPDIR", dir)
	return dir
}

func TestDocumentsAreOfTheirSize(t *testing.T) {
	for _, k := range documentKinds() {
		for _, size := range []int64{0, 1, 50 * kB, blockSize, blockSize + 17} {
			var head bytes.Buffer
			n, err := io.Copy(&head, k.newReader(size))
			if n != size || err != nil {
				t.Errorf("%s of %d bytes has %d, %v", k.name, size, n, err)
			}
			if size > blockSize && !bytes.Equal(head.Bytes()[:17], head.Bytes()[blockSize:]) {
				t.Errorf("%s does not begin again", k.name)
			}
		}
	}
}

// fakePrinter answers requests by their number, from 1.
func fakePrinter(t *testing.T, f func(n int64, w http.ResponseWriter)) client {
	t.Helper()
	var n atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		f(n.Add(1), w)
	}))
	t.Cleanup(srv.Close)
	c, err := newClient("ipp" + strings.TrimPrefix(srv.URL, "http") + "/ipp/print")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestClientStopsAtTheFirstRefusal(t *testing.T) {
	var got atomic.Int64
	c := fakePrinter(t, func(n int64, w http.ResponseWriter) {
		got.Store(n)
		http.Error(w, "no", http.StatusForbidden)
	})
	_, err := c.printLoad(t.Context(), load{count: 50, size: 100, clients: 2}, documentKinds()[0])
	if he, ok := errors.AsType[*ipp.HTTPError](err); !ok || he.Code != http.StatusForbidden {
		t.Errorf("got %v", err)
	}
	if n := got.Load(); n > 2 {
		t.Errorf("it was asked %d times by 2 clients", n)
	}
}

func TestBusy(t *testing.T) {
	for want, errs := range map[bool][]error{
		true:  {&ipp.StatusError{Status: statusBusy}, fmt.Errorf("w: %w", syscall.ECONNRESET), syscall.EPIPE, io.EOF},
		false: {&ipp.StatusError{Status: 0x0506}, &ipp.HTTPError{Code: 503}, syscall.ECONNREFUSED},
	} {
		for _, err := range errs {
			if isBusy(err) != want {
				t.Errorf("%v is busy: %v", err, !want)
			}
		}
	}
}

func TestInTurn(t *testing.T) {
	var order []int
	next := func(i int, took ...time.Duration) func() (spent, error) {
		return func() (spent, error) {
			order = append(order, i)
			s := spent{time: took[0]}
			took = took[1:]
			return s, nil
		}
	}
	m := &measurement{plan: plan{rounds: 3}}
	got, err := m.inTurn(next(0, 9, 1, 5), next(1, 2, 8, 4))
	if err != nil || got[0].time != 5 || got[1].time != 4 {
		t.Errorf("medians %v, %v", got, err)
	}
	if fmt.Sprint(order) != "[0 1 1 0 0 1]" {
		t.Errorf("in the order %v", order)
	}
}

func TestReport(t *testing.T) {
	r := newReport()
	r.addRow(row{What: "1 GB", Document: "d", Clients: 1, Against: "cp", Bytes: gB, Goal: 0.25}, []spent{{time: 4 * time.Second}, {time: time.Second, again: 3}})
	r.addRow(row{What: "5 MB", Document: "d", Clients: 1, Against: "p", Bytes: 5 * mB, Goal: 1}, []spent{{time: 2 * time.Second}, {time: time.Second}})
	r.addRow(row{What: "alone", Document: "d", Clients: 1, Against: "p", Bytes: mB, Goal: 1}, []spent{{time: time.Second}})
	r.addFigure("binary", 26, "MB", 25)
	r.addFigure("no goal", 7, "ms", 0)
	r.addSealing(row{What: "seal 1 GB", Document: "d", Against: "age", Bytes: gB}, []spent{{time: time.Second}, {time: 3 * time.Second}})
	var b bytes.Buffer
	r.writeMarkdown(&b)
	for _, want := range []string{
		"| 1 GB | d | 1 | 4s, 250 MB/s | cp | 1s, 1000 MB/s | 3 | 0.25 | 0.25 | met |",
		"| 0 | 0.50 | 1.00 | not met |",
		"| alone | d | 1 | 1s, 1 MB/s | p | — | 0 | — | 1.00 | — |",
		"| binary | 26.0 MB | 25 MB | not met |",
		"| no goal | 7.0 ms | — | — |",
		"| seal 1 GB | d | 1s, 1000 MB/s | age | 3s, 333 MB/s | 3.00 |",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, &b)
		}
	}
}

func TestKilobytes(t *testing.T) {
	const status = "Name:\tx\nVmHWM:\t   2048 kB\nVmRSS:\t   1024 kB\nVmHWMx:\t 1 kB\n"
	for name, want := range map[string]int64{"VmHWM:": 2 << 20, "VmRSS:": 1 << 20, "VmPin:": 0} {
		if n, err := readKilobytes(status, name); n != want || (err == nil) != (want > 0) {
			t.Errorf("%s %d, %v", name, n, err)
		}
	}
}
