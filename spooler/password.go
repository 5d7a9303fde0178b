package spooler

import (
	"log/slog"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// Password is what a person must say at the release of a job. It is kept from
// being printed or logged by accident; whoever needs it converts it to a
// string.
type Password string

const hidden = "[not shown]"

func (Password) String() string { return hidden }

// GoString keeps %#v from showing it.
func (Password) GoString() string { return hidden }

// LogValue keeps slog from showing it.
func (Password) LogValue() slog.Value { return slog.StringValue(hidden) }

const (
	passwordName    = "job-password"
	encryptionName  = "job-password-encryption"
	passwordSize    = 255    // octets: PWG 5100.11 §8.4
	plainEncryption = "none" // loopback carries it, and the vault seals it
)

// passwordAttributes are understood where Config.Passwords is set.
var passwordAttributes = map[string]attributeSyntax{
	passwordName:   {tags: []goipp.Tag{goipp.TagString}},
	encryptionName: aKeyword,
}

// readPassword is PWG 5100.11 §7.1. A password is never named in an answer,
// and a job that has one that cannot be kept is not taken.
func (x *ippExchange) readPassword() (Password, error) {
	a, ok := ipp.Find(x.msg.Operation, passwordName)
	if !ok || !x.p.cfg.Passwords {
		return "", nil
	}
	if e := ipp.String(x.msg.Operation, encryptionName); e != plainEncryption {
		r := refuse(goipp.StatusErrorAttributesOrValues, "Passwords encrypted like this are not taken.")
		r.unsupported.Add(ipp.Unsupported(encryptionName))
		return "", r
	}
	b, ok := a.Values[0].V.(goipp.Binary)
	if !ok || len(b) == 0 || len(b) > passwordSize {
		return "", badRequest("The password is too long or too short.")
	}
	return Password(b), nil
}
