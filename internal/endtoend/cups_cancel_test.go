//go:build linux

package endtoend

import (
	"strings"
	"testing"
)

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
