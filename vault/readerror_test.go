package vault

import (
	"bytes"
	"errors"
	"io"
	"syscall"
	"testing"
	"time"
)

// TestReadError lets the disk fail once in mid-document: what came out is
// true, the error is the disk's, and the job stays where it is.
func TestReadError(t *testing.T) {
	for after := range 5 {
		s := newSample(t, mixed(4<<smallSegments+77))
		d := try(s.vault.Document(s.job.ID, 0))(t)
		s.disk.steps, s.disk.failAt, s.disk.failure = 0, after+1, syscall.EIO
		got, err := io.ReadAll(d)
		s.disk.failAt = 0
		wantError(t, err, syscall.EIO)
		if errors.Is(err, ErrNotAuthentic) || len(got) != after<<smallSegments || !bytes.HasPrefix(s.document, got) {
			t.Errorf("after %d segments: %d bytes, %v", after, len(got), err)
		}
		must(t, d.Close())
		if len(s.vault.Damaged()) > 0 {
			t.Fatalf("set aside for a fault of the disk: %v", s.vault.Damaged())
		}
		if got, err := readDocument(s.vault, s.job.ID); err != nil || !bytes.Equal(got, s.document) {
			t.Errorf("the next time: %v", err)
		}
	}
}

// TestReadErrorAtStart lets each step of a start fail. No job is lost or set
// aside for it; the next start finds it.
func TestReadErrorAtStart(t *testing.T) {
	for n, done := 1, false; !done; n++ {
		s := newSample(t, mixed(20_000))
		must(t, s.vault.SetNote(s.job.ID, []byte("note")))
		must(t, s.vault.Close())
		s.disk.steps, s.disk.failAt, s.disk.failure = 0, n, syscall.EIO
		v, err := openDisk(s.disk, Options{Key: s.key}, smallSegments)
		if done = s.disk.steps < n; err == nil {
			if d := v.Damaged(); !done && (len(d) != 1 || !errors.Is(d[0].Err, syscall.EIO)) {
				t.Errorf("step %d: damaged are %v", n, d)
			}
			must(t, v.Close())
		}
		s.disk.failAt = 0
		v = openMemory(t, s.disk, s.key)
		if got, err := readDocument(v, s.job.ID); err != nil || !bytes.Equal(got, s.document) || string(v.Jobs()[0].Note) != "note" {
			t.Errorf("step %d: %v", n, err)
		}
	}
}

// TestClockThatGoesBack sets it back by an hour between all that is done:
// generations grow, and everything opens.
func TestClockThatGoesBack(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	d, key := newMemDisk(), testKey(t)
	open := func() *Vault {
		return try(openDisk(d, Options{Key: key, Now: func() time.Time { return now }}, smallSegments))(t)
	}
	var kept []Job
	var last uint32
	for range 4 {
		v := open()
		kept = append(kept, sealJob(t, v, nil, rotatedDocument, nil))
		must(t, v.Destroy(sealJob(t, v, nil, nil, nil).ID))
		now = now.Add(-time.Hour)
		must(t, v.RotateShredKey(t.Context()))
		if g := v.shreds.newest().generation; g <= last || v.shreds.countKeys() != 1 {
			t.Errorf("generation %d after %d, of %d", g, last, v.shreds.countKeys())
		} else {
			last = g
		}
		must(t, v.Close())
		v = open()
		for _, j := range kept {
			if got, err := readDocument(v, j.ID); err != nil || !bytes.Equal(got, rotatedDocument) {
				t.Errorf("a job is not whole: %v", err)
			}
		}
		must(t, v.Close())
	}
}
