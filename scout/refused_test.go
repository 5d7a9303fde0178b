package scout

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/spooler"
)

func refusedOf(r *rig, name string) (out []control.Job) {
	return slices.Collect(localAPI{r.Scout}.Jobs(control.Caller{UID: "4711", Name: name}))
}

// TestRefusedJobs: a line for its owner alone, one for a job that is sent again
// and again, gone once the job is taken, dismissed, or a day old.
func TestRefusedJobs(t *testing.T) {
	r := newRig(t)
	in := intake{r.Scout}
	in.Refused(spooler.Refused{Title: "one", User: alice, Source: spooler.FromKernel, Message: "The document is larger than 1 MB."})
	in.Refused(spooler.Refused{Title: "one", User: alice, Source: spooler.FromKernel, Message: "The document is larger than 2 MB."})
	in.Refused(spooler.Refused{Title: "two", User: "bob", Source: spooler.FromKernel, Message: "No."})
	lines := refusedOf(r, alice)
	if len(lines) != 1 || lines[0].State != control.Refused || lines[0].Reason != "refused: The document is larger than 2 MB." || lines[0].Bytes != 0 {
		t.Fatalf("%+v", lines)
	}
	if _, err := (localAPI{r.Scout}).Release(control.Caller{UID: "4711", Name: alice}, control.Release{Jobs: []string{lines[0].ID}, Printer: "lobby"}); err == nil {
		t.Error("it can be released")
	}
	if _, err := (localAPI{r.Scout}).Cancel(t.Context(), control.Caller{UID: "1", Name: "bob"}, lines[0].ID); err == nil {
		t.Error("another person dismissed it")
	}
	r.refused.dropPrintedAgain(alice, "one")
	if left := refusedOf(r, alice); len(left) != 0 {
		t.Errorf("once it was taken: %+v", left)
	}
	if j, err := (localAPI{r.Scout}).Cancel(t.Context(), control.Caller{UID: "1", Name: "bob"}, refusedOf(r, "bob")[0].ID); err != nil || j.Title != "two" {
		t.Errorf("%+v, %v", j, err)
	}
	for i := range refusedOfOne + 5 {
		in.Refused(spooler.Refused{Title: fmt.Sprint(i), User: alice, Message: "No."})
	}
	if lines := refusedOf(r, alice); len(lines) != refusedOfOne || lines[0].Title != "5" {
		t.Errorf("%d lines, the first %+v", len(lines), lines[0])
	}
	r.clock = r.clock.Add(keepRefused + time.Second)
	if left := refusedOf(r, alice); len(left) != 0 {
		t.Errorf("after a day: %d", len(left))
	}
}

// TestAdmit says before the document what would be said in it.
func TestAdmit(t *testing.T) {
	r := newRig(t)
	r.cfg.Settings.MaxJobMB, r.cfg.Settings.UserQuotaMB, r.cfg.Settings.UserJobs, r.cfg.Settings.TotalQuotaMB = 2, 3, 2, 4
	in := intake{r.Scout}
	if err := in.Admit(alice, spooler.FromKernel, 0); err != nil {
		t.Error(err)
	}
	wantOver(t, "a job of 3 MB", in.Admit(alice, spooler.FromKernel, 3<<20))
	p, err := r.beginJob(alice)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Abort()
	if _, err := p.Write(make([]byte, 2<<20)); err != nil {
		t.Fatal(err)
	}
	if err := in.Admit(alice, spooler.FromKernel, 0); err != nil {
		t.Error(err)
	}
	wantOver(t, "more than is left of a person's", in.Admit(alice, spooler.FromKernel, 2<<20))
	if err := in.Admit("bob", spooler.FromKernel, 2<<20); err != nil {
		t.Error(err)
	}
	q, err := r.beginJob(alice)
	if err != nil {
		t.Fatal(err)
	}
	defer q.Abort()
	wantOver(t, "a third job", in.Admit(alice, spooler.FromKernel, 0))
	if err := in.Admit(alice, spooler.FromSpooler, 0); err != nil {
		t.Errorf("one that a queue calls hers: %v", err)
	}
}
