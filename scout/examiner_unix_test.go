//go:build unix

package scout

import (
	"os/signal"
	"syscall"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// TestExaminationCutOffByAStopIsTakenUp ends an examination as a service is
// ended, by a signal, and starts the agent anew.
func TestExaminationCutOffByAStopIsTakenUp(t *testing.T) {
	r := newRig(t)
	id := r.parkJob(alice, peers.PDF(595, 842))
	ctx, stop := signal.NotifyContext(t.Context(), syscall.SIGUSR1)
	defer stop()
	r.must(syscall.Kill(syscall.Getpid(), syscall.SIGUSR1))
	<-ctx.Done()
	r.examineJob(ctx, id)
	if j, _ := r.table.jobByID(id); j.note.Info != nil {
		t.Fatalf("something was learned: %+v", *j.note.Info)
	}
	r.must(r.table.claimJob(id, "lobby", "o", nil)) // keeps what is known
	r.must(r.table.setState(id, Parked, nil))
	r.reopenScout()
	examining, end := signal.NotifyContext(t.Context(), syscall.SIGUSR1)
	done := make(chan error, 1)
	go func() { done <- r.runExaminer(examining) }()
	peers.Await(t, "the document was looked into", func() bool {
		j, _ := r.table.jobByID(id)
		return j.note.Info != nil
	})
	end()
	r.must(<-done)
	j, _ := r.table.jobByID(id)
	if v := j.controlJob(); v.PagesCertainty != "exact" {
		t.Errorf("%+v", v)
	}
}
