package vault

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
)

// TestSeveralDocuments seals documents of all sizes around a segment's, in
// pieces of all sizes, and reads each from its front and at positions.
func TestSeveralDocuments(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	full := 1 << smallSegments
	sizes := []int{0, 1, full - 1, full, full + 1, 2 * full, 5*full + 7, 0, 3}
	for range 20 {
		v := openMemory(t, newMemDisk(), testKey(t))
		w := try(v.Create(nil))(t)
		var documents [][]byte
		for range 1 + rnd.IntN(6) {
			b := mixed(sizes[rnd.IntN(len(sizes))])
			documents = append(documents, b)
			for len(b) > 0 {
				n := min(len(b), 1+rnd.IntN(2*full))
				try(w.Write(b[:n]))(t)
				b = b[n:]
			}
			must(t, w.EndDocument())
		}
		job := try(w.Commit(nil))(t)
		checkDocuments(t, v, job, documents)
		again := try(v.Job(job.ID))(t)
		checkDocuments(t, v, again, documents)
	}
}

func checkDocuments(t *testing.T, v *Vault, job Job, want [][]byte) {
	t.Helper()
	if len(job.Documents) != len(want) || job.Size != sumSizes(job.Documents) {
		t.Fatalf("documents of %v, %d bytes in all, want %d documents", job.Documents, job.Size, len(want))
	}
	for i, document := range want {
		d := try(v.Document(job.ID, i))(t)
		got := try(io.ReadAll(d))(t)
		if !bytes.Equal(got, document) || d.Size() != int64(len(document)) || job.Documents[i] != d.Size() {
			t.Fatalf("document %d has %d bytes, want %d", i, len(got), len(document))
		}
		must(t, d.Close())
		p := try(v.Positions(job.ID, i))(t)
		for at := 0; at <= len(document); at += 1 + len(document)/7 {
			tail := make([]byte, len(document)-at+1)
			n, err := p.ReadAt(tail, int64(at))
			if !errors.Is(err, io.EOF) || !bytes.Equal(tail[:n], document[at:]) {
				t.Fatalf("document %d at %d: %d bytes, %v", i, at, n, err)
			}
		}
		must(t, p.Close())
	}
	for _, none := range []int{-1, len(want)} {
		_, err := v.Document(job.ID, none)
		wantError(t, err, ErrNotFound)
	}
}

func TestTooManyDocuments(t *testing.T) {
	v := openMemory(t, newMemDisk(), testKey(t))
	w := try(v.Create(nil))(t)
	for range maxDocuments {
		must(t, w.EndDocument())
	}
	wantError(t, w.EndDocument(), ErrTooLarge)
	must(t, w.Abort())
	if len(v.Jobs()) != 0 {
		t.Error("it is there")
	}
}
