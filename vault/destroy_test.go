package vault

import (
	"bytes"
	"errors"
	"testing"
)

func TestDestroy(t *testing.T) {
	dir, key := t.TempDir(), testKey(t)
	v := openFolderVault(t, dir, key)
	kept := sealJob(t, v, nil, []byte("kept"), nil)
	job := sealJob(t, v, nil, []byte("document"), nil)
	must(t, v.SetNote(job.ID, []byte("note")))
	d := try(v.Document(job.ID, 0))(t)
	wantError(t, v.Destroy(job.ID), ErrInUse)
	must(t, d.Close())
	must(t, v.Destroy(job.ID))
	if files := jobFiles(t, dir, job.ID); len(files) > 0 {
		t.Fatal(files)
	}
	wantError(t, v.Destroy(job.ID), ErrNotFound)
	wantError(t, v.SetNote(job.ID, nil), ErrNotFound)
	_, err := v.Document(job.ID, 0)
	wantError(t, err, ErrNotFound)
	if jobs := v.Jobs(); len(jobs) != 1 || jobs[0].ID != kept.ID {
		t.Fatal(jobs)
	}
}

// TestCopyAfterOverwriting opens a copy of the file that was made between the
// overwriting and the removal.
func TestCopyAfterOverwriting(t *testing.T) {
	s := newSample(t, mixed(10_000))
	try(s.vault.shredFile(jobName(s.job.ID)))(t)
	copied := s.disk.fileContents(jobName(s.job.ID))
	if len(copied) != len(s.file) || !bytes.Equal(copied[:headSize], s.file[:headSize]) {
		t.Fatal("more than the recipients was overwritten")
	}
	f := memHandle{newMemDisk(), &memFile{data: copied}}
	_, err := openSealed(f, s.job.ID, s.key, testShreds())
	wantError(t, err, ErrNotAuthentic)
	wantError(t, err, errDestroyed)
}

// TestDestroyOrder: the wrapped keys are overwritten and flushed before any file is
// removed.
func TestDestroyOrder(t *testing.T) {
	removed := 0
	for n := 1; n < 12; n++ {
		s := newSample(t, []byte("document"))
		must(t, s.vault.SetNote(s.job.ID, []byte("note")))
		f := s.disk.files[jobName(s.job.ID)]
		s.disk.steps, s.disk.failAt, s.disk.failure = 0, n, errCrash
		_ = s.vault.Destroy(s.job.ID)
		if len(s.disk.fileNamesLeft()) == 2 {
			continue
		}
		removed++
		if !isZero(f.synced[slotsAt:headerSize]) {
			t.Fatalf("crash at step %d: a file is removed, and keys may be left", n)
		}
	}
	if removed == 0 {
		t.Fatal("nothing was ever removed")
	}
}

// TestDestroyCanBeRepeated lets each step fail once. As long as the job is listed it
// can be read; once it is not, Destroy can be called again until nothing is left.
func TestDestroyCanBeRepeated(t *testing.T) {
	for n := 1; ; n++ {
		s := newSample(t, []byte("document"))
		must(t, s.vault.SetNote(s.job.ID, []byte("note")))
		s.disk.steps, s.disk.failAt, s.disk.failure = 0, n, errors.New("broken")
		err := s.vault.Destroy(s.job.ID)
		s.disk.failAt = 0
		if err == nil {
			if n < 8 {
				t.Fatalf("only %d steps", n)
			}
			return
		}
		if len(s.vault.Jobs()) > 0 {
			try(readDocument(s.vault, s.job.ID))(t)
		}
		must(t, s.vault.Destroy(s.job.ID))
		if len(s.disk.fileNamesLeft()) > 0 {
			t.Fatalf("step %d: something is left", n)
		}
	}
}
