package vault

import (
	"crypto/hmac"
	"fmt"
)

const (
	pageSize   = 4096
	headerSize = 3 * pageSize // the immutable part and two recipients slots

	keyIDSize     = 16
	entrySize     = 1 + keyIDSize + 32 + jobKeySize + tagSize
	macSize       = 32
	maxRecipients = 40
	areaSize      = pageSize - slotHeadSize - nonceSize - tagSize
)

// sealArea returns the recipients area of a job: its key wrapped to each
// recipient once.
func sealArea(key *jobKey, to []Recipient) ([]byte, error) {
	to = distinctRecipients(to)
	if len(to) > maxRecipients {
		return nil, fmt.Errorf("%d recipients: %w", len(to), ErrTooLarge)
	}
	b := append(make([]byte, 0, areaSize), byte(len(to)))
	for _, r := range to {
		wrapped, err := key.wrapTo(r.Public)
		if err != nil {
			return nil, fmt.Errorf("wrapping job key: %w", err)
		}
		id := keyID(r.Public)
		b = append(b, byte(r.Kind))
		b = append(b, id[:]...)
		b = append(b, wrapped...)
	}
	sum, err := key.recipientsMAC(b)
	if err != nil {
		return nil, err
	}
	return append(b, sum...)[:areaSize], nil
}

func distinctRecipients(to []Recipient) []Recipient {
	seen := make(map[[keyIDSize]byte]bool, len(to))
	kept := make([]Recipient, 0, len(to))
	for _, r := range to {
		if id := keyID(r.Public); !seen[id] {
			seen[id] = true
			kept = append(kept, r)
		}
	}
	return kept
}

// openArea checks a recipients area and unwraps the job key.
func openArea(b []byte, own *PrivateKey, head [headSize]byte) (*jobKey, error) {
	area, sum, err := splitArea(b)
	if err != nil {
		return nil, err
	}
	wrapped, err := findEntry(area, keyID(own.public))
	if err != nil {
		return nil, err
	}
	key, err := unwrapJobKey(own, head, wrapped)
	if err != nil {
		return nil, err
	}
	want, err := key.recipientsMAC(area)
	if err != nil {
		return nil, err
	}
	if !hmac.Equal(sum, want) {
		return nil, notAuthentic("recipients")
	}
	return key, nil
}

// splitArea returns what the MAC of the recipients covers, and the MAC.
func splitArea(b []byte) (area, sum []byte, err error) {
	count := int(b[0])
	if count < 1 || count > maxRecipients {
		return nil, nil, notAuthentic("count of recipients out of bounds")
	}
	end := 1 + count*entrySize
	if !isZero(b[end+macSize:]) {
		return nil, nil, notAuthentic("padding is not zero")
	}
	return b[:end], b[end : end+macSize], nil
}

// findEntry returns the wrapped key of the entry with a key id.
func findEntry(area []byte, own [keyIDSize]byte) ([]byte, error) {
	var found []byte
	seen := make(map[[keyIDSize]byte]bool)
	for entries := area[1:]; len(entries) > 0; entries = entries[entrySize:] {
		id := [keyIDSize]byte(entries[1:])
		if seen[id] {
			return nil, notAuthentic("a recipient occurs twice")
		}
		seen[id] = true
		if kind := RecipientKind(entries[0]); kind < RecipientScout || kind > RecipientPerson {
			return nil, notAuthentic("unknown kind of recipient")
		}
		if id == own {
			found = entries[1+keyIDSize : entrySize]
		}
	}
	if found == nil {
		return nil, ErrNotRecipient
	}
	return found, nil
}
