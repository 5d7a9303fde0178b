package vault

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/uuid"
)

var update = flag.Bool("update", false, "make testdata anew")

// vector is one file of testdata, and what a reader must make of it.
type vector struct {
	File     string `json:"file"`
	ID       string `json:"id"`              // the job the file is named for in a vault
	Note     string `json:"note,omitempty"`  // the file of its note
	Fails    string `json:"fails,omitempty"` // version, recipient, cut, authentic; empty if it must open
	When     string `json:"when,omitempty"`  // open or read: before or after the first byte may come out
	Metadata string `json:"metadata,omitempty"`
	Summary  string `json:"summary,omitempty"`
	NoteText string `json:"note_text,omitempty"`
	Size     int    `json:"size"`
	SHA256   string `json:"sha256,omitempty"`
}

type vectors struct {
	PrivateKey string   `json:"private_key"`
	Vectors    []vector `json:"vectors"`
}

var failures = map[string]error{
	"version": ErrVersion, "recipient": ErrNotRecipient, "cut": ErrTruncated, "authentic": ErrNotAuthentic,
}

func TestVectors(t *testing.T) {
	if *update {
		makeVectors(t)
	}
	var all vectors
	must(t, json.Unmarshal(readTestdata(t, "vectors.json"), &all))
	key := try(ParsePrivateKey(try(hex.DecodeString(all.PrivateKey))(t)))(t)
	for _, c := range all.Vectors {
		t.Run(c.File, func(t *testing.T) { checkVector(t, c, key) })
	}
}

func checkVector(t *testing.T, c vector, key *PrivateKey) {
	d := newMemDisk()
	id := uuid.MustParse(c.ID)
	d.put(jobName(id), readTestdata(t, c.File))
	if c.Note != "" {
		d.put(noteName(id), readTestdata(t, c.Note))
	}
	v := openMemory(t, d, key)
	var document []byte
	job, err := v.Job(id)
	switch damaged := v.Damaged(); {
	case len(damaged) > 0:
		err = damaged[0].Err
	case err != nil: // destroyed, and so removed
		_, err = openSealed(memHandle{newMemDisk(), &memFile{data: readTestdata(t, c.File)}}, id, key)
	default:
		document, err = readDocument(v, id)
		if err != nil && c.When != "read" {
			t.Fatalf("fails on reading: %v", err)
		}
	}
	if c.Fails != "" {
		wantError(t, err, failures[c.Fails])
		if got := errors.Is(err, ErrTruncated); got != (c.Fails == "cut") {
			t.Fatalf("error is %v", err)
		}
		return
	}
	must(t, err)
	sum := sha256.Sum256(document)
	if len(document) != c.Size || hex.EncodeToString(sum[:]) != c.SHA256 || string(job.Metadata) != c.Metadata ||
		string(job.Summary) != c.Summary || string(job.Note) != c.NoteText {
		t.Fatalf("got %+v and %d bytes, want %+v", job, len(document), c)
	}
}

func readTestdata(t *testing.T, name string) []byte {
	t.Helper()
	return try(os.ReadFile(filepath.Join("testdata", name)))(t)
}

// maker makes testdata: go test -run TestVectors -update.
type maker struct {
	t   *testing.T
	key *PrivateKey
	all vectors
}

func makeVectors(t *testing.T) {
	m := &maker{t: t, key: fuzzKey(t)}
	m.all.PrivateKey = hex.EncodeToString(m.key.Bytes())
	for _, old := range try(filepath.Glob("testdata/*-*"))(t) {
		must(t, os.Remove(old))
	}
	m.makeGood()
	m.makeBad()
	m.makeLies()
	b := try(json.MarshalIndent(m.all, "", "\t"))(t)
	m.save("vectors.json", append(b, '\n'))
}

func (m *maker) save(name string, b []byte) {
	must(m.t, os.WriteFile(filepath.Join("testdata", name), b, 0o644))
}

func (m *maker) makeGood() {
	m.good("good-empty", smallSegments, nil, nil)
	m.good("good-byte", smallSegments, []byte("x"), nil)
	m.good("good-one-segment", smallSegments, pageText(1<<smallSegments), nil)
	m.good("good-mixed-segments", smallSegments, mixed(3<<smallSegments+77), nil)
	m.good("good-recipients", smallSegments, pageText(5000), []Recipient{
		{RecipientSite, testKey(m.t).Public()}, {RecipientPerson, testKey(m.t).Public()}})
	m.good("good-written-size", defaultSegmentLog, bytes.Repeat([]byte("page "), 1<<17), nil)
}

func (m *maker) good(name string, segmentLog uint8, document []byte, to []Recipient) {
	d := newMemDisk()
	o := Options{Key: m.key, Recipients: func() []Recipient { return to }, Epoch: func() uint32 { return 3 }}
	v := try(openDisk(d, o, segmentLog))(m.t)
	defer v.Close()
	job := sealJob(m.t, v, []byte("metadata of "+name), document, []byte("summary of "+name))
	must(m.t, v.SetNote(job.ID, []byte("note of "+name)))
	m.save(name+".job", d.get(jobName(job.ID)))
	m.save(name+".note", d.get(noteName(job.ID)))
	sum := sha256.Sum256(document)
	m.all.Vectors = append(m.all.Vectors, vector{
		File: name + ".job", ID: job.ID.String(), Note: name + ".note",
		Metadata: string(job.Metadata), Summary: string(job.Summary), NoteText: "note of " + name,
		Size: len(document), SHA256: hex.EncodeToString(sum[:]),
	})
}

func (m *maker) bad(name string, id uuid.UUID, fails, when string, file []byte) {
	m.save("bad-"+name+".job", file)
	m.all.Vectors = append(m.all.Vectors, vector{File: "bad-" + name + ".job", ID: id.String(), Fails: fails, When: when})
}

// makeBad changes a good file from outside.
func (m *maker) makeBad() {
	s := sampleFor(m.t, m.key, slices.Concat(randomBytes(1, 2<<smallSegments), make([]byte, 99)))
	p := s.pieces(m.t)
	id, end := s.job.ID, len(s.file)
	put := func(at int, b ...byte) []byte { return slices.Concat(s.file[:at], b, s.file[at+len(b):]) }
	flip := func(at int) []byte { return put(at, s.file[at]^0x10) }
	cases := []struct {
		name, fails, when string
		file              []byte
	}{
		{"magic", "authentic", "open", flip(0)},
		{"version", "version", "open", put(8, 1)},
		{"id", "authentic", "open", flip(10)},
		{"segment-size", "authentic", "open", put(37, 30)},
		{"reserved", "authentic", "open", put(63, 1)},
		{"count-0", "authentic", "open", put(64, 0)},
		{"count-41", "authentic", "open", put(64, 41)},
		{"kind-of-recipient", "authentic", "open", put(65, 9)},
		{"kind-changed", "authentic", "open", put(65, byte(RecipientSite))},
		{"key-id", "recipient", "open", flip(66)},
		{"encapsulated-key", "authentic", "open", flip(90)},
		{"wrapped-key", "authentic", "open", flip(120)},
		{"mac", "authentic", "open", flip(entriesAt + entrySize)},
		{"padding", "authentic", "open", put(4095, 1)},
		{"destroyed", "authentic", "open", put(headSize, make([]byte, headerSize-headSize)...)},
		{"metadata", "authentic", "open", flip(headerSize + recordHeaderSize)},
		{"metadata-length", "authentic", "open", put(headerSize+1, 0xff, 0xff, 0xff, 0xff)},
		{"segment", "authentic", "read", flip(end - footerSize - len(p.trailer) - 1)},
		{"segment-kind", "authentic", "read", put(headerSize+len(p.metadata), byte(kindZstd))},
		{"trailer", "authentic", "open", flip(end - footerSize - 1)},
		{"footer-offset", "authentic", "open", flip(end - 9)},
		{"footer-beyond", "authentic", "open", put(end-16, 0xff)},
		{"footer-magic", "cut", "open", flip(end - 1)},
		{"cut-head", "cut", "open", s.file[:40]},
		{"cut-header", "cut", "open", s.file[:4000]},
		{"cut-segment", "cut", "open", s.file[:6000]},
		{"cut-footer", "cut", "open", s.file[:end-1]},
		{"appended", "cut", "open", append(slices.Clone(s.file), 0)},
		{"appended-footer", "authentic", "open", append(slices.Clone(s.file), p.footer...)},
	}
	for _, c := range cases {
		m.bad(c.name, id, c.fails, c.when, c.file)
	}
	p.segments[0], p.segments[1] = p.segments[1], p.segments[0]
	m.bad("segments-swapped", id, "authentic", "read", p.join())
	m.bad("renamed", uuid.New(), "authentic", "open", s.file)
	other := sampleFor(m.t, testKey(m.t), nil)
	m.bad("other-recipient", other.job.ID, "recipient", "open", other.file)
}

// makeLies makes files that authenticate and break the rules all the same.
func (m *maker) makeLies() {
	full := 1 << smallSegments
	first := newSegment(kindStored, full+tagSize)
	lies := []struct {
		name, when string
		tell       func(*trailer)
	}{
		{"lie-size", "open", func(t *trailer) { t.size++ }},
		{"lie-huge-size", "open", func(t *trailer) { t.size = -1 }},
		{"lie-no-segments", "open", func(t *trailer) { t.size, t.segments = 0, nil }},
		{"lie-segment-more", "open", func(t *trailer) { t.size += int64(full); t.segments = append(t.segments, first) }},
		{"lie-segment-length", "open", func(t *trailer) { t.segments[0]++ }},
		{"lie-segment-kind", "open", func(t *trailer) { t.segments[1] |= compressedBit }},
		{"lie-summary", "open", func(t *trailer) { t.summary = make([]byte, maxSummary+1) }},
	}
	for _, lie := range lies {
		id, file := m.lie(randomBytes(1, full+50), lie.tell, nil)
		m.bad(lie.name, id, "authentic", lie.when, file)
	}
	frames := map[string]func(*sealer, *workspace){
		"lie-frame-short": func(s *sealer, w *workspace) { m.frame(s, w, kindZstd, full-1) },
		"lie-frame-long":  func(s *sealer, w *workspace) { m.frame(s, w, kindZstd, full+1) },
		"lie-frame-kind":  func(s *sealer, w *workspace) { m.frame(s, w, kindStored, full) },
	}
	for _, name := range slices.Sorted(maps.Keys(frames)) {
		id, file := m.lie(nil, func(t *trailer) { t.size = int64(full) }, frames[name])
		m.bad(name, id, "authentic", "read", file)
	}
	id, file := m.lie(nil, func(t *trailer) { t.size = int64(full) }, func(s *sealer, _ *workspace) {
		must(m.t, s.segment(randomBytes(1, full)))
		must(m.t, s.segment(nil))
	})
	m.bad("lie-empty-segment", id, "authentic", "open", file)
	m.lieHeader("lie-reserved", func(b []byte) { b[headUsed] = 1 }, 1)
	m.lieHeader("lie-segment-size", func(b []byte) { b[37] = maxSegmentLog + 1 }, 1)
	m.lieHeader("lie-recipient-twice", func([]byte) {}, 2)
}

// lieHeader seals an empty job with a header that authenticates and is not allowed.
func (m *maker) lieHeader(name string, change func(head []byte), times int) {
	id := try(uuid.NewV7())(m.t)
	head := head{id: id, segmentLog: smallSegments}.encode()
	change(head[:])
	key := newJobKey(head)
	own := keyID(m.key.public)
	entry := slices.Concat([]byte{byte(RecipientScout)}, own[:], try(key.wrap(m.key.public))(m.t))
	area := append([]byte{byte(times)}, bytes.Repeat(entry, times)...)
	header := slices.Concat(head[:], area, try(key.mac(area))(m.t))
	f := &memFile{data: append(header, make([]byte, headerSize-len(header))...)}
	s := &sealer{vault: openMemory(m.t, newMemDisk(), m.key), file: memHandle{newMemDisk(), f}, records: try(newRecords(key))(m.t)}
	must(m.t, s.record(kindMetadata, nil))
	at := len(f.data)
	must(m.t, s.record(kindTrailer, trailer{}.encode()))
	must(m.t, s.write(encodeFooter(int64(at))))
	m.bad(name, id, "authentic", "open", f.data)
}

// lie seals a job whose trailer is not true, or whose only segment is not.
func (m *maker) lie(document []byte, tell func(*trailer), frame func(*sealer, *workspace)) (uuid.UUID, []byte) {
	d := newMemDisk()
	v := openMemory(m.t, d, m.key)
	w := try(v.Create(nil))(m.t)
	defer w.Abort()
	try(w.Write(document))(m.t)
	must(m.t, w.stopPipe())
	if frame != nil {
		space := try(v.buffers.acquire())(m.t)
		frame(w.sealer, space)
		v.buffers.release(space)
	} else {
		must(m.t, w.sealer.segment(w.buf))
	}
	t := trailer{size: w.size, segments: w.sealer.segments}
	tell(&t)
	at := w.sealer.at
	must(m.t, w.sealer.record(kindTrailer, t.encode()))
	must(m.t, w.sealer.write(encodeFooter(at)))
	return w.id, d.get(tmpName(w.id))
}

// frame writes a segment that the trailer calls compressed, under a record of
// some kind.
func (m *maker) frame(s *sealer, w *workspace, kind recordKind, plain int) {
	frame := w.encoder.EncodeAll(make([]byte, plain), nil)
	s.segments = append(s.segments, newSegment(kindZstd, len(frame)+tagSize))
	must(m.t, s.write(s.records.seal(nil, kind, 0, frame)))
}
