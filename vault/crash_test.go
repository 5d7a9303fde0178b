package vault

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/uuid"
)

// jobHistory is what happened to a job before the process died, as far as its calls
// returned nil.
type jobHistory struct {
	id                                   uuid.UUID
	committed, noted, noted2, destroying bool
	destroyed                            bool
}

var historyDocument = mixed(3<<smallSegments + 100)

// runJob seals a job, notes it twice and destroys it. It stops at the first error.
func runJob(v *Vault) (l jobHistory, err error) {
	w, err := v.Create([]byte("metadata"))
	if err != nil {
		return l, err
	}
	l.id = w.ID()
	defer w.Abort()
	if _, err := w.Write(historyDocument); err != nil {
		return l, err
	}
	if _, err := w.Commit([]byte("summary")); err != nil {
		return l, err
	}
	l.committed = true
	if err := v.SetNote(l.id, []byte("note")); err != nil {
		return l, err
	}
	l.noted = true
	if err := v.SetNote(l.id, []byte("note 2")); err != nil {
		return l, err
	}
	l.noted2, l.destroying = true, true
	if err := v.Destroy(l.id); err != nil {
		return l, err
	}
	l.destroyed = true
	return l, nil
}

// TestCrash ends the process, or cuts the power, at each step in turn. Afterwards
// there is the whole job or nothing, and the whole job if Commit had returned nil.
func TestCrash(t *testing.T) {
	t.Parallel()
	key := testKey(t)
	for n := 1; ; n++ {
		d := newMemDisk()
		d.failAt, d.failure = n, errCrash
		v, err := openDisk(d, Options{Key: key}, smallSegments)
		if err != nil {
			continue
		}
		l, err := runJob(v)
		for _, how := range slices.Sorted(maps.Keys(d.afterCrash())) {
			checkAfterCrash(t, fmt.Sprintf("%s at step %d", how, n), d.afterCrash()[how], key, l)
		}
		if err == nil {
			if n < 20 {
				t.Fatalf("only %d steps", n)
			}
			return
		}
	}
}

func checkAfterCrash(t *testing.T, when string, d *memDisk, key *PrivateKey, l jobHistory) {
	t.Helper()
	v := openMemory(t, d, key)
	defer v.Close()
	if damaged := v.Damaged(); len(damaged) > 0 {
		t.Fatalf("%s: damaged: %v", when, damaged)
	}
	jobs := v.Jobs()
	switch {
	case len(jobs) == 0 && l.committed && !l.destroying:
		t.Fatalf("%s: an acknowledged job is lost", when)
	case len(jobs) == 0 && len(d.fileNamesLeft()) > 0:
		t.Fatalf("%s: left are %v", when, d.fileNamesLeft())
	case len(jobs) > 0 && l.destroyed:
		t.Fatalf("%s: a destroyed job is back", when)
	case len(jobs) > 0:
		checkWhole(t, when, v, jobs[0], l)
	}
	for _, name := range d.fileNamesLeft() {
		if strings.HasSuffix(name, tmpSuffix) {
			t.Fatalf("%s: %s is left", when, name)
		}
	}
}

func checkWhole(t *testing.T, when string, v *Vault, job Job, l jobHistory) {
	t.Helper()
	got, err := readDocument(v, job.ID)
	if err != nil || !bytes.Equal(got, historyDocument) || string(job.Metadata) != "metadata" || string(job.Summary) != "summary" {
		t.Fatalf("%s: job is not whole: %v", when, err)
	}
	note := string(job.Note)
	switch {
	case l.noted2 && !l.destroying && note != "note 2", l.noted && !strings.HasPrefix(note, "note") && !l.destroying:
		t.Fatalf("%s: note is %q", when, note)
	}
}

// TestCrashAfterShredding: a destroyed job does not come back, at whichever step the
// power fails.
func TestCrashAfterShredding(t *testing.T) {
	s := newSample(t, []byte("document"))
	must(t, s.vault.SetNote(s.job.ID, []byte("note")))
	try(s.vault.shredFile(jobName(s.job.ID)))(t)
	d := s.disk.afterCrash()["kill"]
	v := openMemory(t, d, s.key)
	if len(v.Jobs())+len(v.Damaged())+len(d.fileNamesLeft()) > 0 {
		t.Fatalf("left are %v %v %v", v.Jobs(), v.Damaged(), d.fileNamesLeft())
	}
}

// TestDiskFullAtEachStep lets each step fail and the process continue: the disk is
// full, then it is not.
func TestDiskFullAtEachStep(t *testing.T) {
	t.Parallel()
	key := testKey(t)
	for n := 1; ; n++ {
		d := newMemDisk()
		v, err := openDisk(d, Options{Key: key}, smallSegments)
		must(t, err)
		d.steps, d.failAt, d.failure = 0, n, errDiskFull
		l, err := runJob(v)
		steps := d.steps
		d.failAt = 0
		if !l.committed && (len(v.Jobs()) > 0 || len(d.fileNamesLeft()) > 0) {
			t.Fatalf("step %d: left are %v", n, d.fileNamesLeft())
		}
		if err != nil {
			wantError(t, err, ErrNoSpace)
		}
		if l.committed && !l.destroying {
			must(t, v.SetNote(l.id, []byte("note 2")))
			l.noted, l.noted2 = true, true
		}
		if l.destroying && !l.destroyed {
			must(t, v.Destroy(l.id))
			l.destroyed = true
		}
		must(t, v.Close())
		for how, after := range d.afterCrash() {
			checkAfterCrash(t, fmt.Sprintf("%s after failure of step %d", how, n), after, key, l)
		}
		if steps < n {
			return
		}
	}
}

// TestRefusedCommitStaysAway: a job that was not acknowledged does not come back,
// even if its name was flushed and its removal was not.
func TestRefusedCommitStaysAway(t *testing.T) {
	d := newMemDisk()
	v := openMemory(t, d, testKey(t))
	w := try(v.Create(nil))(t)
	try(w.Write([]byte("document")))(t)
	f := d.files[tmpName(w.ID())]
	d.steps, d.failAt, d.failure = 0, 5+1, syscall.EIO // segment, trailer, footer, flush, rename
	_, err := w.Commit(nil)
	wantError(t, err, syscall.EIO)
	if len(d.fileNamesLeft()) > 0 || len(v.Jobs()) > 0 || !isZero(f.synced[slotsAt:headerSize]) {
		t.Fatal("the job may come back")
	}
}

func TestNoSpace(t *testing.T) {
	d := newMemDisk()
	v := try(openDisk(d, Options{Key: testKey(t), MinFree: 10 << 20}, smallSegments))(t)
	defer v.Close()
	d.space = 10<<20 - 1
	_, err := v.Create(nil)
	wantError(t, err, ErrNoSpace)
	d.space = 40 << 20
	w := try(v.Create(nil))(t)
	block := randomBytes(1, 1<<20)
	for range 100 {
		if _, err = w.Write(block); err != nil {
			break
		}
	}
	wantError(t, err, ErrNoSpace)
	must(t, w.Abort())
	if len(d.fileNamesLeft()) > 0 {
		t.Fatal("something is left")
	}
}
