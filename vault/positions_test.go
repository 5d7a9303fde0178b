package vault

import (
	"bytes"
	"io"
	"os"
	"sync"
	"testing"
	"testing/iotest"
)

func TestPositions(t *testing.T) {
	for _, size := range []int{0, 1, 4095, 4096, 4097, 50_000} {
		v := openMemory(t, newMemDisk(), testKey(t))
		document := mixed(size)
		job := sealJob(t, v, nil, document, nil)
		p := try(v.Positions(job.ID, 0))(t)
		if p.Size() != int64(size) {
			t.Fatalf("size is %d, want %d", p.Size(), size)
		}
		if err := iotest.TestReader(io.NewSectionReader(p, 0, p.Size()), document); err != nil {
			t.Errorf("%d bytes: %v", size, err)
		}
		wantError(t, v.Destroy(job.ID), ErrInUse)
		must(t, p.Close())
		must(t, v.Destroy(job.ID))
		if size > 0 {
			_, err := p.ReadAt(make([]byte, 1), 0)
			wantError(t, err, os.ErrClosed)
		}
	}
}

func TestPositionsFromManySides(t *testing.T) {
	v := openMemory(t, newMemDisk(), testKey(t))
	document := mixed(60_000)
	job := sealJob(t, v, nil, document, nil)
	p := try(v.Positions(job.ID, 0))(t)
	defer p.Close()
	var readers sync.WaitGroup
	for i := range 8 {
		readers.Go(func() {
			b := make([]byte, 5000)
			for off := i * 1000; off+len(b) <= len(document); off += 7001 {
				if n, err := p.ReadAt(b, int64(off)); err != nil || !bytes.Equal(b[:n], document[off:off+len(b)]) {
					t.Errorf("at %d: %d bytes, %v", off, n, err)
				}
			}
		})
	}
	readers.Wait()
	_, err := p.ReadAt(make([]byte, 1), -1)
	if err == nil {
		t.Error("a negative offset was taken")
	}
}

// A segment that was tampered with is told wherever it is read, and no byte of
// it is given.
func TestPositionsTampered(t *testing.T) {
	s := newSample(t, mixed(30_000))
	pieces := s.pieces(t)
	p := try(s.vault.Positions(s.job.ID, 0))(t)
	s.disk.files[jobName(s.job.ID)].data[len(pieces.head)+len(pieces.area)+len(pieces.metadata)+len(pieces.segments[0])+9] ^= 1
	b := make([]byte, 100)
	must2(t)(p.ReadAt(b, 0))
	n, err := p.ReadAt(b, 4096)
	wantError(t, err, ErrNotAuthentic)
	if n != 0 {
		t.Errorf("%d bytes were given", n)
	}
	must(t, p.Close())
	if len(s.vault.Damaged()) != 1 {
		t.Error("the job is not set aside")
	}
}

func must2(t *testing.T) func(int, error) {
	return func(_ int, err error) { t.Helper(); must(t, err) }
}
