package vault_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// A second reader of sealed jobs, written only from docs/sealed-job-format.md. It
// shares nothing with package vault. It holds everything in memory, and reports a
// failure in the words of the page.

type opened struct {
	metadata, summary, note []byte
	documents               [][]byte
}

type failure string

const (
	wrongVersion failure = "version"
	noShredKey   failure = "shred"
	noRecipient  failure = "recipient"
	cutShort     failure = "cut"
	notAuthentic failure = "authentic"
)

// need ends the reading unless something holds.
func need(holds bool, or failure) {
	if !holds {
		panic(or)
	}
}

func readReference(file, note, shreds []byte, id string, private []byte) (o opened, fails failure) {
	defer func() {
		if f, is := recover().(failure); is {
			fails = f
		}
	}()
	return mustRead(file, note, shreds, id, private), ""
}

func mustRead(file, note, shreds []byte, id string, private []byte) (o opened) {
	need(len(file) >= 64, cutShort)
	head := file[:64]
	need(string(head[:8]) == "\xd3SCJOB\r\n", notAuthentic)
	need(head[8] == 1, wrongVersion)
	need(head[37] >= 12 && head[37] <= 20, notAuthentic)
	need(allZero(head[38:]), notAuthentic)
	need(len(file) >= 12288, cutShort)
	jobKey := referenceSlots(file[:12288], shreds, private)
	need(allZero(file[64:4096]), notAuthentic)
	need(hex.EncodeToString(head[9:25]) == strings.ReplaceAll(id, "-", ""), notAuthentic)

	end := len(file) - 16
	need(end >= 12288 && string(file[end+8:]) == "SCJOBEND", cutShort)
	trailerAt64 := binary.BigEndian.Uint64(file[end:])
	need(trailerAt64 <= uint64(end), notAuthentic)
	trailerAt := int(trailerAt64)
	payload := gcm(derive(jobKey, head, "printscout sealed job 1: payload"))
	at := 12288
	o.metadata = record(payload, file[:trailerAt], &at, 1, 0)
	first := at
	at = trailerAt
	trailer := record(payload, file[:end], &at, 4, 0)
	need(at == end, notAuthentic)
	at = first
	o.documents, o.summary = referenceDocuments(payload, file[:trailerAt], at, trailer, 1<<head[37])
	if note != nil {
		o.note = referenceNote(gcm(derive(jobKey, head, "printscout sealed job 1: note")), head, note)
	}
	return o
}

// referenceSlots tries the slot with the higher sequence number, then the other.
func referenceSlots(block, shreds, private []byte) (jobKey []byte) {
	slots := [][]byte{block[4096:8192], block[8192:12288]}
	if binary.BigEndian.Uint32(slots[1]) > binary.BigEndian.Uint32(slots[0]) {
		slots[0], slots[1] = slots[1], slots[0]
	}
	need(!allZero(slots[0]) || !allZero(slots[1]), notAuthentic)
	need(allZero(slots[0]) || allZero(slots[1]) || !bytes.Equal(slots[0][:4], slots[1][:4]), notAuthentic)
	var first failure
	for _, slot := range slots {
		if allZero(slot) {
			continue
		}
		fails := tryReading(func() { jobKey = referenceJobKey(block[:64], referenceArea(block[:64], slot, shreds), private) })
		if fails == "" {
			return jobKey
		}
		if first == "" {
			first = fails
		}
	}
	panic(first)
}

func tryReading(f func()) (fails failure) {
	defer func() { fails, _ = recover().(failure) }()
	f()
	return ""
}

func referenceArea(head, slot, shreds []byte) []byte {
	if binary.BigEndian.Uint32(slot[4:]) == 0 {
		need(allZero(slot[8:20]) && allZero(slot[4080:]), notAuthentic)
		return slot[20:4080]
	}
	for page := range 2 {
		p := shreds[4096*page:][:4096]
		sum := sha256.Sum256(p[:45])
		if string(p[:9]) != "\xd3SCSHR\r\n\x01" || !bytes.Equal(p[45:77], sum[:]) || !bytes.Equal(p[9:13], slot[4:8]) {
			continue
		}
		aead := gcm(derive(p[13:45], head, "printscout sealed job 1: shred"))
		area, err := aead.Open(nil, slot[8:20], slot[20:], append(bytes.Clone(head), slot[:8]...))
		need(err == nil, notAuthentic)
		return area
	}
	panic(noShredKey)
}

func referenceJobKey(head, area, private []byte) []byte {
	count := int(area[0])
	need(count >= 1 && count <= 40, notAuthentic)
	end := 1 + 97*count
	need(allZero(area[end+32:]), notAuthentic)
	kem := hpke.DHKEM(ecdh.X25519())
	pair, err := kem.NewPrivateKey(private)
	if err != nil {
		panic(err)
	}
	own := sha256.Sum256(pair.PublicKey().Bytes())
	var wrapped []byte
	ids := map[string]bool{}
	for i := range count {
		entry := area[1+97*i:][:97]
		need(entry[0] >= 1 && entry[0] <= 3 && !ids[string(entry[1:17])], notAuthentic)
		ids[string(entry[1:17])] = true
		if bytes.Equal(entry[1:17], own[:16]) {
			wrapped = entry[17:]
		}
	}
	need(wrapped != nil, noRecipient)
	info := append([]byte("printscout sealed job 1: wrap"), head...)
	opener, err := hpke.NewRecipient(wrapped[:32], pair, hpke.HKDFSHA256(), hpke.AES256GCM(), info)
	need(err == nil, notAuthentic)
	jobKey, err := opener.Open(nil, wrapped[32:])
	need(err == nil, notAuthentic)
	mac := hmac.New(sha256.New, derive(jobKey, head, "printscout sealed job 1: recipients"))
	mac.Write(area[:end])
	need(hmac.Equal(mac.Sum(nil), area[end:end+32]), notAuthentic)
	return jobKey
}

func referenceDocuments(payload cipher.AEAD, file []byte, at int, trailer []byte, full uint64) (documents [][]byte, summary []byte) {
	need(len(trailer) >= 12, notAuthentic)
	d := uint64(binary.BigEndian.Uint32(trailer))
	need(d >= 1 && d <= 1000 && uint64(len(trailer)) >= 12+8*d, notAuthentic)
	var plains []uint64 // of each segment
	var last []bool     // whether it is its document's last
	empty := make([]bool, d)
	for i := range d {
		size := binary.BigEndian.Uint64(trailer[4+8*i:])
		need(size <= full<<20 && uint64(len(plains))+size/full <= 1<<20, notAuthentic)
		for empty[i] = size == 0; size > 0; size -= plains[len(plains)-1] {
			plains, last = append(plains, min(size, full)), append(last, size <= full)
		}
	}
	count := uint64(binary.BigEndian.Uint32(trailer[4+8*d:]))
	need(count == uint64(len(plains)) && uint64(len(trailer)) >= 12+8*d+4*count, notAuthentic)
	lengths, rest := trailer[8+8*d:][:4*count], trailer[8+8*d+4*count:]
	summary = rest[4:]
	need(len(summary) <= 65536 && uint64(len(summary)) == uint64(binary.BigEndian.Uint32(rest)), notAuthentic)
	sum := uint64(at)
	for i, plain := range plains {
		m := binary.BigEndian.Uint32(lengths[4*i:])
		length := uint64(m &^ (1 << 31))
		need(length > 16 && length <= plain+16 && (length == plain+16) == (m>>31 == 0), notAuthentic)
		sum += 5 + length
	}
	need(sum == uint64(len(file)), notAuthentic)
	next := 0
	for i := range d {
		var document []byte
		for ends := empty[i]; !ends; next++ {
			m := binary.BigEndian.Uint32(lengths[4*next:])
			need(binary.BigEndian.Uint32(file[at+1:]) == m&^(1<<31), notAuthentic)
			plain := record(payload, file, &at, 2+byte(m>>31), uint64(next))
			if m>>31 == 1 {
				plain = unzstd(plain)
			}
			need(uint64(len(plain)) == plains[next], notAuthentic)
			document, ends = append(document, plain...), last[next]
		}
		documents = append(documents, document)
	}
	return documents, summary
}

func record(payload cipher.AEAD, file []byte, at *int, kind byte, index uint64) []byte {
	rest := file[*at:]
	need(len(rest) >= 5 && rest[0] == kind, notAuthentic)
	length := uint64(binary.BigEndian.Uint32(rest[1:]))
	need(uint64(len(rest)) >= 5+length, notAuthentic)
	nonce := make([]byte, 12)
	nonce[0] = kind
	if kind == 3 {
		nonce[0] = 2
	}
	binary.BigEndian.PutUint64(nonce[4:], index)
	plain, err := payload.Open(nil, nonce, rest[5:5+length], rest[:5])
	need(err == nil, notAuthentic)
	*at += int(5 + length)
	return plain
}

func referenceNote(aead cipher.AEAD, head, note []byte) []byte {
	need(len(note) >= 53, cutShort)
	need(string(note[:8]) == "\xd3SCNOT\r\n", notAuthentic)
	need(note[8] == 1, wrongVersion)
	need(len(note) <= 53+16384 && bytes.Equal(note[9:25], head[9:25]), notAuthentic)
	plain, err := aead.Open(nil, note[25:37], note[37:], note[:25])
	need(err == nil, notAuthentic)
	return plain
}

func unzstd(frame []byte) []byte {
	r, err := zstd.NewReader(bytes.NewReader(frame), zstd.WithDecoderConcurrency(1))
	need(err == nil, notAuthentic)
	defer r.Close()
	var b bytes.Buffer
	_, err = r.WriteTo(&b)
	need(err == nil, notAuthentic)
	return b.Bytes()
}

func derive(jobKey, head []byte, info string) []byte {
	key, err := hkdf.Key(sha256.New, jobKey, head, info, 32)
	if err != nil {
		panic(err)
	}
	return key
}

func gcm(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return aead
}

func allZero(b []byte) bool { return bytes.Count(b, []byte{0}) == len(b) }

func TestReferenceReader(t *testing.T) {
	var all struct {
		PrivateKey string `json:"private_key"`
		ShredKeys  string `json:"shred_keys"`
		Vectors    []struct {
			File, ID, Note, Fails, Metadata, Summary, SHA256 string
			NoteText                                         string `json:"note_text"`
			Sizes                                            []int
		}
	}
	if err := json.Unmarshal(testdata(t, "vectors.json"), &all); err != nil {
		t.Fatal(err)
	}
	private, err := hex.DecodeString(all.PrivateKey)
	if err != nil || len(all.Vectors) < 40 {
		t.Fatal(err, len(all.Vectors))
	}
	for _, c := range all.Vectors {
		t.Run(c.File, func(t *testing.T) {
			var note []byte
			if c.Note != "" {
				note = testdata(t, c.Note)
			}
			got, fails := readReference(testdata(t, c.File), note, testdata(t, all.ShredKeys), c.ID, private)
			if string(fails) != c.Fails {
				t.Fatalf("fails as %q, want %q", fails, c.Fails)
			}
			if fails != "" {
				return
			}
			sum := sha256.Sum256(bytes.Join(got.documents, nil))
			var sizes []int
			for _, d := range got.documents {
				sizes = append(sizes, len(d))
			}
			if !slices.Equal(sizes, c.Sizes) || hex.EncodeToString(sum[:]) != c.SHA256 || string(got.metadata) != c.Metadata ||
				string(got.summary) != c.Summary || string(got.note) != c.NoteText {
				t.Fatalf("got %q, %q, %q and documents of %v bytes", got.metadata, got.summary, got.note, sizes)
			}
		})
	}
}

func testdata(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
