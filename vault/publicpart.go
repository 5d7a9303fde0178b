package vault

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// PublicPart is what a server may know of a job's copy, signed by the scout:
// that it exists, its padded size, when it expires, and its owner by a tag that
// means nothing outside the scout's computer.
type PublicPart struct {
	ID      uuid.UUID
	Size    int64             // padded, in bytes
	Expires time.Time         // to the second
	Sum     [sha256.Size]byte // of the copy
	Owner   string            // tag, at most 64 bytes
}

const (
	publicFixed   = 8 + 1 + 16 + 8 + 8 + sha256.Size + 1
	maxOwner      = 64
	publicContext = "printscout cloud copy 1\x00"
)

var publicMagic = [8]byte{0xD3, 'S', 'C', 'P', 'U', 'B', '\r', '\n'}

// ErrPublicPart means that a public part is not what that scout signed.
var ErrPublicPart = errors.New("public part of a job is not authentic")

// Sign encodes a public part with the scout's signature.
func (p PublicPart) Sign(key ed25519.PrivateKey) ([]byte, error) {
	if len(p.Owner) > maxOwner || p.Size < 0 {
		return nil, fmt.Errorf("public part: owner tag of %d bytes, size %d: %w", len(p.Owner), p.Size, ErrTooLarge)
	}
	b := append(make([]byte, 0, publicFixed+len(p.Owner)+ed25519.SignatureSize), publicMagic[:]...)
	b = append(b, formatVersion)
	b = append(b, p.ID[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(p.Size))
	b = binary.BigEndian.AppendUint64(b, uint64(p.Expires.Unix()))
	b = append(b, p.Sum[:]...)
	b = append(b, byte(len(p.Owner)))
	b = append(b, p.Owner...)
	return append(b, ed25519.Sign(key, publicMessage(b))...), nil
}

// OpenPublicPart checks and decodes what Sign made.
func OpenPublicPart(b []byte, scout ed25519.PublicKey) (PublicPart, error) {
	if len(b) < publicFixed+ed25519.SignatureSize || [8]byte(b) != publicMagic {
		return PublicPart{}, ErrPublicPart
	}
	if b[8] != formatVersion {
		return PublicPart{}, fmt.Errorf("version %d: %w", b[8], ErrVersion)
	}
	end := publicFixed + int(b[publicFixed-1])
	if end > publicFixed+maxOwner || len(b) != end+ed25519.SignatureSize || !ed25519.Verify(scout, publicMessage(b[:end]), b[end:]) {
		return PublicPart{}, ErrPublicPart
	}
	p := PublicPart{
		ID: uuid.UUID(b[9:25]), Size: int64(binary.BigEndian.Uint64(b[25:])),
		Expires: time.Unix(int64(binary.BigEndian.Uint64(b[33:])), 0).UTC(),
		Sum:     [sha256.Size]byte(b[41:]), Owner: string(b[publicFixed:end]),
	}
	if p.Size < 0 {
		return PublicPart{}, ErrPublicPart
	}
	return p, nil
}

func publicMessage(b []byte) []byte { return append([]byte(publicContext), b...) }
