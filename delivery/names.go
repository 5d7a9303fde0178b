package delivery

import (
	"crypto/rand"
	"encoding/hex"
	"strings"

	"github.com/printscout/printscout/internal/ipp"
)

const (
	maxTitle = 200 // bytes; with the token well below the 255 of RFC 8011 §5.1.3
	maxUser  = 127
)

// newToken returns the part of a job's name by which it is found again.
func newToken() string {
	b := make([]byte, 4)
	_, _ = rand.Read(b) // never fails
	return "ps-" + hex.EncodeToString(b)
}

// jobNames are the names that a printer is told of a job and its owner.
type jobNames struct{ title, user string }

func namesOf(doc Document) jobNames {
	return jobNames{title: ipp.Clean(doc.Title, maxTitle), user: ipp.Clean(doc.User, maxUser)}.withDefaults()
}

// withToken returns the job-name with the token.
func (n jobNames) withToken(token string) string { return n.title + " [" + token + "]" }

// plain returns names of letters, digits and little else: some printers refuse
// others (OpenPrinting/cups#1145).
func (n jobNames) plain() jobNames {
	return jobNames{plainText(n.title), plainText(n.user)}.withDefaults()
}

func (n jobNames) withDefaults() jobNames {
	if n.title = strings.TrimSpace(n.title); n.title == "" {
		n.title = "Document"
	}
	if n.user = strings.TrimSpace(n.user); n.user == "" {
		n.user = "anonymous"
	}
	return n
}

func plainText(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == ' ', r == '.', r == '-', r == '_':
			return r
		}
		return -1
	}, s)
}
