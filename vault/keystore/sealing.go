package keystore

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"slices"
)

// The sealed file, version 1: docs/keystore.md.
const (
	magic       = "\xd3SCKEY\r\n"
	version     = 1
	versionAt   = len(magic)
	keyIDAt     = versionAt + 1
	keyIDSize   = 8
	nonceAt     = keyIDAt + keyIDSize
	nonceSize   = 12
	headSize    = nonceAt + nonceSize
	tagSize     = 16
	maxSealed   = headSize + MaxSecret + tagSize
	infoOfID    = "printscout keystore 1: id"
	infoOfNames = "printscout keystore 1: secret "
)

func isSealed(file []byte) bool { return bytes.HasPrefix(file, []byte(magic)) }

func (k Key) id() []byte { return k.deriveBytes(infoOfID, keyIDSize) }

// deriveBytes returns the output of HKDF-SHA256 (RFC 5869), without salt since
// the key is random.
func (k Key) deriveBytes(info string, size int) []byte {
	out, err := hkdf.Key(sha256.New, k[:], nil, info, size)
	if err != nil {
		panic(err) // only for sizes over 255 hashes
	}
	return out
}

// cipherFor returns AES-256-GCM under a key that is used only for that name.
func (k Key) cipherFor(name string) cipher.AEAD {
	block, err := aes.NewCipher(k.deriveBytes(infoOfNames+name, KeySize))
	if err != nil {
		panic(err) // only for other sizes
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // only for other ciphers
	}
	return gcm
}

// sealSecret returns the sealed file of a secret.
func sealSecret(k Key, name string, secret []byte) []byte {
	head := append([]byte(magic), version)
	head = append(head, k.id()...)
	var nonce [nonceSize]byte
	rand.Read(nonce[:]) // never fails: crypto/rand
	head = append(head, nonce[:]...)
	return k.cipherFor(name).Seal(slices.Clip(head), nonce[:], secret, boundTo(head, name))
}

// boundTo returns what a file authenticates besides the secret.
func boundTo(head []byte, name string) []byte { return append(slices.Clone(head), name...) }

// openSecret opens the sealed file of a secret with whichever of the keys sealed
// it, and returns the index of that key. Its errors are those of a SealedError.
func openSecret(keys []Key, name string, file []byte) (secret []byte, by int, err error) {
	if !isSealed(file) {
		return nil, 0, ErrPlain
	}
	if len(file) <= versionAt {
		return nil, 0, ErrDamaged
	}
	if file[versionAt] != version {
		return nil, 0, ErrVersion
	}
	if len(file) < headSize+tagSize || len(file) > maxSealed {
		return nil, 0, ErrDamaged
	}
	by = slices.IndexFunc(keys, func(k Key) bool { return bytes.Equal(k.id(), file[keyIDAt:nonceAt]) })
	if by < 0 {
		return nil, 0, ErrOtherKey
	}
	head := file[:headSize]
	secret, err = keys[by].cipherFor(name).Open(nil, head[nonceAt:], file[headSize:], boundTo(head, name))
	if err != nil {
		return nil, 0, ErrDamaged
	}
	return secret, by, nil
}
