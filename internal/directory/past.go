package directory

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"encoding/binary"
	"fmt"
)

const (
	pastKeySize   = 32
	pastEntrySize = 4 + wrapKeySize
	maxPast       = 64 // epochs whose wrap keys are kept
)

// pastKeys is the wrap keys of former epochs as they are in site.json: sealed by a
// key derived from the root.
type pastKeys struct {
	Nonce  []byte `json:"nonce"`
	Sealed []byte `json:"sealed"`
}

// wrapKeys has the private wrap keys of a site by epoch.
type wrapKeys map[uint32]*ecdh.PrivateKey

func (p *pastKeys) validate() error {
	n := len(p.Sealed) - tagSize
	if len(p.Nonce) != nonceSize || n <= 0 || n%pastEntrySize != 0 || n > maxPast*pastEntrySize {
		return malformed("keys of former epochs of the wrong size")
	}
	return nil
}

// sealPast seals the newest of the keys that are older than public's epoch.
func sealPast(k siteKeys, public Public, wraps wrapKeys, nonce []byte) (*pastKeys, error) {
	aead, err := newGCM(k.past)
	if err != nil {
		return nil, err
	}
	var plain []byte
	defer func() { clear(plain) }()
	for epoch := public.Epoch - min(public.Epoch-1, maxPast); epoch < public.Epoch; epoch++ {
		key, ok := wraps[epoch]
		if !ok {
			continue // dropped long ago
		}
		plain = append(append(plain, u32(epoch)...), key.Bytes()...)
	}
	return &pastKeys{Nonce: nonce, Sealed: aead.Seal(nil, nonce, plain, pastIdentity(public))}, nil
}

// openKeys returns the wrap keys of all epochs up to public's. It refuses keys
// whose epochs do not lead up to that one.
func (p *pastKeys) openKeys(k siteKeys, public Public) (wrapKeys, error) {
	wraps := wrapKeys{public.Epoch: k.wrap}
	if p == nil {
		return wraps, nil
	}
	aead, err := newGCM(k.past)
	if err != nil {
		return nil, err
	}
	plain, err := aead.Open(nil, p.Nonce, p.Sealed, pastIdentity(public))
	if err != nil {
		return nil, malformed("keys of former epochs that do not open")
	}
	defer clear(plain)
	count := uint32(len(plain) / pastEntrySize)
	for i := range count {
		entry := plain[i*pastEntrySize : (i+1)*pastEntrySize]
		epoch := binary.BigEndian.Uint32(entry)
		if epoch == 0 || epoch != public.Epoch-count+i {
			return nil, malformed("key of epoch %d out of its place", epoch)
		}
		if wraps[epoch], err = ecdh.X25519().NewPrivateKey(entry[4:]); err != nil {
			return nil, malformed("key of epoch %d: %w", epoch, err)
		}
	}
	return wraps, nil
}

func pastIdentity(p Public) []byte {
	return frameFields("printscout site v2 past", u32(p.Epoch), p.Sign, p.Wrap)
}

func newGCM(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("use a key of the site: %w", err)
	}
	return cipher.NewGCM(block)
}
