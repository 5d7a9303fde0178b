package vault

import (
	"bytes"
	"io"
	"testing"

	"github.com/google/uuid"
)

// benchDocuments are the two ends of what is printed: photographs, which do
// not compress, and page descriptions, which do.
var benchDocuments = []struct {
	name string
	make func() []byte
}{
	{"random", func() []byte { return randomBytes(1, 8<<20) }},
	{"text", func() []byte { return pageText(8 << 20) }},
}

// BenchmarkSeal seals documents of 64 MiB, flushed and renamed into place.
func BenchmarkSeal(b *testing.B) {
	for _, doc := range benchDocuments {
		b.Run(doc.name, func(b *testing.B) {
			block := doc.make()
			v := openFolderVault(b, b.TempDir(), testKey(b))
			b.SetBytes(int64(8 * len(block)))
			for b.Loop() {
				id := sealBlocks(b, v, block, 8)
				b.StopTimer()
				must(b, v.Destroy(id))
				b.StartTimer()
			}
		})
	}
}

// BenchmarkOpen reads them back.
func BenchmarkOpen(b *testing.B) {
	for _, doc := range benchDocuments {
		b.Run(doc.name, func(b *testing.B) {
			block := doc.make()
			v := openFolderVault(b, b.TempDir(), testKey(b))
			id := sealBlocks(b, v, block, 8)
			b.SetBytes(int64(8 * len(block)))
			for b.Loop() {
				d := try(v.Document(id, 0))(b)
				n := try(d.WriteTo(io.Discard))(b)
				must(b, d.Close())
				if n != int64(8*len(block)) {
					b.Fatal(n)
				}
			}
		})
	}
}

// BenchmarkSmall seals jobs of 50 KB, each of them durable.
func BenchmarkSmall(b *testing.B) {
	v := openFolderVault(b, b.TempDir(), testKey(b))
	doc := pageText(50_000)
	for b.Loop() {
		sealBlocks(b, v, doc, 1)
	}
}

// BenchmarkStart opens a vault with 1,000 jobs.
func BenchmarkStart(b *testing.B) {
	dir, key := b.TempDir(), testKey(b)
	v := openFolderVault(b, dir, key)
	for range 1000 {
		id := sealBlocks(b, v, []byte("one page"), 1)
		must(b, v.SetNote(id, []byte("parked")))
	}
	must(b, v.Close())
	for b.Loop() {
		v := openFolderVault(b, dir, key)
		if n := len(v.Jobs()); n != 1000 {
			b.Fatal(n)
		}
		must(b, v.Close())
	}
}

func sealBlocks(tb testing.TB, v *Vault, block []byte, times int) uuid.UUID {
	w := try(v.Create(nil))(tb)
	for range times {
		for r := bytes.NewReader(block); r.Len() > 0; {
			try(io.CopyN(w, r, min(32<<10, int64(r.Len()))))(tb)
		}
	}
	try(w.Commit(nil))(tb)
	return w.ID()
}
