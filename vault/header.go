package vault

import (
	"crypto/hmac"
	"fmt"
)

const (
	headerSize    = 4096
	keyIDSize     = 16
	entrySize     = 1 + keyIDSize + 32 + jobKeySize + tagSize
	macSize       = 32
	maxRecipients = 40
	entriesAt     = headSize + 1
)

// sealHeader makes the header block of a new job, its key wrapped to each
// recipient once.
func sealHeader(key *jobKey, to []Recipient) ([]byte, error) {
	to = distinct(to)
	if len(to) > maxRecipients {
		return nil, fmt.Errorf("%d recipients: %w", len(to), ErrTooLarge)
	}
	b := append(make([]byte, 0, headerSize), key.head[:]...)
	b = append(b, byte(len(to)))
	for _, r := range to {
		wrapped, err := key.wrap(r.Public)
		if err != nil {
			return nil, fmt.Errorf("wrapping job key: %w", err)
		}
		id := keyID(r.Public)
		b = append(b, byte(r.Kind))
		b = append(b, id[:]...)
		b = append(b, wrapped...)
	}
	sum, err := key.mac(b[headSize:])
	if err != nil {
		return nil, err
	}
	return append(b, sum...)[:headerSize], nil
}

func distinct(to []Recipient) []Recipient {
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

// openHeader checks a header block and unwraps its job key.
func openHeader(b []byte, own *PrivateKey) (head, *jobKey, error) {
	h, err := parseHead(b)
	if err != nil {
		return head{}, nil, err
	}
	if len(b) < headerSize {
		return head{}, nil, ErrTruncated
	}
	area, sum, err := splitArea(b[:headerSize])
	if err != nil {
		return head{}, nil, err
	}
	wrapped, err := findEntry(area, own)
	if err != nil {
		return head{}, nil, err
	}
	key, err := unwrap(own, [headSize]byte(b), wrapped)
	if err != nil {
		return head{}, nil, err
	}
	want, err := key.mac(area)
	if err != nil {
		return head{}, nil, err
	}
	if !hmac.Equal(sum, want) {
		return head{}, nil, notAuthentic("recipients")
	}
	return h, key, nil
}

// splitArea gives what the MAC of the recipients covers, and the MAC.
func splitArea(b []byte) (area, sum []byte, err error) {
	if isZero(b[headSize:]) {
		return nil, nil, errDestroyed
	}
	count := int(b[headSize])
	if count < 1 || count > maxRecipients {
		return nil, nil, notAuthentic("count of recipients out of bounds")
	}
	end := entriesAt + count*entrySize
	if !isZero(b[end+macSize:]) {
		return nil, nil, notAuthentic("padding is not zero")
	}
	return b[headSize:end], b[end : end+macSize], nil
}

// findEntry gives the wrapped key of the reader's own entry.
func findEntry(area []byte, own *PrivateKey) ([]byte, error) {
	var found []byte
	ownID := keyID(own.public)
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
		if id == ownID {
			found = entries[1+keyIDSize : entrySize]
		}
	}
	if found == nil {
		return nil, ErrNotRecipient
	}
	return found, nil
}
