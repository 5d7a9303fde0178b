package scout

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/dev/peers"
)

// TestOverThePipe asks an agent for jobs, a release and events over its pipe, as
// the command line and the tray do. It listens nowhere else: Wine takes minutes
// to find out who answers on a port.
func TestOverThePipe(t *testing.T) {
	r := newRig(t)
	id := r.parkJob(`NOBODY\alice`, doc)
	path := fmt.Sprintf(`\\.\pipe\ProtectedPrefix\Administrators\printscout-test-%x`, rand.Uint64())
	client := r.serve(path)
	jobs, err := client.Jobs(t.Context()) // we are the agent's own account
	r.must(err)
	if len(jobs) != 1 || jobs[0].ID != id.String() || jobs[0].State != string(Parked) {
		t.Fatalf("%+v", jobs)
	}
	own := r.parkJob(ownAccount(t, client), doc)
	var said []string
	var ended *control.Gone
	for e, err := range client.Events(t.Context()) {
		r.must(err)
		said = append(said, e.Name)
		if e.Name == control.EventReady {
			_, err := client.Release(t.Context(), control.Release{All: true, Printer: "lobby"})
			r.must(err)
		}
		if ended = e.Gone; ended != nil {
			break
		}
	}
	if ended.ID != own.String() || ended.State != "delivered" || ended.Printer != "lobby" {
		t.Errorf("%+v after %v", ended, said)
	}
	r.working.Wait()
	if r.printedCount() != 2 || len(r.vault.Jobs()) != 0 {
		t.Errorf("%d printed, %d left", r.printedCount(), len(r.vault.Jobs()))
	}
}

// serve answers at a pipe, and returns who asks there.
func (r *rig) serve(path string) *control.Client {
	r.t.Helper()
	l, err := control.Listen(path)
	r.must(err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- control.NewServer(localAPI{r.Scout}, r.log).Serve(ctx, l) }()
	client := control.NewClient(path)
	r.t.Cleanup(func() {
		client.Close()
		cancel()
		r.must(<-done)
	})
	peers.Await(r.t, "the agent answers", func() bool {
		// In Wine 8 nobody ever answers the first connection to a pipe.
		ask, give := context.WithTimeout(r.t.Context(), 2*time.Second)
		defer give()
		_, err := client.Jobs(ask)
		return err == nil
	})
	return client
}

// ownAccount is the name by which the kernel knows us: that of who registers.
func ownAccount(t *testing.T, client *control.Client) string {
	t.Helper()
	p, err := client.Register(t.Context(), control.Registration{})
	if err != nil {
		t.Fatal(err)
	}
	return p.Name
}
