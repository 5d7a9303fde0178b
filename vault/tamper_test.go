package vault

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/printscout/printscout/internal/dev/peers"
)

// sample is one sealed job and what is in it.
type sample struct {
	key      *PrivateKey
	disk     *memDisk
	vault    *Vault
	job      Job
	document []byte
	file     []byte
}

func newSample(t *testing.T, document []byte) sample {
	return sampleFor(t, testKey(t), document)
}

func sampleFor(t *testing.T, key *PrivateKey, document []byte) sample {
	d := newMemDisk()
	v := openMemory(t, d, key)
	job := sealJob(t, v, []byte("metadata"), document, []byte("summary"))
	return sample{key, d, v, job, document, d.fileContents(jobName(job.ID))}
}

func (s sample) wantRefused(t *testing.T, what string, file []byte) error {
	t.Helper()
	_, got, err := readFile(t, file, s.job.ID, s.key)
	wantRefused(t, what, got, s.document, err)
	return err
}

// wantSame wants a file to be read as if it were the sample.
func (s sample) wantSame(t *testing.T, what string, file []byte) {
	t.Helper()
	job, got, err := readFile(t, file, s.job.ID, s.key)
	if err != nil || !bytes.Equal(got, s.document) || string(job.Metadata) != "metadata" {
		t.Fatalf("%s: %v", what, err)
	}
}

func TestEveryFlip(t *testing.T) {
	peers.Short(t, "every bit of a file")
	t.Parallel()
	s := newSample(t, append(make([]byte, 1<<smallSegments), randomBytes(1, 200)...))
	for i := range s.file {
		file := slices.Clone(s.file)
		file[i] ^= 1 << (i % 8)
		if i >= slotsAt+pageSize && i < headerSize {
			s.wantSame(t, fmt.Sprintf("byte %d of the slot that is not in use flipped", i), file)
			continue
		}
		s.wantRefused(t, fmt.Sprintf("byte %d flipped", i), file)
	}
}

func TestEveryTruncation(t *testing.T) {
	peers.Short(t, "every length of a file")
	t.Parallel()
	s := newSample(t, append(make([]byte, 1<<smallSegments), randomBytes(1, 200)...))
	for n := range len(s.file) {
		err := s.wantRefused(t, fmt.Sprintf("cut to %d bytes", n), s.file[:n])
		wantError(t, err, ErrTruncated)
		wantError(t, err, ErrNotAuthentic)
	}
}

func TestAppended(t *testing.T) {
	s := newSample(t, mixed(20_000))
	other := sampleFor(t, s.key, mixed(20_000))
	footer := s.file[len(s.file)-footerSize:]
	tail := s.file[len(s.file)-footerSize-100:]
	for name, more := range map[string][]byte{
		"a zero":           {0},
		"zeros":            make([]byte, 4096),
		"its footer again": footer,
		"its tail again":   tail,
		"itself again":     s.file,
		"another job":      other.file,
	} {
		s.wantRefused(t, name, slices.Concat(s.file, more))
	}
}

// pieces cuts a sealed file into its parts.
type pieces struct {
	head, area, metadata []byte
	segments             [][]byte
	trailer, footer      []byte
}

func (s sample) pieces(t *testing.T) pieces {
	f := memHandle{newMemDisk(), &memFile{data: s.file}}
	sealed := try(openSealed(f, s.job.ID, s.key, testShreds()))(t)
	p := pieces{head: s.file[:headSize], area: s.file[headSize:headerSize], metadata: s.file[headerSize:sealed.first]}
	at := sealed.first
	for _, segment := range sealed.trailer.segments {
		next := at + int64(recordHeaderSize+segment.ciphertextSize())
		p.segments = append(p.segments, s.file[at:next])
		at = next
	}
	end := len(s.file) - footerSize
	p.trailer, p.footer = s.file[at:end], s.file[end:]
	return p
}

func (p pieces) join() []byte {
	return slices.Concat(p.head, p.area, p.metadata, slices.Concat(p.segments...), p.trailer, p.footer)
}

func TestSwaps(t *testing.T) {
	document := randomBytes(3, 5<<smallSegments)
	a := newSample(t, document)
	b := sampleFor(t, a.key, randomBytes(4, len(document)))
	if !bytes.Equal(a.pieces(t).join(), a.file) || len(a.pieces(t).segments) != 5 {
		t.Fatal("the test cannot take a file apart")
	}
	swaps := map[string]func(to *pieces, from pieces){
		"head":                      func(to *pieces, from pieces) { to.head = from.head },
		"recipients":                func(to *pieces, from pieces) { to.area = from.area },
		"header":                    func(to *pieces, from pieces) { to.head, to.area = from.head, from.area },
		"metadata":                  func(to *pieces, from pieces) { to.metadata = from.metadata },
		"first segment":             func(to *pieces, from pieces) { to.segments[0] = from.segments[0] },
		"last segment":              func(to *pieces, from pieces) { to.segments[4] = from.segments[4] },
		"all segments":              func(to *pieces, from pieces) { to.segments = from.segments },
		"trailer":                   func(to *pieces, from pieces) { to.trailer = from.trailer },
		"segments and trailer":      func(to *pieces, from pieces) { to.segments, to.trailer = from.segments, from.trailer },
		"all but the header":        func(to *pieces, from pieces) { from.head, from.area = to.head, to.area; *to = from },
		"all, under the other name": func(to *pieces, from pieces) { *to = from },
		"two segments exchanged": func(to *pieces, _ pieces) {
			to.segments[1], to.segments[2] = to.segments[2], to.segments[1]
		},
		"segment twice":         func(to *pieces, _ pieces) { to.segments[2] = to.segments[1] },
		"segments reversed":     func(to *pieces, _ pieces) { slices.Reverse(to.segments) },
		"segment missing":       func(to *pieces, _ pieces) { to.segments = to.segments[:4] },
		"metadata twice":        func(to *pieces, _ pieces) { to.segments = append([][]byte{to.metadata}, to.segments...) },
		"trailer in the middle": func(to *pieces, _ pieces) { to.segments[0], to.trailer = to.trailer, to.segments[0] },
	}
	for name, swap := range swaps {
		t.Run(name, func(t *testing.T) {
			p := a.pieces(t)
			swap(&p, b.pieces(t))
			wantError(t, a.wantRefused(t, name, p.join()), ErrNotAuthentic)
		})
	}
}

func TestVersion(t *testing.T) {
	s := newSample(t, []byte("document"))
	for _, version := range []byte{0, 2, 255} {
		file := slices.Clone(s.file)
		file[8] = version
		wantError(t, s.wantRefused(t, "version", file), ErrVersion)
		wantError(t, s.wantRefused(t, "short version", file[:headSize]), ErrVersion)
	}
}

func TestDamagedIsSetAside(t *testing.T) {
	key := testKey(t)
	s := sampleFor(t, key, []byte("document"))
	flipped := slices.Clone(s.file)
	flipped[headerSize+20] ^= 1
	version := slices.Clone(s.file)
	version[8] = 2
	cases := map[string]struct {
		file []byte
		key  *PrivateKey
		want error
		name string
	}{
		"not authentic": {flipped, key, ErrNotAuthentic, damagedName(s.job.ID)},
		"cut":           {s.file[:headerSize+54], key, ErrTruncated, damagedName(s.job.ID)},
		"empty":         {nil, key, ErrTruncated, damagedName(s.job.ID)},
		"version":       {version, key, ErrVersion, jobName(s.job.ID)},
		"other key":     {s.file, testKey(t), ErrNotRecipient, jobName(s.job.ID)},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			writeFile(t, dir, lockName, nil)
			writeFile(t, dir, shredName, append(testShredKey().encode(), make([]byte, pageSize)...))
			writeFile(t, dir, jobName(s.job.ID), c.file)
			want := c.want
			for range 2 {
				v := openFolderVault(t, dir, c.key)
				damaged := v.Damaged()
				if len(damaged) != 1 || damaged[0].ID != s.job.ID || len(v.Jobs()) != 0 {
					t.Fatalf("damaged are %v", damaged)
				}
				wantError(t, damaged[0].Err, want)
				if files := jobFiles(t, dir, s.job.ID); len(files) != 1 || filepath.Base(files[0]) != c.name {
					t.Fatalf("files are %v", files)
				}
				must(t, v.Close())
				if errors.Is(want, ErrNotAuthentic) {
					want = ErrNotAuthentic
				}
			}
			v := openFolderVault(t, dir, c.key)
			must(t, v.Destroy(s.job.ID))
			if files := jobFiles(t, dir, s.job.ID); len(files) != 0 || len(v.Damaged()) != 0 {
				t.Fatalf("after destruction: %v, %v", files, v.Damaged())
			}
		})
	}
}

// A segment that does not authenticate shows only when it is read.
func TestDamagedWhileRead(t *testing.T) {
	s := newSample(t, mixed(30_000))
	p := s.pieces(t)
	s.disk.files[jobName(s.job.ID)].data[len(p.head)+len(p.area)+len(p.metadata)+len(p.segments[0])+9] ^= 1
	first := try(s.vault.Document(s.job.ID, 0))(t)
	_, err := readDocument(s.vault, s.job.ID)
	wantError(t, err, ErrNotAuthentic)
	if len(s.vault.Jobs()) != 1 {
		t.Fatal("set aside while somebody reads it")
	}
	wantError(t, s.vault.Destroy(s.job.ID), ErrInUse)
	must(t, first.Close())
	got, err := readDocument(s.vault, s.job.ID)
	wantRefused(t, "flipped while open", got, s.document, err)
	if damaged := s.vault.Damaged(); len(damaged) != 1 || len(s.vault.Jobs()) != 0 || s.disk.fileContents(damagedName(s.job.ID)) == nil {
		t.Fatalf("damaged are %v", damaged)
	}
	_, err = s.vault.Document(s.job.ID, 0)
	wantError(t, err, ErrNotFound)
}

// A file that is cut while it is read ends in an error, not in an end.
func TestCutWhileRead(t *testing.T) {
	s := newSample(t, mixed(30_000))
	d := try(s.vault.Document(s.job.ID, 0))(t)
	defer d.Close()
	s.disk.files[jobName(s.job.ID)].data = s.file[:headerSize+5000]
	var got bytes.Buffer
	_, err := d.WriteTo(&got)
	wantError(t, err, ErrTruncated)
	wantRefused(t, "cut while open", got.Bytes(), s.document, err)
}

func TestRenamedFile(t *testing.T) {
	s := newSample(t, []byte("document"))
	_, got, err := readFile(t, s.file, uuid.New(), s.key)
	wantRefused(t, "renamed", got, s.document, err)
}
