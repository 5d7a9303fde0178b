package vault

import (
	"bytes"
	"slices"
	"testing"

	"github.com/google/uuid"
)

// fuzzKey is fixed, so that a failing input fails again.
func fuzzKey(tb testing.TB) *PrivateKey {
	return try(ParsePrivateKey(bytes.Repeat([]byte{0x42}, 32)))(tb)
}

// fuzzSample is sealed anew each time; what must hold does not depend on it.
func fuzzSample(tb testing.TB) (*PrivateKey, Job, []byte, []byte) {
	key := fuzzKey(tb)
	d := newMemDisk()
	v := openMemory(tb, d, key)
	job := sealJob(tb, v, []byte("metadata"), mixed(9000), []byte("summary"))
	must(tb, v.SetNote(job.ID, []byte("note")))
	return key, job, d.fileContents(jobName(job.ID)), d.fileContents(noteName(job.ID))
}

func FuzzHeader(f *testing.F) {
	key, _, file, _ := fuzzSample(f)
	f.Add(file[:headerSize])
	f.Add(file[:headSize])
	f.Add([]byte{})
	destroyed := slices.Clone(file[:headerSize])
	clear(destroyed[slotsAt:])
	f.Add(destroyed)
	twice := slices.Clone(file[:headerSize])
	copy(twice[slotsAt+pageSize:], twice[slotsAt:])
	f.Add(twice)
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, _, err := openHeader(b, key, testShreds()); err != nil {
			wantRefused(t, "header", nil, nil, err)
		} else if len(b) < headerSize {
			t.Fatal("took a short header")
		}
	})
}

// FuzzFile changes bytes of a good file: any that is not the file is refused.
func FuzzFile(f *testing.F) {
	key, job, file, _ := fuzzSample(f)
	document := mixed(9000)
	f.Add(uint32(0), uint32(0), []byte{})
	f.Add(uint32(len(file)-footerSize), uint32(8), []byte{0, 0, 0, 0, 0, 0, 0x10, 0})
	f.Add(uint32(headerSize), uint32(5), []byte{4, 0xff, 0xff, 0xff, 0xff})
	f.Add(uint32(100), uint32(len(file)), []byte("short"))
	f.Fuzz(func(t *testing.T, at, cut uint32, put []byte) {
		from := min(int(at), len(file))
		to := min(from+int(cut), len(file))
		changed := slices.Concat(file[:from], put, file[to:])
		_, got, err := readFile(t, changed, job.ID, key)
		if err != nil {
			wantRefused(t, "changed file", got, document, err)
		} else if !bytes.Equal(withoutFreeSlot(changed), withoutFreeSlot(file)) || !bytes.Equal(got, document) {
			t.Fatal("took a changed file")
		}
	})
}

// withoutFreeSlot returns a file without the slot that is not in use.
func withoutFreeSlot(file []byte) []byte {
	if len(file) < headerSize {
		return file
	}
	return slices.Concat(file[:slotsAt+pageSize], file[headerSize:])
}

// FuzzTrailer gives the parser what an authentic file of a bad writer may hold.
func FuzzTrailer(f *testing.F) {
	good := trailer{documents: []int64{4096, 904}, segments: []segment{newSegment(kindStored, 4096+tagSize), newSegment(kindZstd, 100)}, summary: []byte("s")}
	f.Add(good.encode(), uint8(12))
	f.Add(trailer{}.encode(), uint8(18))
	f.Add(bytes.Repeat([]byte{0xff}, 64), uint8(20))
	f.Add(trailer{documents: []int64{-1}, segments: []segment{tagSize - 1}}.encode(), uint8(12))
	f.Fuzz(func(t *testing.T, b []byte, log uint8) {
		size := 1 << (minSegmentLog + log%(maxSegmentLog-minSegmentLog+1))
		got, err := parseTrailer(b, size)
		if err != nil {
			wantError(t, err, ErrNotAuthentic)
			return
		}
		if !bytes.Equal(got.encode(), b) {
			t.Fatal("two trailers mean the same")
		}
		if sumSizes(got.documents) != got.size || got.size < 0 || got.sealedSize() < 0 || got.segmentCount() != int64(len(got.segments)) {
			t.Fatalf("%d documents of %d bytes in %d segments", len(got.documents), got.size, len(got.segments))
		}
	})
}

func FuzzNote(f *testing.F) {
	key, job, file, note := fuzzSample(f)
	_, jobKey, err := openHeader(file[:headerSize], key, testShreds())
	must(f, err)
	f.Add(note)
	f.Add(note[:noteHeadSize])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := openNote(jobKey, job.ID, b)
		if err != nil {
			wantRefused(t, "note", nil, nil, err)
		} else if !bytes.Equal(b, note) || string(got) != "note" {
			t.Fatal("took a changed note")
		}
	})
}

func FuzzFileName(f *testing.F) {
	f.Add("01890a5d-ac96-774b-bcce-b302099a8057.job")
	f.Add("{01890a5d-ac96-774b-bcce-b302099a8057}.job")
	f.Add("..")
	f.Fuzz(func(t *testing.T, name string) {
		id, suffix, ok := parseName(name)
		if ok && id.String()+suffix != name || !ok && id != uuid.Nil && id.String()+suffix == name {
			t.Fatalf("%q is taken for %s of %s", name, suffix, id)
		}
	})
}

// FuzzShredKeys: a page is the key that was written to it, or none.
func FuzzShredKeys(f *testing.F) {
	good := testShredKey().encode()
	f.Add(good)
	f.Add(make([]byte, pageSize))
	f.Fuzz(func(t *testing.T, b []byte) {
		page := append(slices.Clone(b), make([]byte, pageSize)...)[:pageSize]
		if k := parseShredKey(page); k.generation != 0 && !bytes.Equal(k.encode()[:shredUsed], page[:shredUsed]) {
			t.Fatalf("generation %d of another page", k.generation)
		}
	})
}
