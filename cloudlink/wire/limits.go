package wire

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	maxID      = 64
	maxWord    = 48
	maxFormat  = 100
	maxPrinter = 128
	maxVersion = 64
	maxSession = 128
	maxMessage = 300
)

func (c Challenge) wireForm() (frame, error) {
	if len(c.Nonce) != NonceSize {
		return c, fmt.Errorf("the nonce has %d bytes, not %d", len(c.Nonce), NonceSize)
	}
	return c, nil
}

func (h Hello) wireForm() (frame, error) {
	if len(h.Signature) != ed25519.SignatureSize {
		return h, fmt.Errorf("the signature has %d bytes, not %d", len(h.Signature), ed25519.SignatureSize)
	}
	return h, errors.Join(checkID("scout", h.Scout), checkText("version", h.Version, 0, maxVersion),
		checkText("digest", h.JobsDigest, 1, maxID), checkCount("jobs", int64(h.JobsCount)))
}

func (w Welcome) wireForm() (frame, error) {
	var err error
	w.Now, err = wholeSeconds(w.Now)
	return w, errors.Join(err, checkText("session", w.Session, 0, maxSession))
}

func (r Refused) wireForm() (frame, error) {
	r.Message = clipText(r.Message, maxMessage)
	return r, checkWord("code", r.Code)
}

func (j Job) wireForm() (frame, error) {
	var created, expires, pages error
	j.Created, created = wholeSeconds(j.Created)
	j.Expires, expires = wholeSeconds(j.Expires)
	if j.Pages != nil {
		pages = checkCount("pages", int64(*j.Pages))
	}
	return j, errors.Join(checkID("job", j.ID), checkText("user", j.User, 0, maxID), created, expires, pages,
		checkWord("state", j.State), checkWord("reason", j.Reason), checkText("format", j.Format, 0, maxFormat),
		checkWord("certainty", j.PagesCertainty), checkCount("copies", int64(j.Copies)),
		checkWord("sides", j.Sides), checkWord("color", j.Color), checkCount("size", j.Size))
}

func (g JobGone) wireForm() (frame, error) {
	return g, errors.Join(checkID("job", g.ID), checkWord("reason", g.Reason))
}

func (b JobsBegin) wireForm() (frame, error) { return b, checkCount("jobs", int64(b.Count)) }

func (e JobsEnd) wireForm() (frame, error) { return e, nil }

func (l Leave) wireForm() (frame, error) { return l, nil }

func (o Order) wireForm() (frame, error) {
	var issued, expires error
	o.Issued, issued = wholeSeconds(o.Issued)
	o.Expires, expires = wholeSeconds(o.Expires)
	return o, errors.Join(checkID("order", o.ID), checkID("job", o.Job), checkPrinter(o.Printer),
		checkText("user", o.User, 0, maxID), issued, expires, checkSealed(o.PIN))
}

func (a ResultAck) wireForm() (frame, error) { return a, checkID("order", a.Order) }

func (d DirectoryChanged) wireForm() (frame, error) { return d, nil }

func (d Drain) wireForm() (frame, error) { return d, checkCount("delay", int64(d.DelaySeconds)) }

// wholeSeconds returns t as it goes over the wire: in UTC, in whole seconds,
// in a year that JSON can hold.
func wholeSeconds(t time.Time) (time.Time, error) {
	if t.IsZero() {
		return time.Time{}, nil
	}
	t = t.UTC().Truncate(time.Second)
	if t.Year() < 1 || t.Year() > 9999 {
		return t, errors.New("a time is out of range")
	}
	return t, nil
}

func checkID(what, s string) error {
	if len(s) == 0 || len(s) > maxID {
		return fmt.Errorf("the %s id has %d bytes, not 1 to %d", what, len(s), maxID)
	}
	for _, c := range []byte(s) {
		if !isAlphanumeric(c) && !strings.ContainsRune("._:-", rune(c)) {
			return fmt.Errorf("the %s id has a character that an id cannot have", what)
		}
	}
	return nil
}

func checkWord(what, s string) error {
	if len(s) > maxWord {
		return fmt.Errorf("the %s has %d bytes, more than %d", what, len(s), maxWord)
	}
	for _, c := range []byte(s) {
		if !isAlphanumeric(c) && c != '_' && c != '-' || 'A' <= c && c <= 'Z' {
			return fmt.Errorf("the %s is not a code word", what)
		}
	}
	return nil
}

func isAlphanumeric(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

func checkText(what, s string, least, most int) error {
	if len(s) < least || len(s) > most {
		return fmt.Errorf("the %s has %d bytes, not %d to %d", what, len(s), least, most)
	}
	for _, c := range []byte(s) {
		if c < ' ' || c > '~' {
			return fmt.Errorf("the %s has a character beyond printable ASCII", what)
		}
	}
	return nil
}

// checkPrinter checks a printer's id or name, which a person may have written.
func checkPrinter(s string) error {
	if len(s) == 0 || len(s) > maxPrinter {
		return fmt.Errorf("the printer has %d bytes, not 1 to %d", len(s), maxPrinter)
	}
	if !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		return errors.New("the printer has a character that a name cannot have")
	}
	return nil
}

func checkCount(what string, n int64) error {
	if n < 0 || n > math.MaxInt64/2 {
		return fmt.Errorf("the number of %s is out of range", what)
	}
	return nil
}

// clipText returns s as one clean line of at most most bytes.
func clipText(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	if len(s) <= most {
		return s
	}
	end := most - len("…")
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}
