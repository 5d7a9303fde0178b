//go:build unix

package endtoend

import (
	"bytes"
	"crypto/rand"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// pdf is a document of some size that begins and ends as a PDF does.
func pdf(size int) []byte {
	b := make([]byte, size)
	rand.Read(b)
	copy(b, "%PDF-1.7\n1 0 obj\n<</Type/Page/Parent 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[1 0 R]/Count 1>>\nendobj\n"+
		"3 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\ntrailer\n<</Root 3 0 R>>\n")
	copy(b[size-6:], "%%EOF\n")
	return b
}

func TestDemoOnce(t *testing.T) {
	r := command(t, scoutcloud, "demo", "--once")
	if r.code != 0 {
		t.Fatalf("exit %d\n%s%s", r.code, r.stdout, r.stderr)
	}
	for _, want := range []string{"parked", "ipps-pinned", "the same bytes"} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("the demo does not say %q:\n%s", want, r.stdout)
		}
	}
}

// TestDemoScenarios has one printer that is well and one that is not the
// printer that was added.
func TestDemoScenarios(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name  string
		code  int
		state string
	}{
		{"good", 0, "delivered"}, {"certificate-rotated", 1, "not_sent"},
		{"raw-pjl", 0, "delivered"}, {"raw-text", 0, "delivered"}, {"raw-lies", 1, "delivered"}, {"snmp-jam", 0, "delivered"},
	} {
		r := command(t, scoutcloud, "demo", "--once", "--json", "--printer-scenario", x.name)
		said := decode[struct {
			Scenario string `json:"printer_scenario"`
			Result   struct{ State string }
		}](t, r.stdout)
		if r.code != x.code || said.Scenario != x.name || said.Result.State != x.state {
			t.Errorf("%s: exit %d, %+v\n%s", x.name, r.code, said, r.stderr)
		}
	}
	r := command(t, scoutcloud, "demo", "--once", "--printer-scenario", "good")
	if want := "scenario good: Does all it is asked"; !strings.Contains(r.stdout, want) {
		t.Errorf("the demo does not say %q:\n%s", want, r.stdout)
	}
	if r := command(t, scoutcloud, "demo", "--printer-scenario", "bogus"); r.code != 2 || !strings.Contains(r.stderr, "hint: ") {
		t.Errorf("exit %d: %s", r.code, r.stderr)
	}
}

// TestDemoByHand is what a person does beside a running demo.
func TestDemoByHand(t *testing.T) {
	ipptool := peers.Need(t, "ipptool")
	doc := pdf(300_000)
	file := write(t, "letter.pdf", doc)
	d := startDemo(t, folder(t))

	if r := command(t, ipptool, "-tf", file, d.IPPURL, "print-job.test"); r.code != 0 {
		t.Fatalf("print-job.test: %s%s", r.stdout, r.stderr)
	}
	jobs := d.jobs(t)
	if len(jobs) != 1 || jobs[0].State != "parked" || jobs[0].Format != "application/pdf" || jobs[0].Bytes != int64(len(doc)) {
		t.Fatalf("parked: %+v", jobs)
	}
	if jobs[0].Pages == nil || *jobs[0].Pages != 1 || jobs[0].UserSource != "kernel" {
		t.Errorf("pages: %v %s, by the %s", jobs[0].Pages, jobs[0].PagesCertainty, jobs[0].UserSource)
	}
	noTrace(t, doc, d.VaultDir, d.ServerDir)

	results, code := d.release(t)
	if code != 0 || len(results) != 1 || results[0].State != "delivered" || results[0].Grade != "ipps-pinned" || results[0].Protocol != "ipps" {
		t.Fatalf("exit %d: %+v", code, results)
	}
	sameFile(t, d.PrinterOut, doc)
	if jobs := d.jobs(t); len(jobs) != 0 {
		t.Errorf("still there: %+v", jobs)
	}
	for _, name := range files(t, d.VaultDir) {
		if strings.Contains(name, jobs[0].ID) {
			t.Errorf("left behind: %s", name)
		}
	}
	noTrace(t, doc, d.VaultDir, d.ServerDir)
}

func TestDemoEndsCleanlyWithItsChild(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		d := startDemo(t, folder(t))
		if code := d.stop(sig); code != 0 {
			t.Errorf("after %s it exits %d: %s", sig, code, d.output())
		}
		if alive(d.ScoutPID) {
			t.Errorf("after %s the scout goes on", sig)
		}
	}
}

func TestTheScoutEndsWithADemoThatIsKilled(t *testing.T) {
	d := startDemo(t, folder(t))
	d.stop(syscall.SIGKILL)
	peers.Await(t, "the scout has ended", func() bool { return !alive(d.ScoutPID) })
}

func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }

// TestDemoGoesOnFromItsFolder ends a demo with a parked job and starts it again.
func TestDemoGoesOnFromItsFolder(t *testing.T) {
	ipptool := peers.Need(t, "ipptool")
	dir, doc := folder(t), pdf(20_000)
	file := write(t, "letter.pdf", doc)
	first := startDemo(t, dir)
	must(t, ipptool, "-tf", file, first.IPPURL, "print-job.test")
	first.stop(syscall.SIGTERM)

	second := startDemo(t, dir)
	if second.IPPURL != first.IPPURL || second.CloudURL != first.CloudURL {
		t.Errorf("the addresses changed: %s, %s", second.IPPURL, second.CloudURL)
	}
	if results, code := second.release(t); code != 0 {
		t.Fatalf("exit %d: %+v", code, results)
	}
	sameFile(t, second.PrinterOut, doc)
}

// now is what demo.json says at the moment.
type now struct{ pid int }

func (d *demo) status(t testing.TB) now {
	t.Helper()
	again := decode[demo](t, string(read(t, strings.TrimSuffix(d.VaultDir, "/scout/vault")+"/demo.json")))
	return now{again.ScoutPID}
}

// TestOneGigabyteInSmallMemory sends a document through the whole way and
// looks at the most that the scout's process ever held.
func TestOneGigabyteInSmallMemory(t *testing.T) {
	const size, most = 1 << 30, 64 << 20
	name := write(t, "big.pdf", nil)
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	piece := pdf(1 << 20)
	for range size / len(piece) {
		if _, err := f.Write(piece); err != nil {
			peers.Missing(t, "a gigabyte of disk: "+err.Error())
		}
		rand.Read(piece[:4096])
	}
	f.Close()
	d := startDemo(t, folder(t))
	must(t, peers.Need(t, "ipptool"), "-tf", name, "-T", "300", d.IPPURL, "print-job.test")
	if results, code := d.release(t); code != 0 {
		t.Fatalf("exit %d: %+v", code, results)
	}
	out := files(t, d.PrinterOut)
	if len(out) != 1 || exec.Command("cmp", "-s", name, out[0]).Run() != nil {
		t.Errorf("what came out is not what went in: %v", out)
	}
	if peak := peakMemory(t, d.ScoutPID); peak > most {
		t.Errorf("the scout held %d MB", peak>>20)
	} else {
		t.Logf("the scout held %d MB at the most", peak>>20)
	}
}

// peakMemory is VmHWM of proc(5), in bytes.
func peakMemory(t testing.TB, pid int) int {
	t.Helper()
	for line := range bytes.Lines(read(t, "/proc/"+strconv.Itoa(pid)+"/status")) {
		if f := strings.Fields(string(line)); len(f) == 3 && f[0] == "VmHWM:" {
			kb, err := strconv.Atoi(f[1])
			if err != nil {
				t.Fatal(err)
			}
			return kb << 10
		}
	}
	t.Fatal("no VmHWM")
	return 0
}

// TestSuitesOfOthers runs the test suites of cups-ipp-utils.
func TestSuitesOfOthers(t *testing.T) {
	d := startDemo(t, folder(t))
	for suite, least := range map[string]int{"ipp-1.1.test": 38, "ipp-2.0.test": 39, "ipp-everywhere.test": 145} {
		s := peers.RunSuite(t, d.IPPURL, suite)
		t.Logf("%s: %d passed, %d failed, %d skipped", suite, s.Passed, s.Failed, s.Skipped)
		if s.Failed > 0 || s.Passed < least {
			t.Errorf("%s:\n%s", suite, s.Output)
		}
	}
}
