//go:build linux

package endtoend

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// TestQueueOutlivesAnInterruption kills the agent while CUPS sends a document:
// CUPS stops the queue, whatever its error policy, and keeps the job. What
// printscout-queue.service runs starts the queue, and the job is parked. A queue that somebody has stopped stays so.
func TestQueueOutlivesAnInterruption(t *testing.T) {
	t.Parallel()
	peers.NeedFile(t, "/usr/lib/cups/filter/pdftopdf")
	peers.NeedRoot(t)
	setup := peers.CUPSSetup{Conf: peers.StockConf(t)}
	stalling(t, &setup)
	filter := strings.Fields(setup.Filters["stall"])
	openGate := func() {
		t.Helper()
		if err := os.WriteFile(filter[len(filter)-1], []byte("%%EOF\n"), 0); err != nil {
			t.Fatal(err)
		}
	}
	q := &queue{site: newSite(t).up()}
	q.configure(map[string]any{"QueueName": "scout"})
	q.cups = peers.StartCUPSWith(t, setup)
	q.cups.AddQueue(t, "scout", q.ippURL())
	q.cups.Run(t, "lpadmin", "-p", "scout", "-o", "printer-error-policy=retry-job")

	q.cups.Run(t, "lp", "-d", "scout", "-t", "interrupted", shared(t, "document", []byte(stall)))
	peers.Await(t, "the document is being received", func() bool { return q.receiving(t) })
	q.agent.stop(syscall.SIGKILL)
	q.run()
	openGate()
	peers.Await(t, "CUPS has stopped the queue", func() bool { return q.isStopped(t) })
	q.resume(t)
	openGate()
	peers.Await(t, "the job is parked", func() bool { return len(q.jobs()) == 1 })
	q.empty(t, "scout")

	q.cups.Run(t, "cupsdisable", "-r", "somebody stopped it", "scout")
	q.cups.Run(t, "lp", "-d", "scout", "-t", "stopped", shared(t, "document", leaflet(1)))
	q.resume(t)
	if !q.isStopped(t) {
		t.Error("a queue that somebody stopped was started")
	}
}

func (q *queue) isStopped(t *testing.T) bool {
	t.Helper()
	return strings.Contains(q.cups.Run(t, "lpstat", "-p", "scout"), "disabled")
}

// resume does what printscout-queue.service does.
func (q *queue) resume(t *testing.T) {
	t.Helper()
	c := exec.Command(printscout, "doctor", "--config", q.config(), "--only", "queue-interrupted", "--fix")
	c.Env = append(os.Environ(), q.cups.Environ())
	if r := finish(t, c, ""); r.code != 0 {
		t.Fatalf("exit %d: %s%s", r.code, r.stdout, r.stderr)
	}
}
