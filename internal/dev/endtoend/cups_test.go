//go:build linux

package endtoend

import (
	"context"
	"os/exec"
	"strings"
	"testing"

	"github.com/printscout/printscout/delivery/simprinter"
	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/ipp"
)

// queue is a scout behind a queue of a CUPS of the test's own, which has the
// policies that CUPS ships with. Its queue `scout` is one as lpadmin makes it,
// `checked` has the policy authenticated.
type queue struct {
	*site
	cups *peers.CUPS
}

func newQueue(t *testing.T) *queue {
	t.Helper()
	peers.NeedFile(t, "/usr/lib/cups/filter/pdftopdf")
	peers.NeedRoot(t)
	setup := peers.CUPSSetup{Conf: peers.StockConf(t)}
	stalling(t, &setup)
	q := &queue{site: newSite(t).up()}
	q.cups = peers.StartCUPSWith(t, setup)
	q.cups.AddQueue(t, "scout", q.ippURL())
	q.cups.AddQueue(t, "checked", q.ippURL())
	q.cups.Run(t, "lpadmin", "-p", "checked", "-o", "printer-op-policy=authenticated")
	return q
}

// TestQueueOfCUPS prints as people do, by lp and a queue made with the
// driverless driver, and holds the scout's word on each job against what the
// printer of its release got.
func TestQueueOfCUPS(t *testing.T) {
	q := newQueue(t)
	t.Run("formats", q.formats)
	t.Run("options", q.options)
	t.Run("files", q.files)
	t.Run("cancel of a held job", q.cancelHeld)
	t.Run("cancel while it is received", q.cancelReceiving)
	t.Run("names", q.names)
	if left := q.jobs(); len(left) != 0 {
		t.Errorf("left at the end: %+v", left)
	}
}

// lp prints a document and waits until it is parked. The title finds it.
func (q *queue) lp(t *testing.T, title string, doc []byte, args ...string) job {
	t.Helper()
	args = append([]string{"-d", "scout", "-t", title}, args...)
	q.cups.Run(t, "lp", append(args, shared(t, "document", doc))...)
	return q.parked(t, title)
}

// parked waits for the job of that title.
func (q *queue) parked(t *testing.T, title string) (found job) {
	t.Helper()
	peers.Await(t, title+" is parked and looked into", func() bool {
		for _, j := range q.jobs() {
			if j.Title == title {
				found = j
			}
		}
		return found.PagesCertainty == "exact"
	})
	if found.State != "parked" {
		t.Errorf("%s: %+v", title, found)
	}
	return found
}

// release releases a job as root and returns what the printer got.
func (q *queue) release(t *testing.T, j job) (simprinter.Job, []byte) {
	t.Helper()
	if r := q.scout("job", "release", j.ID, "--printer", "lobby", "--wait"); r.code != 0 {
		t.Fatalf("releasing %s: exit %d: %s", j.Title, r.code, r.stderr)
	}
	got := q.printer.Jobs()
	last := got[len(got)-1]
	if !strings.HasPrefix(last.Name, j.Title) || !last.Whole || last.Format != j.Format || last.Size != j.Bytes {
		t.Errorf("%+v came out as %+v", j, last)
	}
	if copies, ok := ipp.Int(last.Attributes, "copies"); copies != j.Copies && (ok || j.Copies != 1) {
		t.Errorf("%s: the job has %d copies, the printer got %d", j.Title, j.Copies, copies)
	}
	if sides := ipp.String(last.Attributes, "sides"); sides != j.Sides {
		t.Errorf("%s: the job is %s, the printer got %q", j.Title, j.Sides, sides)
	}
	return last, read(t, last.File)
}

// empty waits until a queue has no job that has not ended.
func (q *queue) empty(t *testing.T, name string) {
	t.Helper()
	peers.Await(t, "the queue "+name+" is empty", func() bool { return q.cups.Run(t, "lpstat", "-o", name) == "" })
}

// counted fails unless a job has these pages, known for sure, and copies.
func (j job) counted(t *testing.T, pages, copies int) {
	t.Helper()
	if j.Pages == nil || *j.Pages != pages || j.PagesCertainty != "exact" || j.Copies != copies {
		t.Errorf("%d pages, %d copies, but the job is %+v", pages, copies, j)
	}
}

// asUser runs a command of CUPS as another user of this computer.
func asUser(t *testing.T, c *peers.CUPS, user, name string, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := as(t, user, exec.CommandContext(ctx, peers.Need(t, name), args...))
	cmd.Env = append(cmd.Env, c.Environ())
	return finish(t, cmd, "")
}
