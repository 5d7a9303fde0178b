package vault

import (
	"errors"
	"io"
	"runtime"
	"testing"
)

const (
	memoryDocument = 256 << 20
	memoryLimit    = 16 << 20
)

// A document of 256 MiB goes in and out and the heap does not notice.
func TestMemory(t *testing.T) {
	v := openFolderVault(t, t.TempDir(), testKey(t))
	block := randomBytes(1, 1<<20)
	base := heapInUse()
	w := try(v.Create(nil))(t)
	var most uint64
	for i := range memoryDocument / len(block) {
		try(w.Write(block))(t)
		if i%8 == 0 {
			most = max(most, heapInUse())
		}
	}
	job := try(w.Commit(nil))(t)
	d := try(v.Document(job.ID, 0))(t)
	defer d.Close()
	for err := error(nil); !errors.Is(err, io.EOF); most = max(most, heapInUse()) {
		if _, err = io.CopyN(io.Discard, d, 8<<20); err != nil && !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
	}
	if most > base+memoryLimit {
		t.Fatalf("heap grew by %d MiB", (most-base)>>20)
	}
}

func heapInUse() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}

func TestBuffersForget(t *testing.T) {
	b := newBuffers(smallSegments)
	p := append(b.takeSegment(), "plaintext"...)
	b.giveBackSegment(p)
	if !isZero(p) {
		t.Fatal("plaintext stays in a pooled buffer")
	}
}
