package spooler

import (
	"log/slog"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// Password is what a person must enter at the release of a job. The type keeps
// it from being printed or logged by accident; convert it to a string to read
// it.
type Password string

const hiddenPassword = "[not shown]"

func (Password) String() string { return hiddenPassword }

// GoString keeps %#v from showing it.
func (Password) GoString() string { return hiddenPassword }

// LogValue keeps slog from showing it.
func (Password) LogValue() slog.Value { return slog.StringValue(hiddenPassword) }

const (
	passwordName    = "job-password"
	encryptionName  = "job-password-encryption"
	passwordSize    = 255    // octets: PWG 5100.11 §8.4
	plainEncryption = "none" // it travels only on loopback, and the vault seals it
)

// passwordAttributes lists what is understood where Config.Passwords is set.
var passwordAttributes = map[string]attributeSyntax{
	passwordName:   {tags: []goipp.Tag{goipp.TagString}},
	encryptionName: aKeyword,
}

// readPassword is PWG 5100.11 §7.1. A password is never repeated in a response,
// and a job with one that cannot be kept is refused.
func (x *ippExchange) readPassword() (Password, error) {
	a, ok := ipp.Find(x.msg.Operation, passwordName)
	if !ok || !x.p.cfg.Passwords {
		return "", nil
	}
	if e := ipp.String(x.msg.Operation, encryptionName); e != plainEncryption {
		r := refuse(goipp.StatusErrorAttributesOrValues, "This encryption of passwords is not supported.")
		r.unsupported.Add(ipp.Unsupported(encryptionName))
		return "", r
	}
	b, ok := a.Values[0].V.(goipp.Binary)
	if !ok || len(b) == 0 || len(b) > passwordSize {
		return "", badRequest("The password is too long or too short.")
	}
	return Password(b), nil
}
