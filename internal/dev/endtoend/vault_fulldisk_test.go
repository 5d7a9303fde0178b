//go:build linux

package endtoend

import (
	"bytes"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// TestFullDisk keeps the agent's state on a small file system, and fills it:
// up to what is to stay free, then to the last byte.
func TestFullDisk(t *testing.T) {
	for name, mount := range map[string]func(testing.TB) *fileSystem{
		"tmpfs": func(t testing.TB) *fileSystem { return mountTmpfs(t, 16) },
		"ext4":  func(t testing.TB) *fileSystem { return mountImage(t, 32, "loop", "mkfs.ext4", "-q", "-m", "0") },
	} {
		t.Run(name, func(t *testing.T) {
			disk := mount(t)
			s := newSite(t)
			s.state = filepath.Join(disk.at, "state")
			s.configure(map[string]any{"MinFreeMB": 2})
			s.up()
			(&fullDisk{t: t, site: s, disk: disk}).fillUp()
		})
	}
}

// fullDisk is an agent and the disk that gets full under it.
type fullDisk struct {
	*site
	t    *testing.T
	disk *fileSystem
}

func (f *fullDisk) fillUp() {
	documents := map[string][]byte{}
	var parked []job
	for range 6 {
		doc := pdf(100_000)
		parked = append(parked, f.site.print(doc))
		documents[parked[len(parked)-1].ID] = doc
	}
	held, cancelHeld := f.held()
	f.tooLarge()

	// Almost full: there is room for notes, and everything parked can go.
	f.disk.fill(1 << 20)
	f.refuses()
	f.prints(parked[0], documents)
	f.cancels(parked[1])

	// Full to the last byte: no note can be written, so that nothing can be
	// released; what frees space still works.
	f.disk.fill(0)
	f.refuses()
	if r, code := f.release(parked[2].ID, ""); code != 1 || r.State != "not_sent" || !strings.Contains(r.Message, "not enough space") {
		f.t.Errorf("released without room for a note: exit %d: %+v", code, r)
	}
	f.listed(5)
	cancelHeld()
	f.isGone(held)
	f.listed(4)
	f.cancels(parked[3])

	// Space comes back, and nothing needs to be done.
	f.disk.empty()
	f.prints(parked[2], documents)
	f.cancels(f.site.print(pdf(50_000)))

	// Full when the agent is killed and started again.
	f.disk.fill(0)
	f.agent.stop(syscall.SIGKILL)
	f.run()
	f.refuses()
	f.listed(2)
	f.cancels(parked[4])
	f.disk.empty()
	f.prints(parked[5], documents)
	f.listed(0)
	f.site.print(pdf(50_000))
}

// tooLarge prints a document that does not fit.
func (f *fullDisk) tooLarge() {
	f.t.Helper()
	r := command(f.t, peers.Need(f.t, "ipptool"), "-tvf", write(f.t, "big.pdf", pdf(40<<20)), f.ippURL(), "print-job.test")
	if r.code == 0 || !strings.Contains(r.stdout, "server-error-temporary-error") || !strings.Contains(r.stdout, "too full") {
		f.t.Errorf("a document that does not fit: exit %d: %s", r.code, tail(r.stdout, 1500))
	}
	if free := f.disk.free(); free < 8<<20 {
		f.t.Errorf("the document that did not fit takes space: %d bytes are free", free)
	}
}

// refuses wants the printer to take nothing and to say why.
func (f *fullDisk) refuses() {
	f.t.Helper()
	r := command(f.t, peers.Need(f.t, "ipptool"), "-tvf", write(f.t, "d.pdf", pdf(1000)), f.ippURL(), "print-job.test")
	if r.code == 0 || !strings.Contains(r.stdout, "server-error-not-accepting-jobs") || !strings.Contains(r.stdout, "too full") {
		f.t.Errorf("on a full disk: exit %d: %s", r.code, tail(r.stdout, 1500))
	}
	ipptool(f.t, f.ippURL(), ask("Get-Printer-Attributes", `STATUS successful-ok
	EXPECT printer-is-accepting-jobs WITH-VALUE false
	EXPECT printer-state-reasons WITH-VALUE spool-area-full-error`))
	if r := f.scout("status"); r.code != 3 || !strings.Contains(r.stdout, "too full") {
		f.t.Errorf("status: exit %d: %s", r.code, r.stdout)
	}
}

func (f *fullDisk) prints(j job, documents map[string][]byte) {
	f.t.Helper()
	before := len(files(f.t, f.out))
	if r, code := f.release(j.ID, ""); code != 0 || r.State != "delivered" {
		f.t.Errorf("exit %d: %+v", code, r)
	}
	out := files(f.t, f.out)
	if len(out) != before+1 || !bytes.Equal(read(f.t, out[len(out)-1]), documents[j.ID]) {
		f.t.Errorf("%d documents came out, were %d, or the last is another", len(out), before)
	}
}

func (f *fullDisk) cancels(j job) {
	f.t.Helper()
	left := len(f.kept()) - 1
	if r := f.scout("job", "cancel", j.ID); r.code != 0 {
		f.t.Errorf("cancel: exit %d: %s", r.code, r.stderr)
	}
	f.listed(left)
	f.isGone(j)
}

// held prints a job that the print queue holds, and gives what cancels it there.
func (f *fullDisk) held() (j job, cancel func()) {
	f.t.Helper()
	var said string
	doc := write(f.t, "held.pdf", pdf(50_000))
	j = f.jobOf(func() {
		said = ipptool(f.t, f.ippURL(), ask("Print-Job", `ATTR mimeMediaType document-format application/pdf
	GROUP job-attributes-tag
	ATTR keyword job-hold-until indefinite
	FILE `+doc+`
	STATUS successful-ok`))
	})
	id := regexp.MustCompile(`job-id \(integer\) = (\d+)`).FindStringSubmatch(said)
	if id == nil {
		f.t.Fatalf("no job-id in %s", said)
	}
	return j, func() {
		f.t.Helper()
		ipptool(f.t, f.ippURL(), ask("Cancel-Job", "ATTR integer job-id "+id[1]+"\n\tSTATUS successful-ok"))
	}
}

func (f *fullDisk) isGone(j job) {
	f.t.Helper()
	if names, _ := filepath.Glob(filepath.Join(f.state, "vault", j.ID+"*")); len(names) > 0 {
		f.t.Errorf("left of what was canceled: %v", names)
	}
}

// kept are the jobs without those that were refused, which have a line and
// nothing on the disk.
func (f *fullDisk) kept() []job {
	f.t.Helper()
	return slices.DeleteFunc(f.jobs(), func(j job) bool { return j.State == "refused" })
}

func (f *fullDisk) listed(want int) {
	f.t.Helper()
	if got := f.kept(); len(got) != want {
		f.t.Errorf("%d jobs are there, not %d: %+v", len(got), want, got)
	}
}
