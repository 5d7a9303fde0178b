package scout

import (
	"errors"
	"testing"

	"github.com/printscout/printscout/spooler"
)

// beginJob opens a place for a document of a person's.
func (r *rig) beginJob(user string) (spooler.Parking, error) {
	return intake{r.Scout}.Begin(r.t.Context(), spooler.Ticket{JobID: 1, Title: "t", User: user, Source: spooler.FromKernel, Created: r.clock})
}

func wantOver(t *testing.T, what string, err error) {
	t.Helper()
	refusal, ok := errors.AsType[*spooler.Refusal](err)
	if !ok || !errors.Is(err, spooler.ErrQuota) || refusal.Message == "" {
		t.Errorf("%s: %v", what, err)
	}
}

func TestQuotas(t *testing.T) {
	r := newRig(t)
	r.cfg.Settings.MaxJobMB, r.cfg.Settings.UserQuotaMB, r.cfg.Settings.UserJobs = 2, 3, 3
	mega := make([]byte, 1<<20)
	parkings := make([]spooler.Parking, 3)
	for i := range parkings {
		p, err := r.beginJob(alice)
		if err != nil {
			t.Fatal(err)
		}
		parkings[i] = p
	}
	_, err := r.beginJob(alice)
	wantOver(t, "a fourth job on its way", err)
	write := func(i int) error {
		_, err := parkings[i].Write(mega)
		return err
	}
	for i := range 2 {
		if err := write(i); err != nil {
			t.Fatal(err)
		}
	}
	if err := write(0); err != nil {
		t.Fatal(err)
	}
	wantOver(t, "a third megabyte of a job", write(0))
	wantOver(t, "a fourth megabyte of a person", write(1))
	if p, err := r.beginJob("bob"); err != nil {
		t.Errorf("another person: %v", err)
	} else {
		p.Abort()
	}
	parkings[0].Abort()
	parkings[1].Abort()
	if err := write(2); err != nil {
		t.Errorf("after others were given up: %v", err)
	}
	parkings[2].Abort()
	if len(r.quota.jobs) != 0 || len(r.quota.bytes) != 0 {
		t.Errorf("left: %v, %v", r.quota.jobs, r.quota.bytes)
	}
	for range 3 {
		r.parkJob(alice, doc)
	}
	_, err = r.beginJob(alice)
	wantOver(t, "a fourth job parked", err)
}

// TestQuotaOfAll bounds what all persons have together, also what is parked while
// a document comes.
func TestQuotaOfAll(t *testing.T) {
	r := newRig(t)
	r.cfg.Settings.TotalQuotaMB = 40
	mega := make([]byte, 1<<20)
	long, err := r.beginJob(alice)
	r.must(err)
	for range 20 {
		_, err := long.Write(mega)
		r.must(err)
	}
	r.parkJob("bob", make([]byte, 15<<20))
	for n := 20; ; n++ {
		_, err := long.Write(mega)
		if err == nil && n < 40 {
			continue
		}
		refusal, ok := errors.AsType[*spooler.Refusal](err)
		if !ok || !errors.Is(err, spooler.ErrNoSpace) || refusal.Message == "" || n < 25 {
			t.Errorf("after %d MB beside 15: %v", n, err)
		}
		break
	}
	long.Abort()
	if r.quota.total != 0 {
		t.Errorf("%d bytes are still counted", r.quota.total)
	}
	p, err := r.beginJob(alice)
	r.must(err)
	p.Abort()
}

// TestQuotasOfClaims: nobody uses up another person's share by claiming to be
// that person, nor many by accounts that have no name.
func TestQuotasOfClaims(t *testing.T) {
	r := newRig(t)
	r.cfg.Settings.UserJobs = 2
	begin := func(user string, from spooler.Source) error {
		p, err := intake{r.Scout}.Begin(t.Context(), spooler.Ticket{JobID: 1, Title: "t", User: user, Source: from, Created: r.clock})
		if err == nil {
			t.Cleanup(p.Abort)
		}
		return err
	}
	for range 2 {
		r.must(begin(alice, spooler.FromSpooler))
	}
	wantOver(t, "a third one in her name", begin(alice, spooler.FromSpooler))
	r.must(begin(alice, spooler.FromKernel))
	r.must(begin(alice, spooler.FromKernel))
	wantOver(t, "a third one of hers", begin(alice, spooler.FromKernel))
	r.must(begin("#100001", spooler.FromKernel))
	r.must(begin("#100002", spooler.FromKernel))
	wantOver(t, "a third one of accounts without a name", begin("#100003", spooler.FromKernel))
	r.must(begin("bob", spooler.FromKernel))
}
