package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
)

// The labels by which the keys derived from a job key differ.
const (
	labelWrap       = "printscout sealed job 1: wrap"
	labelRecipients = "printscout sealed job 1: recipients"
	labelPayload    = "printscout sealed job 1: payload"
	labelNote       = "printscout sealed job 1: note"
)

const jobKeySize = 32

// jobKey is the key of one job, with the immutable part of the header, to which
// everything derived from the key is bound.
type jobKey struct {
	secret [jobKeySize]byte
	head   [headSize]byte
}

func newJobKey(head [headSize]byte) *jobKey {
	k := &jobKey{head: head}
	rand.Read(k.secret[:])
	return k
}

// eraseSecret overwrites the secret; the key cannot be used afterwards.
func (k *jobKey) eraseSecret() { clear(k.secret[:]) }

func (k *jobKey) deriveKey(label string) ([]byte, error) {
	key, err := hkdf.Key(sha256.New, k.secret[:], k.head[:], label, 32)
	if err != nil {
		return nil, fmt.Errorf("deriving key: %w", err)
	}
	return key, nil
}

func (k *jobKey) newAEAD(label string) (cipher.AEAD, error) {
	key, err := k.deriveKey(label)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func (k *jobKey) recipientsMAC(area []byte) ([]byte, error) {
	key, err := k.deriveKey(labelRecipients)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	h := hmac.New(sha256.New, key)
	h.Write(area)
	return h.Sum(nil), nil
}

// wrapTo encrypts the job key to a public key. It returns the encapsulated key
// and the ciphertext, in this order.
func (k *jobKey) wrapTo(public []byte) ([]byte, error) {
	to, err := kem().NewPublicKey(public)
	if err != nil {
		return nil, err
	}
	return hpke.Seal(to, hpke.HKDFSHA256(), hpke.AES256GCM(), wrapInfo(k.head), k.secret[:])
}

func unwrapJobKey(own *PrivateKey, head [headSize]byte, wrapped []byte) (*jobKey, error) {
	secret, err := hpke.Open(own.pair, hpke.HKDFSHA256(), hpke.AES256GCM(), wrapInfo(head), wrapped)
	if err != nil || len(secret) != jobKeySize {
		return nil, notAuthentic("unwrapping job key")
	}
	defer clear(secret)
	return &jobKey{secret: [jobKeySize]byte(secret), head: head}, nil
}

func wrapInfo(head [headSize]byte) []byte { return append([]byte(labelWrap), head[:]...) }
