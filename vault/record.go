package vault

import (
	"crypto/cipher"
	"encoding/binary"
)

const (
	recordHeaderSize = 5
	tagSize          = 16
	recordOverhead   = recordHeaderSize + tagSize
	nonceSize        = 12
)

type recordKind byte

const (
	kindMetadata recordKind = 1
	kindStored   recordKind = 2
	kindZstd     recordKind = 3
	kindTrailer  recordKind = 4
)

// nonceDomain returns the nonce's first byte. Stored and compressed segments
// share one, so that only the index distinguishes segments.
func (k recordKind) nonceDomain() byte {
	if k == kindZstd {
		return byte(kindStored)
	}
	return byte(k)
}

type recordHeader [recordHeaderSize]byte

func newRecordHeader(kind recordKind, ciphertext int) recordHeader {
	var h recordHeader
	h[0] = byte(kind)
	binary.BigEndian.PutUint32(h[1:], uint32(ciphertext))
	return h
}

func (h recordHeader) kind() recordKind { return recordKind(h[0]) }

// size returns the length of the ciphertext including its tag.
func (h recordHeader) size() int64 { return int64(binary.BigEndian.Uint32(h[1:])) }

// records seals and opens the records of one job.
type records struct{ aead cipher.AEAD }

func newRecords(key *jobKey) (records, error) {
	aead, err := key.newAEAD(labelPayload)
	return records{aead}, err
}

// sealRecord writes the record of plain to the start of buf and returns it.
// Plain may lie in buf at recordHeaderSize, and nowhere else in it.
func (r records) sealRecord(buf []byte, kind recordKind, index uint64, plain []byte) []byte {
	h := newRecordHeader(kind, len(plain)+tagSize)
	buf = append(buf[:0], h[:]...)
	nonce := recordNonce(kind, index)
	return r.aead.Seal(buf, nonce[:], plain, h[:])
}

// openRecord authenticates and decrypts a record in place.
func (r records) openRecord(record []byte, index uint64) ([]byte, error) {
	h := recordHeader(record)
	nonce := recordNonce(h.kind(), index)
	body := record[recordHeaderSize:]
	plain, err := r.aead.Open(body[:0], nonce[:], body, h[:])
	if err != nil {
		return nil, notAuthentic("opening record")
	}
	return plain, nil
}

func recordNonce(kind recordKind, index uint64) [nonceSize]byte {
	var n [nonceSize]byte
	n[0] = kind.nonceDomain()
	binary.BigEndian.PutUint64(n[4:], index)
	return n
}
