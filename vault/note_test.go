package vault

import (
	"fmt"
	"slices"
	"testing"
)

func TestNote(t *testing.T) {
	dir, key := t.TempDir(), testKey(t)
	v := openFolderVault(t, dir, key)
	job := sealJob(t, v, nil, []byte("document"), nil)
	if job.Note != nil {
		t.Fatal("a new job has a note")
	}
	for _, note := range []string{"parked", "", "uncertain: the printer may have it"} {
		must(t, v.SetNote(job.ID, []byte(note)))
		must(t, v.Close())
		v = openFolderVault(t, dir, key)
		if again := try(v.Job(job.ID))(t); again.Note == nil || string(again.Note) != note {
			t.Fatalf("note is %q, want %q", again.Note, note)
		}
	}
	if files := jobFiles(t, dir, job.ID); len(files) != 2 {
		t.Fatal(files)
	}
	must(t, v.Destroy(job.ID))
	if files := jobFiles(t, dir, job.ID); len(files) != 0 {
		t.Fatal(files)
	}
}

// openWithNote opens a vault that holds the job and these bytes as its note.
func (s sample) openWithNote(t *testing.T, note []byte) error {
	t.Helper()
	d := newMemDisk()
	d.putFile(jobName(s.job.ID), s.file)
	d.putFile(noteName(s.job.ID), note)
	v := openMemory(t, d, s.key)
	defer v.Close()
	if damaged := v.Damaged(); len(damaged) > 0 {
		if len(v.Jobs()) > 0 || d.fileContents(noteName(s.job.ID)) == nil {
			t.Fatal("a job is listed without its note, or the note is gone")
		}
		return damaged[0].Err
	}
	return nil
}

func TestNoteTampered(t *testing.T) {
	t.Parallel()
	s := newSample(t, []byte("document"))
	must(t, s.vault.SetNote(s.job.ID, []byte("this is the note")))
	note := s.disk.fileContents(noteName(s.job.ID))
	must(t, s.openWithNote(t, note))
	for i := range note {
		flipped := slices.Clone(note)
		flipped[i] ^= 1 << (i % 8)
		wantRefused(t, fmt.Sprintf("byte %d flipped", i), nil, nil, s.openWithNote(t, flipped))
		wantError(t, s.openWithNote(t, note[:i]), ErrNotAuthentic)
	}
	wantError(t, s.openWithNote(t, append(note, 0)), ErrNotAuthentic)
	wantError(t, s.openWithNote(t, make([]byte, 1<<20)), ErrNotAuthentic)
}

func TestNoteOfAnotherJob(t *testing.T) {
	a := newSample(t, []byte("document"))
	b := sampleFor(t, a.key, []byte("document"))
	must(t, a.vault.SetNote(a.job.ID, []byte("note")))
	must(t, b.vault.SetNote(b.job.ID, []byte("note")))
	note := b.disk.fileContents(noteName(b.job.ID))
	wantError(t, a.openWithNote(t, note), ErrNotAuthentic)
	copy(note[9:], a.job.ID[:])
	wantError(t, a.openWithNote(t, note), ErrNotAuthentic)
}

// The same note is never sealed to the same bytes.
func TestNoteNonce(t *testing.T) {
	s := newSample(t, nil)
	seen := make(map[string]bool)
	for range 100 {
		must(t, s.vault.SetNote(s.job.ID, []byte("note")))
		seen[string(s.disk.fileContents(noteName(s.job.ID))[noteHeadSize:noteHeadSize+nonceSize])] = true
	}
	if len(seen) != 100 {
		t.Fatalf("%d nonces for 100 notes", len(seen))
	}
}
