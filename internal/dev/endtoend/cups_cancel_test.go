//go:build linux

package endtoend

import (
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// stall is what a document begins with that CUPS sends only in part.
const stall = "STALL"

// stalling makes a CUPS send such documents so: the beginning of a PDF, then
// what somebody writes to the gate, and the end when that is closed.
func stalling(t *testing.T, setup *peers.CUPSSetup) {
	t.Helper()
	gate := filepath.Join(filepath.Dir(shared(t, "beside", nil)), "gate")
	if err := syscall.Mkfifo(gate, 0o644); err != nil {
		t.Fatal(err)
	}
	setup.Files = map[string]string{
		"stall.types": `application/x-stall stall string(0,"` + stall + `")` + "\n",
		"stall.convs": "application/x-stall application/vnd.cups-pdf 0 stall\n",
	}
	setup.Filters = map[string]string{
		"stall": fmt.Sprintf("#!/bin/sh\nprintf '%%%%PDF-1.4\\n'\nhead -c 3000000 /dev/zero\nexec cat %s\n", gate),
	}
}

// lpID is the job's that lp has made.
func lpID(t *testing.T, said string) string {
	t.Helper()
	fields := strings.Fields(said) // request id is scout-1 (1 file(s))
	if len(fields) < 4 || fields[0] != "request" {
		t.Fatalf("lp said %q", said)
	}
	return fields[3]
}

// cancelHeld holds jobs in CUPS, gives one up and lets the other go: nothing
// comes to the scout of the one, and the other is no longer held there.
func (q *queue) cancelHeld(t *testing.T) {
	doc := shared(t, "document", leaflet(1))
	canceled := lpID(t, q.cups.Run(t, "lp", "-d", "scout", "-t", "canceled", "-H", "hold", doc))
	resumed := lpID(t, q.cups.Run(t, "lp", "-d", "scout", "-t", "resumed", "-o", "job-hold-until=indefinite", doc))
	q.cups.Run(t, "cancel", canceled)
	if out := q.cups.Run(t, "lpstat", "-o", "scout"); strings.Contains(out, canceled) || !strings.Contains(out, resumed) {
		t.Errorf("the queue has\n%s", out)
	}
	if left := q.jobs(); len(left) != 0 {
		t.Errorf("parked although CUPS holds it: %+v", left)
	}
	q.cups.Run(t, "lp", "-i", resumed, "-H", "resume")
	q.release(t, q.parked(t, "resumed"))
	q.empty(t, "scout")
}

// cancelReceiving gives a job up while its document is still being made and
// sent. CUPS then ends the document as if it were whole and cancels the job
// after it, so that what is there must be taken out of the vault.
func (q *queue) cancelReceiving(t *testing.T) {
	job := lpID(t, q.cups.Run(t, "lp", "-d", "scout", "-t", "stalled", shared(t, "document", []byte(stall))))
	peers.Await(t, "the document is being received", func() bool { return q.receiving(t) })
	q.cups.Run(t, "cancel", job)
	q.empty(t, "scout")
	peers.Await(t, "the scout says that the job is canceled", func() bool {
		said := strings.Fields(must(t, peers.Need(t, "ipptool"), "-tv", q.ippURL(), "get-completed-jobs.test"))
		return strings.Contains(strings.Join(said, " "), "job-canceled-by-user job-name (nameWithoutLanguage) = stalled")
	})
	if left := q.jobs(); len(left) != 0 || q.receiving(t) {
		t.Errorf("parked although it was canceled: %+v", left)
	}
}

// receiving is whether a document is on its way into the vault.
func (q *queue) receiving(t *testing.T) bool {
	t.Helper()
	for _, name := range files(t, filepath.Join(q.state, "vault")) {
		if strings.HasSuffix(name, ".tmp") {
			return true
		}
	}
	return false
}
