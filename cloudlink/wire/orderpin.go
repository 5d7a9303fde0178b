package wire

import (
	"crypto/ecdh"
	"crypto/hpke"
	"errors"
	"fmt"
)

// A job's PIN (job-password, PWG 5100.11) is limited, and so is its sealed
// form: an encapsulated key, the PIN after its length, padded to whole blocks,
// and a tag. So the sealed form discloses the length of a PIN only roughly.
const (
	MaxPIN    = 255 // bytes
	pinBlock  = 16
	pinAround = 32 + 16 // X25519 key and AES-GCM tag
	minSealed = pinAround + pinBlock
	maxSealed = pinAround + MaxPIN + 1
)

// pinLabel separates this use of a scout's wrap key from all others.
const pinLabel = "printscout order pin v1\x00"

// ErrPIN means that a sealed PIN is not for this key, order and job.
var ErrPIN = errors.New("the sealed pin does not open")

// SealPIN seals the PIN of a job to a scout's wrap key (X25519, 32 bytes), for
// one order of that job only (docs/protocol.md).
func SealPIN(wrap []byte, order, job, pin string) ([]byte, error) {
	if len(pin) == 0 || len(pin) > MaxPIN {
		return nil, fmt.Errorf("sealing a pin: it has %d bytes, not 1 to %d", len(pin), MaxPIN)
	}
	to, err := pinKEM().NewPublicKey(wrap)
	if err != nil {
		return nil, fmt.Errorf("sealing a pin: %w", err)
	}
	filled := make([]byte, (1+len(pin)+pinBlock-1)/pinBlock*pinBlock)
	filled[0] = byte(len(pin))
	copy(filled[1:], pin)
	sealed, err := hpke.Seal(to, hpke.HKDFSHA256(), hpke.AES256GCM(), pinInfo(order, job), filled)
	if err != nil {
		return nil, fmt.Errorf("sealing a pin: %w", err)
	}
	return sealed, nil
}

// OpenPIN opens what SealPIN made, with the scout's private key (32 bytes), or
// returns ErrPIN.
func OpenPIN(key []byte, order, job string, sealed []byte) ([]byte, error) {
	own, err := pinKEM().NewPrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("opening a pin: %w", err)
	}
	filled, err := hpke.Open(own, hpke.HKDFSHA256(), hpke.AES256GCM(), pinInfo(order, job), sealed)
	if err != nil || len(filled) == 0 || filled[0] == 0 || int(filled[0]) >= len(filled) {
		return nil, ErrPIN
	}
	return filled[1 : 1+int(filled[0])], nil
}

func pinKEM() hpke.KEM { return hpke.DHKEM(ecdh.X25519()) }

// pinInfo binds a sealed PIN to what it is for.
func pinInfo(order, job string) []byte {
	return appendString(appendString([]byte(pinLabel), order), job)
}

func checkSealed(b []byte) error {
	if len(b) != 0 && (len(b) < minSealed || len(b) > maxSealed || len(b)%pinBlock != 0) {
		return fmt.Errorf("the sealed pin has an impossible length of %d bytes", len(b))
	}
	return nil
}
