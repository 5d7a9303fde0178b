package vault

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"io"
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
	Fails    string `json:"fails,omitempty"` // version, shred, recipient, cut, authentic; empty if it must open
	When     string `json:"when,omitempty"`  // open or read: before or after the first byte may come out
	Metadata string `json:"metadata,omitempty"`
	Summary  string `json:"summary,omitempty"`
	NoteText string `json:"note_text,omitempty"`
	Sizes    []int  `json:"sizes,omitempty"`  // of its documents
	SHA256   string `json:"sha256,omitempty"` // of all documents, concatenated
}

type vectors struct {
	PrivateKey string   `json:"private_key"`
	ShredKeys  string   `json:"shred_keys"` // the file vault.shred of all of them
	Vectors    []vector `json:"vectors"`
}

var failures = map[string]error{
	"version": ErrVersion, "shred": ErrShredKey, "recipient": ErrNotRecipient, "cut": ErrTruncated, "authentic": ErrNotAuthentic,
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
	d.putFile(jobName(id), readTestdata(t, c.File))
	if c.Note != "" {
		d.putFile(noteName(id), readTestdata(t, c.Note))
	}
	v := openMemory(t, d, key)
	var document []byte
	job, err := v.Job(id)
	switch damaged := v.Damaged(); {
	case len(damaged) > 0:
		err = damaged[0].Err
	case err != nil: // destroyed, and so removed
		_, err = openSealed(memHandle{newMemDisk(), &memFile{data: readTestdata(t, c.File)}}, id, key, testShreds())
	default:
		document, err = readDocuments(v, job)
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
	if !slices.Equal(sizesOf(job), c.Sizes) || hex.EncodeToString(sum[:]) != c.SHA256 || string(job.Metadata) != c.Metadata ||
		string(job.Summary) != c.Summary || string(job.Note) != c.NoteText {
		t.Fatalf("got %+v and %d bytes, want %+v", job, len(document), c)
	}
}

func sizesOf(j Job) (sizes []int) {
	for _, s := range j.Documents {
		sizes = append(sizes, int(s))
	}
	return sizes
}

func readDocuments(v *Vault, j Job) (all []byte, err error) {
	for i := range j.Documents {
		d, err := v.Document(j.ID, i)
		if err != nil {
			return nil, err
		}
		b, err := io.ReadAll(d)
		all = append(all, b...)
		if err = errors.Join(err, d.Close()); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func readTestdata(t *testing.T, name string) []byte {
	t.Helper()
	return try(os.ReadFile(filepath.Join("testdata", name)))(t)
}

// vectorMaker makes testdata: go test -run TestVectors -update.
type vectorMaker struct {
	t   *testing.T
	key *PrivateKey
	all vectors
}

func makeVectors(t *testing.T) {
	m := &vectorMaker{t: t, key: fuzzKey(t)}
	m.all.PrivateKey = hex.EncodeToString(m.key.Bytes())
	m.all.ShredKeys = "vault.shred"
	m.saveFile("vault.shred", newMemDisk().fileContents(shredName))
	for _, old := range try(filepath.Glob("testdata/*-*"))(t) {
		must(t, os.Remove(old))
	}
	m.makeGood()
	m.makeBad()
	m.makeLies()
	b := try(json.MarshalIndent(m.all, "", "\t"))(t)
	m.saveFile("vectors.json", append(b, '\n'))
}

func (m *vectorMaker) saveFile(name string, b []byte) {
	must(m.t, os.WriteFile(filepath.Join("testdata", name), b, 0o644))
}

func (m *vectorMaker) makeGood() {
	full := 1 << smallSegments
	m.addGood("good-empty", smallSegments, nil, nil)
	m.addGood("good-byte", smallSegments, nil, []byte("x"))
	m.addGood("good-one-segment", smallSegments, nil, pageText(full))
	m.addGood("good-mixed-segments", smallSegments, nil, mixed(3*full+77))
	m.addGood("good-documents", smallSegments, nil, pageText(full), nil, []byte("y"), mixed(2*full+1), nil)
	m.addGood("good-recipients", smallSegments, []Recipient{
		{RecipientSite, testKey(m.t).Public()}, {RecipientPerson, testKey(m.t).Public()}}, pageText(5000))
	m.addGood("good-written-size", defaultSegmentLog, nil, bytes.Repeat([]byte("page "), 1<<17))
	m.goodSlots()
}

// goodSlots makes files as they are found after a crash while the recipients
// were replaced.
func (m *vectorMaker) goodSlots() {
	s := sampleFor(m.t, m.key, []byte("document"))
	head, area := [headSize]byte(s.file), m.clearArea(s.file)
	other := try(sealSlot(testShredKey(), head, 2, area))(m.t)
	half := slices.Concat(other[:1000], make([]byte, pageSize-1000))
	gone := try(sealSlot(shredKey{generation: 8}, head, 2, area))(m.t)
	for name, slots := range map[string][]byte{
		"good-slot-b":       slices.Concat(make([]byte, pageSize), other),
		"good-both-slots":   slices.Concat(s.file[slotsAt:][:pageSize], other),
		"good-half-a-slot":  slices.Concat(s.file[slotsAt:][:pageSize], half),
		"good-slot-gone":    slices.Concat(s.file[slotsAt:][:pageSize], gone),
		"good-in-the-clear": slices.Concat(try(sealSlot(shredKey{}, head, 1, area))(m.t), make([]byte, pageSize)),
	} {
		m.saveFile(name+".job", slices.Concat(s.file[:slotsAt], slots, s.file[headerSize:]))
		m.all.Vectors = append(m.all.Vectors, vector{File: name + ".job", ID: s.job.ID.String(),
			Metadata: "metadata", Summary: "summary", Sizes: []int{8}, SHA256: hash([]byte("document"))})
	}
}

// clearArea returns the recipients area of a file in the clear.
func (m *vectorMaker) clearArea(file []byte) []byte {
	_, slots, err := splitHeader(file)
	must(m.t, err)
	return try(slots[0].openArea(testShreds(), [headSize]byte(file)))(m.t)
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func (m *vectorMaker) addGood(name string, segmentLog uint8, to []Recipient, documents ...[]byte) {
	d := newMemDisk()
	o := Options{Key: m.key, Recipients: func() []Recipient { return to }, Epoch: func() uint32 { return 3 }}
	v := try(openDisk(d, o, segmentLog))(m.t)
	defer v.Close()
	w := try(v.Create([]byte("metadata of " + name)))(m.t)
	for _, d := range documents {
		try(w.Write(d))(m.t)
		must(m.t, w.EndDocument())
	}
	job := try(w.Commit([]byte("summary of " + name)))(m.t)
	must(m.t, v.SetNote(job.ID, []byte("note of "+name)))
	m.saveFile(name+".job", d.fileContents(jobName(job.ID)))
	m.saveFile(name+".note", d.fileContents(noteName(job.ID)))
	m.all.Vectors = append(m.all.Vectors, vector{
		File: name + ".job", ID: job.ID.String(), Note: name + ".note",
		Metadata: string(job.Metadata), Summary: string(job.Summary), NoteText: "note of " + name,
		Sizes: sizesOf(job), SHA256: hash(slices.Concat(documents...)),
	})
}

func (m *vectorMaker) addBad(name string, id uuid.UUID, fails, when string, file []byte) {
	m.saveFile("bad-"+name+".job", file)
	m.all.Vectors = append(m.all.Vectors, vector{File: "bad-" + name + ".job", ID: id.String(), Fails: fails, When: when})
}

// makeBad changes a good file from outside.
func (m *vectorMaker) makeBad() {
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
		{"version", "version", "open", put(8, 2)},
		{"version-0", "version", "open", put(8, 0)},
		{"id", "authentic", "open", flip(10)},
		{"segment-size", "authentic", "open", put(37, 30)},
		{"reserved", "authentic", "open", put(63, 1)},
		{"page-padding", "authentic", "open", put(pageSize-1, 1)},
		{"sequence", "authentic", "open", flip(slotsAt + 3)},
		{"generation", "shred", "open", flip(slotsAt + 7)},
		{"nonce", "authentic", "open", flip(slotsAt + slotHeadSize)},
		{"area", "authentic", "open", flip(slotsAt + 200)},
		{"area-tag", "authentic", "open", flip(slotsAt + pageSize - 1)},
		{"slots-exchanged", "authentic", "open", put(slotsAt, slices.Concat(s.file[slotsAt:][:pageSize], s.file[slotsAt:][:pageSize])...)},
		{"destroyed", "authentic", "open", put(slotsAt, make([]byte, slotCount*pageSize)...)},
		{"metadata", "authentic", "open", flip(headerSize + recordHeaderSize)},
		{"metadata-length", "authentic", "open", put(headerSize+1, 0xff, 0xff, 0xff, 0xff)},
		{"segment", "authentic", "read", flip(end - footerSize - len(p.trailer) - 1)},
		{"segment-kind", "authentic", "read", put(headerSize+len(p.metadata), byte(kindZstd))},
		{"trailer", "authentic", "open", flip(end - footerSize - 1)},
		{"footer-offset", "authentic", "open", flip(end - 9)},
		{"footer-beyond", "authentic", "open", put(end-16, 0xff)},
		{"footer-magic", "cut", "open", flip(end - 1)},
		{"cut-head", "cut", "open", s.file[:40]},
		{"cut-header", "cut", "open", s.file[:headerSize-96]},
		{"cut-segment", "cut", "open", s.file[:headerSize+2000]},
		{"cut-footer", "cut", "open", s.file[:end-1]},
		{"appended", "cut", "open", append(slices.Clone(s.file), 0)},
		{"appended-footer", "authentic", "open", append(slices.Clone(s.file), p.footer...)},
	}
	for _, c := range cases {
		m.addBad(c.name, id, c.fails, c.when, c.file)
	}
	p.segments[0], p.segments[1] = p.segments[1], p.segments[0]
	m.addBad("segments-swapped", id, "authentic", "read", p.join())
	m.addBad("renamed", uuid.New(), "authentic", "open", s.file)
	other := sampleFor(m.t, testKey(m.t), nil)
	m.addBad("other-recipient", other.job.ID, "recipient", "open", other.file)
	m.makeBadAreas(s)
}

// makeBadAreas changes a recipients area before it is sealed into its slot.
func (m *vectorMaker) makeBadAreas(s sample) {
	for _, c := range []struct {
		name, fails string
		at          int
		to          byte
	}{
		{"count-0", "authentic", 0, 0},
		{"count-41", "authentic", 0, 41},
		{"kind-of-recipient", "authentic", 1, 9},
		{"kind-changed", "authentic", 1, byte(RecipientSite)},
		{"key-id", "recipient", 2, 0x77},
		{"encapsulated-key", "authentic", 26, 0x77},
		{"wrapped-key", "authentic", 56, 0x77},
		{"mac", "authentic", 1 + entrySize, 0x77},
		{"padding", "authentic", areaSize - 1, 1},
	} {
		area := m.clearArea(s.file)
		if area[c.at] == c.to {
			c.to++
		}
		area[c.at] = c.to
		raw := try(sealSlot(testShredKey(), [headSize]byte(s.file), 1, area))(m.t)
		m.addBad(c.name, s.job.ID, c.fails, "open", slices.Concat(s.file[:slotsAt], raw, s.file[slotsAt+pageSize:]))
	}
}

// makeLies makes files that authenticate and break the rules all the same.
func (m *vectorMaker) makeLies() {
	full := 1 << smallSegments
	first := newSegment(kindStored, full+tagSize)
	lies := []struct {
		name, when string
		tell       func(*trailer)
	}{
		{"lie-size", "open", func(t *trailer) { t.documents[0]++ }},
		{"lie-huge-size", "open", func(t *trailer) { t.documents[0] = -1 }},
		{"lie-no-documents", "open", func(t *trailer) { t.documents = nil }},
		{"lie-many-documents", "open", func(t *trailer) { t.documents = append(t.documents, make([]int64, maxDocuments)...) }},
		{"lie-documents-shifted", "open", func(t *trailer) { t.documents = []int64{10, t.documents[0] - 10} }},
		{"lie-no-segments", "open", func(t *trailer) { t.documents[0], t.segments = 0, nil }},
		{"lie-segment-more", "open", func(t *trailer) { t.documents[0] += int64(full); t.segments = append(t.segments, first) }},
		{"lie-segment-length", "open", func(t *trailer) { t.segments[0]++ }},
		{"lie-segment-kind", "open", func(t *trailer) { t.segments[1] |= compressedBit }},
		{"lie-summary", "open", func(t *trailer) { t.summary = make([]byte, maxSummary+1) }},
	}
	for _, lie := range lies {
		id, file := m.sealLie(randomBytes(1, full+50), lie.tell, nil)
		m.addBad(lie.name, id, "authentic", lie.when, file)
	}
	frames := map[string]func(*sealer, *workspace){
		"lie-frame-short": func(s *sealer, w *workspace) { m.setFrame(s, w, kindZstd, full-1) },
		"lie-frame-long":  func(s *sealer, w *workspace) { m.setFrame(s, w, kindZstd, full+1) },
		"lie-frame-kind":  func(s *sealer, w *workspace) { m.setFrame(s, w, kindStored, full) },
	}
	for _, name := range slices.Sorted(maps.Keys(frames)) {
		id, file := m.sealLie(nil, func(t *trailer) { t.documents[0] = int64(full) }, frames[name])
		m.addBad(name, id, "authentic", "read", file)
	}
	id, file := m.sealLie(nil, func(t *trailer) { t.documents[0] = int64(full) }, func(s *sealer, _ *workspace) {
		must(m.t, s.sealSegment(randomBytes(1, full)))
		must(m.t, s.sealSegment(nil))
	})
	m.addBad("lie-empty-segment", id, "authentic", "open", file)
	m.addHeaderLie("lie-reserved", func(b []byte) { b[headUsed] = 1 }, 1)
	m.addHeaderLie("lie-segment-size", func(b []byte) { b[37] = maxSegmentLog + 1 }, 1)
	m.addHeaderLie("lie-recipient-twice", func([]byte) {}, 2)
}

// addHeaderLie seals an empty job with a header that authenticates and is not allowed.
func (m *vectorMaker) addHeaderLie(name string, change func(head []byte), times int) {
	id := try(uuid.NewV7())(m.t)
	head := head{id: id, segmentLog: smallSegments}.encode()
	change(head[:])
	key := newJobKey(head)
	own := keyID(m.key.public)
	entry := slices.Concat([]byte{byte(RecipientScout)}, own[:], try(key.wrapTo(m.key.public))(m.t))
	area := append([]byte{byte(times)}, bytes.Repeat(entry, times)...)
	area = append(area, try(key.recipientsMAC(area))(m.t)...)
	raw := try(sealSlot(testShredKey(), head, 1, append(area, make([]byte, areaSize-len(area))...)))(m.t)
	f := &memFile{data: slices.Concat(head[:], make([]byte, pageSize-headSize), raw, make([]byte, pageSize))}
	s := &sealer{vault: openMemory(m.t, newMemDisk(), m.key), file: memHandle{newMemDisk(), f}, records: try(newRecords(key))(m.t)}
	must(m.t, s.writeRecord(kindMetadata, nil))
	at := len(f.data)
	must(m.t, s.writeRecord(kindTrailer, trailer{documents: []int64{0}}.encode()))
	must(m.t, s.appendBytes(encodeFooter(int64(at))))
	m.addBad(name, id, "authentic", "open", f.data)
}

// sealLie seals a job whose trailer is not true, or whose only segment is not.
func (m *vectorMaker) sealLie(document []byte, tell func(*trailer), frame func(*sealer, *workspace)) (uuid.UUID, []byte) {
	d := newMemDisk()
	v := openMemory(m.t, d, m.key)
	w := try(v.Create(nil))(m.t)
	defer w.Abort()
	try(w.Write(document))(m.t)
	must(m.t, w.stopPipe())
	if frame != nil {
		space := try(v.buffers.acquireWorkspace())(m.t)
		frame(w.sealer, space)
		v.buffers.releaseWorkspace(space)
	} else {
		must(m.t, w.sealer.sealSegment(w.buf))
	}
	t := trailer{documents: []int64{w.size}, segments: w.sealer.segments}
	tell(&t)
	at := w.sealer.at
	must(m.t, w.sealer.writeRecord(kindTrailer, t.encode()))
	must(m.t, w.sealer.appendBytes(encodeFooter(at)))
	return w.id, d.fileContents(tmpName(w.id))
}

// setFrame writes a segment that the trailer calls compressed, under a record of
// some kind.
func (m *vectorMaker) setFrame(s *sealer, w *workspace, kind recordKind, plain int) {
	frame := w.encoder.EncodeAll(make([]byte, plain), nil)
	s.segments = append(s.segments, newSegment(kindZstd, len(frame)+tagSize))
	must(m.t, s.appendBytes(s.records.sealRecord(nil, kind, 0, frame)))
}
