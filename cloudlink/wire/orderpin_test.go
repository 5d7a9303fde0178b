package wire

import (
	"bytes"
	"crypto/ecdh"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
)

// wrapPair is a scout's wrap key, the same at every run.
func wrapPair(t *testing.T, seed byte) (private, public []byte) {
	t.Helper()
	private = bytes.Repeat([]byte{seed}, 32)
	key, err := ecdh.X25519().NewPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return private, key.PublicKey().Bytes()
}

func TestPINIsSealedToOneOrderOfOneJob(t *testing.T) {
	private, public := wrapPair(t, 1)
	stranger, _ := wrapPair(t, 2)
	sealed, err := SealPIN(public, otherID, someID, "4711")
	if err != nil {
		t.Fatal(err)
	}
	if pin, err := OpenPIN(private, otherID, someID, sealed); err != nil || string(pin) != "4711" {
		t.Fatalf("opened %q, %v", pin, err)
	}
	for name, open := range map[string]func() ([]byte, error){
		"with another key":    func() ([]byte, error) { return OpenPIN(stranger, otherID, someID, sealed) },
		"for another order":   func() ([]byte, error) { return OpenPIN(private, otherID+"1", someID, sealed) },
		"for another job":     func() ([]byte, error) { return OpenPIN(private, otherID, otherID, sealed) },
		"ids moved":           func() ([]byte, error) { return OpenPIN(private, otherID+someID[:1], someID[1:], sealed) },
		"the two exchanged":   func() ([]byte, error) { return OpenPIN(private, someID, otherID, sealed) },
		"cut":                 func() ([]byte, error) { return OpenPIN(private, otherID, someID, sealed[:len(sealed)-16]) },
		"nothing":             func() ([]byte, error) { return OpenPIN(private, otherID, someID, nil) },
		"of another use":      func() ([]byte, error) { return OpenPIN(private, otherID, someID, bytes.Repeat([]byte{9}, 64)) },
		"with a bit turned":   func() ([]byte, error) { return OpenPIN(private, otherID, someID, flipBit(sealed)) },
		"with another length": func() ([]byte, error) { return OpenPIN(private, otherID, someID, append(bytes.Clone(sealed), 0)) },
	} {
		if pin, err := open(); !errors.Is(err, ErrPIN) || pin != nil {
			t.Errorf("%s: opened %q, %v", name, pin, err)
		}
	}
	again, err := SealPIN(public, otherID, someID, "4711")
	if err != nil || bytes.Equal(again, sealed) {
		t.Errorf("the same pin is sealed to the same bytes: %v", err)
	}
}

func flipBit(b []byte) []byte {
	b = bytes.Clone(b)
	b[len(b)/2] ^= 1
	return b
}

// TestEveryLengthOfAPIN wants all of them to come back, in a frame, and only
// their number of blocks to be seen.
func TestEveryLengthOfAPIN(t *testing.T) {
	private, public := wrapPair(t, 1)
	for n := 1; n <= MaxPIN; n++ {
		pin := strings.Repeat("x", n-1) + "\x00"
		sealed, err := SealPIN(public, otherID, someID, pin)
		if err != nil {
			t.Fatal(err)
		}
		if want := minSealed + n/pinBlock*pinBlock; len(sealed) != want {
			t.Errorf("%d bytes are sealed as %d, want %d", n, len(sealed), want)
		}
		o := sampleMessages()["order"].(Order)
		o.PIN = sealed
		frame, err := Encode(o)
		if err != nil {
			t.Fatal(err)
		}
		back, err := Decode(frame)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := OpenPIN(private, otherID, someID, back.(Order).PIN); err != nil || string(got) != pin {
			t.Fatalf("%d bytes came back as %d, %v", n, len(got), err)
		}
	}
	for _, pin := range []string{"", strings.Repeat("x", MaxPIN+1)} {
		if _, err := SealPIN(public, otherID, someID, pin); err == nil || pin != "" && strings.Contains(err.Error(), pin) {
			t.Errorf("%d bytes: %v", len(pin), err)
		}
	}
	if _, err := SealPIN(make([]byte, 32), otherID, someID, "4711"); err == nil {
		t.Error("sealed to a key of low order")
	}
}

// TestSealedPINVector holds what docs/protocol.md says of the bytes.
func TestSealedPINVector(t *testing.T) {
	private, _ := wrapPair(t, 0x42)
	sealed, err := hex.DecodeString(sealedVector)
	if err != nil {
		t.Fatal(err)
	}
	if pin, err := OpenPIN(private, "order-1", "job-1", sealed); err != nil || string(pin) != "4711" {
		t.Errorf("opened %q, %v", pin, err)
	}
}

// sealedVector is "4711" for job-1 of order-1, sealed to the wrap key whose
// private half is 32 × 0x42.
const sealedVector = "72d92acb7fca493383c0450868f9d69297e159025a7abbb716332b461c205463e30fdb5bd4ea06148448c025d317928c9330f108881577fe0232019f8d8ff336"

func FuzzOpenPIN(f *testing.F) {
	private := bytes.Repeat([]byte{0x42}, 32)
	sealed, _ := hex.DecodeString(sealedVector)
	f.Add("order-1", "job-1", sealed)
	f.Fuzz(func(t *testing.T, order, job string, sealed []byte) {
		if pin, err := OpenPIN(private, order, job, sealed); err == nil && (len(pin) == 0 || len(pin) > MaxPIN) {
			t.Errorf("a pin of %d bytes", len(pin))
		}
	})
}
