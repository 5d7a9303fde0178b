package directory

import (
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
)

const (
	rootSize  = 32
	labelSign = "printscout site v1 sign"
	labelWrap = "printscout site v1 wrap"
	labelPast = "printscout site v1 past"
)

// siteKeys has the keys that are derived from a root in one epoch.
type siteKeys struct {
	sign ed25519.PrivateKey
	wrap *ecdh.PrivateKey
	past []byte // seals the wrap keys of former epochs
}

func deriveKeys(root []byte, epoch uint32) (siteKeys, error) {
	seed, err := deriveKey(root, labelSign, epoch, ed25519.SeedSize)
	if err != nil {
		return siteKeys{}, err
	}
	scalar, err := deriveKey(root, labelWrap, epoch, wrapKeySize)
	if err != nil {
		return siteKeys{}, err
	}
	wrap, err := ecdh.X25519().NewPrivateKey(scalar)
	if err != nil {
		return siteKeys{}, fmt.Errorf("derive wrap key: %w", err)
	}
	past, err := deriveKey(root, labelPast, epoch, pastKeySize)
	if err != nil {
		return siteKeys{}, err
	}
	return siteKeys{sign: ed25519.NewKeyFromSeed(seed), wrap: wrap, past: past}, nil
}

func deriveKey(root []byte, label string, epoch uint32, size int) ([]byte, error) {
	key, err := hkdf.Key(sha256.New, root, nil, string(frameFields(label, u32(epoch))), size)
	if err != nil {
		return nil, fmt.Errorf("derive %s: %w", label, err)
	}
	return key, nil
}

func (k siteKeys) publicPart(name string, epoch uint32) Public {
	return Public{
		Name:  name,
		Epoch: epoch,
		Sign:  k.sign.Public().(ed25519.PublicKey),
		Wrap:  k.wrap.PublicKey().Bytes(),
	}
}
