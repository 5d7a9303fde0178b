//go:build unix

package endtoend

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// eve is CUPS's own software printer.
type eve struct {
	*process
	port        int
	spool, keys string
}

// bus is a D-Bus of the test's own: ippeveprinter does not start without one.
func bus(t testing.TB) string {
	t.Helper()
	c := exec.Command(peers.Need(t, "dbus-daemon"), "--session", "--nofork", "--print-address=1")
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	c.Stdout = w
	start(t, c)
	w.Close()
	address := make([]byte, 512)
	n, err := r.Read(address)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(address[:n]))
}

// startEve starts it; its certificate lies in keys and is made anew where
// there is none.
func startEve(t testing.TB, busAddress string, port int, keys string) *eve {
	t.Helper()
	e := &eve{port: port, spool: folder(t), keys: keys}
	ok := filepath.Join(e.spool, "ok.sh")
	if err := os.WriteFile(ok, []byte("#!/bin/sh\nexit 0\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(e.spool, "out")
	os.Mkdir(out, 0o755)
	c := exec.Command(peers.Need(t, "ippeveprinter"), "-p", fmt.Sprint(port), "-n", "localhost", "-r", "off", "-2", "-s", "20,10",
		"-f", "application/pdf,image/jpeg,image/pwg-raster,image/urf", "-c", ok, "-k", "-d", out, "-K", keys, "Real Printer")
	c.Env = append(os.Environ(), "DBUS_SYSTEM_BUS_ADDRESS="+busAddress)
	e.process, e.spool = start(t, c), out
	peers.Await(t, "ippeveprinter answers", func() bool {
		conn, err := net.Dial("tcp", fmt.Sprintf("localhost:%d", port))
		if err != nil {
			return false
		}
		conn.Close()
		return true
	})
	return e
}

func (e *eve) uri(scheme string) string {
	return fmt.Sprintf("%s://localhost:%d/ipp/print", scheme, e.port)
}

func TestRealPrinter(t *testing.T) {
	ipptool := peers.Need(t, "ipptool")
	address := bus(t)
	for scheme, grade := range map[string]string{"ipps": "ipps-pinned", "ipp": "ipp"} {
		t.Run(scheme, func(t *testing.T) {
			printer := startEve(t, address, peers.Port(t), folder(t))
			d := startDemo(t, folder(t), "--printer", printer.uri(scheme))
			doc := pdf(2_000_000)
			must(t, ipptool, "-tf", write(t, "letter.pdf", doc), d.IPPURL, "print-job.test")
			noTrace(t, doc[:5000], d.VaultDir, d.ServerDir)
			results, code := d.release(t)
			if code != 0 || results[0].State != "delivered" || results[0].Protocol != scheme || results[0].Grade != grade {
				t.Fatalf("exit %d: %+v", code, results)
			}
			os.Remove(only(t, printer.spool, ".prn"))
			sameFile(t, printer.spool, doc)
		})
	}
}

// TestReplacedCertificateIsRefused pins a printer, gives it another key, and
// wants nothing sent to it by any way.
func TestReplacedCertificateIsRefused(t *testing.T) {
	ipptool := peers.Need(t, "ipptool")
	address, keys := bus(t), folder(t)
	printer := startEve(t, address, peers.Port(t), keys)
	dir := folder(t)
	d := startDemo(t, dir, "--printer", printer.uri("ipps"))
	doc := pdf(100_000)
	must(t, ipptool, "-tf", write(t, "letter.pdf", doc), d.IPPURL, "print-job.test")

	printer.stop(syscall.SIGTERM)
	for _, name := range files(t, keys) {
		os.Remove(name)
	}
	other := startEve(t, address, printer.port, keys)
	results, code := d.release(t)
	if code != 13 || results[0].State != "not_sent" || results[0].Reason != "pin-mismatch" || results[0].Message == "" {
		t.Fatalf("exit %d: %+v", code, results)
	}
	if got := files(t, other.spool); len(got) != 0 {
		t.Errorf("it got %v", got)
	}
	if j := d.jobs(t); len(j) != 1 || j[0].State != "parked" || j[0].Reason == "" {
		t.Errorf("the job is %+v", j)
	}
	noTrace(t, doc, d.VaultDir, d.ServerDir)

	d.stop(syscall.SIGTERM)
	again := startDemo(t, dir, "--printer", printer.uri("ipps"))
	if results, code := again.release(t); code != 13 || results[0].Reason != "pin-mismatch" {
		t.Errorf("after a second start: exit %d: %+v", code, results)
	}
}

// TestThroughCUPS prints as a desktop does: by a queue of a CUPS of the
// test's own, made with the driverless driver.
func TestThroughCUPS(t *testing.T) {
	d := startDemo(t, folder(t))
	c := peers.StartCUPS(t)
	c.AddQueue(t, "scout", d.IPPURL)
	doc := read(t, "../../../cmd/scoutcloud/sample.pdf")
	c.Run(t, "lp", "-d", "scout", "-t", "Quarterly", "-n", "2", write(t, "sample.pdf", doc))
	peers.Await(t, "the job is parked", func() bool { return len(d.jobs(t)) == 1 })
	j := d.jobs(t)[0]
	if j.State != "parked" || j.Format != "application/pdf" || j.Copies != 2 || j.Title != "Quarterly" || j.Pages == nil || *j.Pages != 2 {
		t.Errorf("parked: %+v", j)
	}
	results, code := d.release(t)
	if code != 0 || results[0].State != "delivered" {
		t.Fatalf("exit %d: %+v", code, results)
	}
	got := files(t, d.PrinterOut)
	if len(got) != 1 || !bytes.HasPrefix(read(t, got[0]), []byte("%PDF-")) {
		t.Errorf("came out: %v", got)
	}
}

// only is the one file of a folder that ends so: ippeveprinter keeps, beside
// the document, what its command wrote.
func only(t testing.TB, dir, end string) string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*"+end))
	if err != nil || len(names) != 1 {
		t.Fatalf("%d files *%s in %s: %v", len(names), end, dir, err)
	}
	return names[0]
}
