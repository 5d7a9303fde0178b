package scout

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/spooler"
)

// uuidOf returns what the print queue knows a job by.
func (r *rig) uuidOf(id uuid.UUID) string {
	r.t.Helper()
	j, ok := r.table.jobByID(id)
	if !ok {
		r.t.Fatalf("there is no job %s", id)
	}
	return j.ticket.JobUUID
}

// TestQueueKnowsJobsByUUID has two jobs of one number, as a lost record of the
// numbers leads to.
func TestQueueKnowsJobsByUUID(t *testing.T) {
	r := newRig(t)
	hers, his := r.parkJob(alice, doc), r.parkJob("bob", doc)
	r.must(intake{r.Scout}.Drop(r.uuidOf(his)))
	if r.stateOf(hers) != Parked || r.stateOf(his) != "gone" {
		t.Errorf("%s and %s", r.stateOf(hers), r.stateOf(his))
	}
	for _, unknown := range []string{"", "1", "urn:uuid:x"} {
		if err := (intake{r.Scout}).Drop(unknown); !errors.Is(err, spooler.ErrNoJob) {
			t.Errorf("%q: %v", unknown, err)
		}
	}
}

func TestRestartBeginsTheStayAnew(t *testing.T) {
	r := newRig(t)
	id := r.parkJob(alice, doc)
	queue := r.uuidOf(id)
	r.clock = r.clock.Add(50 * time.Minute)
	r.must(intake{r.Scout}.Restart(queue, false))
	r.reopenScout()
	r.clock = r.clock.Add(50 * time.Minute)
	if r.expireDueJobs(); r.stateOf(id) != Parked {
		t.Fatalf("after 100 minutes the job is %s", r.stateOf(id))
	}
	r.must(intake{r.Scout}.Restart(queue, true))
	r.reopenScout()
	if got := r.Order(t.Context(), r.newOrder(id)); got.Reason != "job-held" {
		t.Errorf("held again: %+v", got)
	}
	if past := r.pastJobs(); len(past) != 1 || !past[0].Held {
		t.Errorf("%+v", past)
	}
	r.must(intake{r.Scout}.Unhold(queue))
	r.clock = r.clock.Add(61 * time.Minute)
	if r.expireDueJobs(); r.stateOf(id) != "gone" {
		t.Errorf("in the end the job is %s", r.stateOf(id))
	}
	if err := (intake{r.Scout}).Restart(queue, false); !errors.Is(err, spooler.ErrNoJob) {
		t.Error(err)
	}
}

func TestRestartLeavesWhatIsUnderWayAlone(t *testing.T) {
	r := newRig(t)
	id := r.parkJob(alice, doc)
	queue := r.uuidOf(id)
	r.must(r.table.claimJob(id, "lobby", "o", func(error) {}))
	for _, s := range []State{Releasing, Uncertain} {
		if s != Releasing {
			r.must(r.table.setState(id, s, nil))
		}
		if err := (intake{r.Scout}).Restart(queue, true); !errors.Is(err, spooler.ErrNotNow) || r.stateOf(id) != s {
			t.Errorf("%s: %v, then %s", s, err, r.stateOf(id))
		}
	}
}

// TestDropTakesBackWhatIsOnlyParked does not touch what a person has released.
func TestDropTakesBackWhatIsOnlyParked(t *testing.T) {
	r := newRig(t)
	id := r.parkJob(alice, doc)
	queue := r.uuidOf(id)
	r.must(r.table.claimJob(id, "lobby", "o", func(error) {}))
	if err := (intake{r.Scout}).Drop(queue); !errors.Is(err, spooler.ErrNoJob) || r.stateOf(id) != Releasing {
		t.Errorf("%v; the job is %s", err, r.stateOf(id))
	}
	r.must(r.table.setState(id, Parked, nil))
	r.must(intake{r.Scout}.Drop(queue))
	if err := (intake{r.Scout}).Drop(queue); !errors.Is(err, spooler.ErrNoJob) || r.stateOf(id) != "gone" || len(r.vault.Jobs()) != 0 {
		t.Errorf("%v; the job is %s", err, r.stateOf(id))
	}
}

func TestPausedPrinterReleasesNothing(t *testing.T) {
	r := newRig(t)
	id := r.parkJob(alice, doc)
	r.must(intake{r.Scout}.SetPaused(true))
	r.reopenScout()
	if c := (intake{r.Scout}).Condition(); !c.Accepting || !c.Paused || c.Message == "" {
		t.Errorf("%+v", c)
	}
	if got := r.Order(t.Context(), r.newOrder(id)); got.State != wire.NotSent || got.Reason != "printer-paused" {
		t.Errorf("%+v", got)
	}
	me := control.Caller{UID: "1", Name: alice}
	if _, err := (localAPI{r.Scout}).Release(me, control.Release{Jobs: []string{id.String()}, Printer: "lobby"}); err == nil {
		t.Error("it was released by its owner")
	}
	next, err := r.printerID.nextJobID()
	r.must(err)
	r.must(intake{r.Scout}.SetPaused(false))
	r.reopenScout()
	if again, _ := r.printerID.nextJobID(); again <= next {
		t.Errorf("job-id %d after %d", again, next)
	}
	if got := r.Order(t.Context(), r.newOrder(id)); got.State != wire.Delivered {
		t.Errorf("%+v", got)
	}
}
