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
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// A second reader of sealed jobs, written from docs/sealed-job-format.md alone.
// It shares nothing with package vault. It holds all in memory, and says how a
// file fails by the words of the page.

type opened struct{ metadata, document, summary, note []byte }

type failure string

const (
	wrongVersion failure = "version"
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

func readReference(file, note []byte, id string, private []byte) (o opened, fails failure) {
	defer func() {
		if f, is := recover().(failure); is {
			fails = f
		}
	}()
	return mustRead(file, note, id, private), ""
}

func mustRead(file, note []byte, id string, private []byte) (o opened) {
	need(len(file) >= 64, cutShort)
	head := file[:64]
	need(string(head[:8]) == "\xd3SCJOB\r\n", notAuthentic)
	need(head[8] == 0, wrongVersion)
	need(head[37] >= 12 && head[37] <= 20, notAuthentic)
	need(allZero(head[38:]), notAuthentic)
	need(len(file) >= 4096, cutShort)
	jobKey := referenceJobKey(file[:4096], private)
	need(hex.EncodeToString(head[9:25]) == strings.ReplaceAll(id, "-", ""), notAuthentic)

	end := len(file) - 16
	need(end >= 4096 && string(file[end+8:]) == "SCJOBEND", cutShort)
	trailerAt64 := binary.BigEndian.Uint64(file[end:])
	need(trailerAt64 <= uint64(end), notAuthentic)
	trailerAt := int(trailerAt64)
	payload := gcm(derive(jobKey, head, "printscout sealed job 0: payload"))
	at := 4096
	o.metadata = record(payload, file[:trailerAt], &at, 1, 0)
	first := at
	at = trailerAt
	trailer := record(payload, file[:end], &at, 4, 0)
	need(at == end, notAuthentic)
	at = first
	o.document, o.summary = referenceDocument(payload, file[:trailerAt], at, trailer, 1<<head[37])
	if note != nil {
		o.note = referenceNote(gcm(derive(jobKey, head, "printscout sealed job 0: note")), head, note)
	}
	return o
}

func referenceJobKey(block, private []byte) []byte {
	count := int(block[64])
	need(count >= 1 && count <= 40, notAuthentic)
	end := 65 + 97*count
	need(allZero(block[end+32:]), notAuthentic)
	kem := hpke.DHKEM(ecdh.X25519())
	pair, err := kem.NewPrivateKey(private)
	if err != nil {
		panic(err)
	}
	own := sha256.Sum256(pair.PublicKey().Bytes())
	var wrapped []byte
	ids := map[string]bool{}
	for i := range count {
		entry := block[65+97*i:][:97]
		need(entry[0] >= 1 && entry[0] <= 3 && !ids[string(entry[1:17])], notAuthentic)
		ids[string(entry[1:17])] = true
		if bytes.Equal(entry[1:17], own[:16]) {
			wrapped = entry[17:]
		}
	}
	need(wrapped != nil, noRecipient)
	info := append([]byte("printscout sealed job 0: wrap"), block[:64]...)
	opener, err := hpke.NewRecipient(wrapped[:32], pair, hpke.HKDFSHA256(), hpke.AES256GCM(), info)
	need(err == nil, notAuthentic)
	jobKey, err := opener.Open(nil, wrapped[32:])
	need(err == nil, notAuthentic)
	mac := hmac.New(sha256.New, derive(jobKey, block[:64], "printscout sealed job 0: recipients"))
	mac.Write(block[64:end])
	need(hmac.Equal(mac.Sum(nil), block[end:end+32]), notAuthentic)
	return jobKey
}

func referenceDocument(payload cipher.AEAD, file []byte, at int, trailer []byte, full uint64) (document, summary []byte) {
	need(len(trailer) >= 16, notAuthentic)
	size, count := binary.BigEndian.Uint64(trailer), uint64(binary.BigEndian.Uint32(trailer[8:]))
	need(count <= 1<<20 && uint64(len(trailer)) >= 16+4*count, notAuthentic)
	need(size <= count*full && size > (count-min(count, 1))*full == (count > 0), notAuthentic)
	lengths, rest := trailer[12:12+4*count], trailer[12+4*count:]
	summary = rest[4:]
	need(len(summary) <= 65536 && uint64(len(summary)) == uint64(binary.BigEndian.Uint32(rest)), notAuthentic)
	sum := uint64(at)
	for i := range count {
		m := binary.BigEndian.Uint32(lengths[4*i:])
		plain := min(full, size-i*full)
		length := uint64(m &^ (1 << 31))
		need(length > 16 && length <= plain+16 && (length == plain+16) == (m>>31 == 0), notAuthentic)
		sum += 5 + length
	}
	need(sum == uint64(len(file)), notAuthentic)
	for i := range count {
		m := binary.BigEndian.Uint32(lengths[4*i:])
		need(binary.BigEndian.Uint32(file[at+1:]) == m&^(1<<31), notAuthentic)
		plain := record(payload, file, &at, 2+byte(m>>31), i)
		if m>>31 == 1 {
			plain = unzstd(plain)
		}
		need(uint64(len(plain)) == min(full, size-i*full), notAuthentic)
		document = append(document, plain...)
	}
	return document, summary
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
	need(note[8] == 0, wrongVersion)
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
		Vectors    []struct {
			File, ID, Note, Fails, Metadata, Summary, SHA256 string
			NoteText                                         string `json:"note_text"`
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
			got, fails := readReference(testdata(t, c.File), note, c.ID, private)
			if string(fails) != c.Fails {
				t.Fatalf("fails as %q, want %q", fails, c.Fails)
			}
			if fails != "" {
				return
			}
			sum := sha256.Sum256(got.document)
			if hex.EncodeToString(sum[:]) != c.SHA256 || string(got.metadata) != c.Metadata ||
				string(got.summary) != c.Summary || string(got.note) != c.NoteText {
				t.Fatalf("got %q, %q, %q and %d bytes", got.metadata, got.summary, got.note, len(got.document))
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
