package vault

import (
	"cmp"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
)

const (
	slotHeadSize = 8 // sequence number and generation
	slotsAt      = pageSize
	slotCount    = 2

	labelShred = "printscout sealed job 1: shred"
)

// slot is one of the two places in a header for the recipients area.
type slot struct {
	index      int // 0 or 1
	sequence   uint32
	generation uint32
	raw        []byte // pageSize bytes
}

// offset returns the slot's offset in a job's file.
func (s slot) offset() int64 { return slotsAt + int64(s.index)*pageSize }

// sealSlot returns a slot with an area: encrypted under the shred key, or in the
// clear for generation 0.
func sealSlot(k shredKey, head [headSize]byte, sequence uint32, area []byte) ([]byte, error) {
	b := make([]byte, 0, pageSize)
	b = binary.BigEndian.AppendUint32(b, sequence)
	b = binary.BigEndian.AppendUint32(b, k.generation)
	if k.generation == 0 {
		b = append(b, make([]byte, nonceSize)...)
		return append(b, area...)[:pageSize], nil
	}
	aead, err := k.newAEAD(head)
	if err != nil {
		return nil, err
	}
	var nonce [nonceSize]byte
	rand.Read(nonce[:])
	b = append(b, nonce[:]...)
	return aead.Seal(b, nonce[:], area, slotData(head, b)), nil
}

// slotData returns what a slot's ciphertext is bound to.
func slotData(head [headSize]byte, slot []byte) []byte {
	return slices.Concat(head[:], slot[:slotHeadSize])
}

// openArea returns the recipients area of the slot.
func (s slot) openArea(keys *shredKeys, head [headSize]byte) ([]byte, error) {
	nonce, body := s.raw[slotHeadSize:slotHeadSize+nonceSize], s.raw[slotHeadSize+nonceSize:]
	if s.generation == 0 {
		if !isZero(nonce) || !isZero(body[areaSize:]) {
			return nil, notAuthentic("slot in the clear")
		}
		return body[:areaSize], nil
	}
	k, ok := keys.keyOf(s.generation)
	if !ok {
		return nil, ErrShredKey
	}
	aead, err := k.newAEAD(head)
	if err != nil {
		return nil, err
	}
	area, err := aead.Open(nil, nonce, body, slotData(head, s.raw))
	if err != nil {
		return nil, notAuthentic("opening recipients")
	}
	return area, nil
}

// parseSlots returns the slots that are not empty, the latest first.
func parseSlots(header []byte) ([]slot, error) {
	var slots []slot
	for i := range slotCount {
		raw := header[slotsAt+i*pageSize:][:pageSize]
		if isZero(raw) {
			continue
		}
		slots = append(slots, slot{
			index: i, raw: raw,
			sequence: binary.BigEndian.Uint32(raw), generation: binary.BigEndian.Uint32(raw[4:]),
		})
	}
	if len(slots) == 0 {
		return nil, errDestroyed
	}
	if len(slots) == slotCount && slots[0].sequence == slots[1].sequence {
		return nil, notAuthentic("two slots of one number")
	}
	slices.SortFunc(slots, func(a, b slot) int { return cmp.Compare(b.sequence, a.sequence) })
	return slots, nil
}

// openHeader checks a header block and unwraps its job key.
func openHeader(b []byte, own *PrivateKey, keys *shredKeys) (head, *jobKey, error) {
	h, slots, err := splitHeader(b)
	if err != nil {
		return head{}, nil, err
	}
	var first error
	for _, s := range slots {
		key, err := s.unwrapJobKey(own, keys, [headSize]byte(b))
		if err == nil {
			return h, key, nil
		}
		first = cmp.Or(first, err)
	}
	return head{}, nil, first
}

func (s slot) unwrapJobKey(own *PrivateKey, keys *shredKeys, head [headSize]byte) (*jobKey, error) {
	area, err := s.openArea(keys, head)
	if err != nil {
		return nil, err
	}
	return openArea(area, own, head)
}

// splitHeader returns the immutable part of a header block and its slots.
func splitHeader(b []byte) (head, []slot, error) {
	h, err := parseHead(b)
	if err != nil {
		return head{}, nil, err
	}
	if len(b) < headerSize {
		return head{}, nil, ErrTruncated
	}
	slots, err := parseSlots(b[:headerSize])
	if err != nil {
		return head{}, nil, err
	}
	if !isZero(b[headSize:pageSize]) {
		return head{}, nil, notAuthentic("padding is not zero")
	}
	return h, slots, nil
}

// sealHeader returns the header block of a new job.
func sealHeader(key *jobKey, to []Recipient, k shredKey) ([]byte, error) {
	area, err := sealArea(key, to)
	if err != nil {
		return nil, err
	}
	first, err := sealSlot(k, key.head, 1, area)
	if err != nil {
		return nil, err
	}
	b := append(make([]byte, 0, headerSize), key.head[:]...)
	return append(b[:pageSize], first...)[:headerSize], nil
}

func (k shredKey) newAEAD(head [headSize]byte) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, k.secret[:], head[:], labelShred, 32)
	if err != nil {
		return nil, fmt.Errorf("deriving key: %w", err)
	}
	defer clear(key)
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
