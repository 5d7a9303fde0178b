package vault

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
)

// rotationVault is a vault with jobs, one of which is destroyed, and their contents.
type rotationVault struct {
	disk *memDisk
	v    *Vault
	key  *PrivateKey
	jobs []Job
	gone []byte // the file of the destroyed one, as it was
	id   uuid.UUID
}

var rotatedDocument = mixed(2<<smallSegments + 9)

func newRotationVault(t *testing.T) rotationVault {
	r := rotationVault{disk: newMemDisk(), key: testKey(t)}
	r.v = try(openDisk(r.disk, Options{Key: r.key, Now: func() time.Time { return time.Unix(50, 0) }}, smallSegments))(t)
	for range 3 {
		r.jobs = append(r.jobs, sealJob(t, r.v, []byte("metadata"), rotatedDocument, nil))
	}
	must(t, r.v.SetNote(r.jobs[0].ID, []byte("note")))
	job := sealJob(t, r.v, nil, rotatedDocument, nil)
	r.gone, r.id = r.disk.fileContents(jobName(job.ID)), job.ID
	must(t, r.v.Destroy(job.ID))
	return r
}

// wantAll requires that every job but the destroyed one is whole.
func (r rotationVault) wantAll(t *testing.T, when string, v *Vault) {
	t.Helper()
	if d := v.Damaged(); len(d) > 0 || len(v.Jobs()) != len(r.jobs) {
		t.Fatalf("%s: %d jobs, damaged are %v", when, len(v.Jobs()), d)
	}
	for _, j := range r.jobs {
		if got, err := readDocument(v, j.ID); err != nil || !bytes.Equal(got, rotatedDocument) {
			t.Fatalf("%s: %v", when, err)
		}
	}
	if j := try(v.Job(r.jobs[0].ID))(t); string(j.Note) != "note" {
		t.Fatalf("%s: the note is %q", when, j.Note)
	}
}

// TestRotation: after a rotation, remnants of a destroyed job are useless even with
// all keys that still exist.
func TestRotation(t *testing.T) {
	r := newRotationVault(t)
	must(t, r.v.RotateShredKey(t.Context()))
	r.wantAll(t, "after the rotation", r.v)
	if k := r.v.shreds.newest(); k.generation != 50 || r.v.shreds.countKeys() != 1 {
		t.Errorf("generation %d of %d", k.generation, r.v.shreds.countKeys())
	}
	if bytes.Contains(r.disk.fileContents(shredName), bytes.Repeat([]byte{0x53}, 8)) {
		t.Error("the old key is still there")
	}
	again := openMemory(t, r.disk, r.key)
	r.wantAll(t, "after a start", again)
	_, _, err := openHeader(r.gone, r.key, again.shreds)
	wantError(t, err, ErrShredKey)
	for _, j := range r.jobs {
		if _, slots, err := splitHeader(r.disk.fileContents(jobName(j.ID))); err != nil || len(slots) != 1 {
			t.Errorf("%d slots are in use, %v", len(slots), err)
		}
	}
}

func TestRotationOnlyAfterDestruction(t *testing.T) {
	r := newRotationVault(t)
	must(t, r.v.RotateShredKey(t.Context()))
	before := r.disk.steps
	must(t, r.v.RotateShredKey(t.Context()))
	if r.disk.steps != before {
		t.Error("it rotated for nothing")
	}
	must(t, r.v.Destroy(r.jobs[2].ID))
	r.jobs = r.jobs[:2]
	must(t, r.v.RotateShredKey(t.Context()))
	if k := r.v.shreds.newest(); k.generation != 51 {
		t.Errorf("generation %d after 50, at the same second", k.generation)
	}
	r.wantAll(t, "after the second", r.v)
}

// TestRotationAfterAJobThatBrokeOff: its wrapped keys were on the disk too.
func TestRotationAfterAJobThatBrokeOff(t *testing.T) {
	r := newRotationVault(t)
	must(t, r.v.RotateShredKey(t.Context()))
	w := try(r.v.Create([]byte("metadata")))(t)
	try(w.Write(rotatedDocument))(t)
	left := r.disk.fileContents(tmpName(w.ID()))
	must(t, w.Abort())
	if _, _, err := openHeader(left, r.key, r.v.shreds); err != nil {
		t.Fatalf("what is left opens only with %v", err)
	}
	must(t, r.v.RotateShredKey(t.Context()))
	_, _, err := openHeader(left, r.key, r.v.shreds)
	wantError(t, err, ErrShredKey)
	r.wantAll(t, "after the rotation", r.v)
}

// TestCrashWhileRotating ends the process, or cuts the power, at each step, with a
// write half done. Every job is whole afterwards, and the next rotation completes.
func TestCrashWhileRotating(t *testing.T) {
	t.Parallel()
	for n, done := 1, false; !done; n++ {
		r := newRotationVault(t)
		must(t, r.disk.syncFolder())
		r.disk.steps, r.disk.failAt, r.disk.failure = 0, n, errCrash
		done = r.v.RotateShredKey(t.Context()) == nil
		for _, how := range slices.Sorted(maps.Keys(r.disk.afterCrash())) {
			when := fmt.Sprintf("%s at step %d", how, n)
			d := r.disk.afterCrash()[how]
			v := openMemory(t, d, r.key)
			r.wantAll(t, when, v)
			must(t, v.RotateShredKey(t.Context()))
			r.wantAll(t, when+", then rotated", v)
			if _, _, err := openHeader(r.gone, r.key, v.shreds); !errors.Is(err, ErrShredKey) {
				t.Fatalf("%s: the destroyed job opens: %v", when, err)
			}
			must(t, v.Close())
		}
	}
}

// TestFailureWhileRotating lets one step fail, and tries again.
func TestFailureWhileRotating(t *testing.T) {
	for n, done := 1, false; !done; n++ {
		r := newRotationVault(t)
		r.disk.steps, r.disk.failAt, r.disk.failure = 0, n, syscall.EIO
		err := r.v.RotateShredKey(t.Context())
		r.disk.failAt = 0
		if done = err == nil; done {
			break
		}
		wantError(t, err, syscall.EIO)
		r.wantAll(t, fmt.Sprintf("step %d failed", n), r.v)
		must(t, r.v.RotateShredKey(t.Context()))
		r.wantAll(t, fmt.Sprintf("step %d failed, then rotated", n), openMemory(t, r.disk, r.key))
		if r.v.shreds.countKeys() != 1 {
			t.Errorf("step %d: %d keys are left", n, r.v.shreds.countKeys())
		}
	}
}

// TestRotationReachesJobsOnTheirWay rotates while a job is being sealed.
func TestRotationReachesJobsOnTheirWay(t *testing.T) {
	r := newRotationVault(t)
	w := try(r.v.Create([]byte("metadata")))(t)
	try(w.Write(rotatedDocument[:5000]))(t)
	must(t, r.v.RotateShredKey(t.Context()))
	try(w.Write(rotatedDocument[5000:]))(t)
	r.jobs = append(r.jobs, try(w.Commit(nil))(t))
	r.wantAll(t, "after the rotation", r.v)
	r.wantAll(t, "after a start", openMemory(t, r.disk, r.key))
}

// TestRotationBesideEverythingElse seals, reads, notes and destroys meanwhile.
func TestRotationBesideEverythingElse(t *testing.T) {
	v := openFolderVault(t, t.TempDir(), testKey(t))
	var work sync.WaitGroup
	for range 4 {
		work.Go(func() {
			for range 15 {
				job := sealJob(t, v, nil, rotatedDocument, nil)
				got, err := readDocument(v, job.ID)
				if err != nil || !bytes.Equal(got, rotatedDocument) {
					t.Errorf("a job is not whole: %v", err)
				}
				if err := errors.Join(v.SetNote(job.ID, []byte("note")), v.Destroy(job.ID)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	kept := sealJob(t, v, nil, rotatedDocument, nil)
	ended := make(chan struct{})
	go func() { work.Wait(); close(ended) }()
	for over := false; !over; {
		select {
		case <-ended:
			over = true
		default:
		}
		must(t, v.RotateShredKey(t.Context()))
		if got, err := readDocument(v, kept.ID); err != nil || !bytes.Equal(got, rotatedDocument) {
			t.Fatalf("a job is not whole: %v", err)
		}
	}
	if len(v.Jobs()) != 1 || len(v.Damaged()) > 0 {
		t.Errorf("%d jobs, damaged are %v", len(v.Jobs()), v.Damaged())
	}
}

func TestShredKeysThatAreLost(t *testing.T) {
	good := newMemDisk().fileContents(shredName)
	half := bytes.Clone(good)
	copy(half[pageSize:], good[:40])
	flipped := bytes.Clone(good)
	flipped[20] ^= 1
	for name, c := range map[string]struct {
		file []byte
		want error // of the job
	}{
		"another half-written": {half, nil},
		"damaged":              {flipped, ErrShredKey},
		"cut":                  {good[:100], ErrShredKey},
		"empty":                {[]byte{}, ErrShredKey},
		"gone":                 {nil, ErrShredKey},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSample(t, []byte("document"))
			must(t, s.vault.Close())
			delete(s.disk.files, shredName)
			if c.file != nil {
				s.disk.putFile(shredName, c.file)
			}
			for range 2 {
				v := openMemory(t, s.disk, s.key)
				switch d := v.Damaged(); {
				case c.want == nil && len(d) == 0:
				case len(d) != 1 || !errors.Is(d[0].Err, c.want) || s.disk.fileContents(jobName(s.job.ID)) == nil:
					t.Fatalf("damaged are %v", d)
				}
				sealJob(t, v, nil, nil, nil)
				if len(v.Jobs()) == 0 {
					t.Error("no job can be sealed")
				}
				must(t, v.Close())
			}
		})
	}
}

// TestShredKeysAreMadeOnce crashes at each step of the first start.
func TestShredKeysAreMadeOnce(t *testing.T) {
	for n, done := 1, false; !done; n++ {
		d := emptyMemDisk()
		d.failAt, d.failure = n, errCrash
		v, err := openDisk(d, Options{Key: testKey(t)}, smallSegments)
		if done = err == nil; done {
			must(t, v.Close())
		}
		for how, d := range d.afterCrash() {
			v := openMemory(t, d, testKey(t))
			if v.shreds.countKeys() != 1 || len(v.Damaged()) != 0 {
				t.Errorf("%s at step %d: %d keys", how, n, v.shreds.countKeys())
			}
			sealJob(t, v, nil, nil, nil)
			must(t, v.Close())
		}
	}
}
