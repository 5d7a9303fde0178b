package directory

import (
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/sha256"
	"fmt"
	"time"
)

const (
	siteVersion  = 2
	maxSiteFile  = 256 << 10
	kdfName      = "pbkdf2-hmac-sha256"
	cipherName   = "aes-256-gcm"
	wrapCount    = 600_000
	minWrapCount = 1_000
	maxWrapCount = 10_000_000
	saltSize     = 16
	nonceSize    = 12
	tagSize      = 16
	sealedSize   = rootSize + tagSize
	kekSize      = 32
)

// siteFile is site.json: the root, wrapped by the password, and the keys and
// statements of former epochs.
type siteFile struct {
	Version    int         `json:"v"`
	Created    time.Time   `json:"created"`
	Public     Public      `json:"public"`
	Succession []statement `json:"succession,omitempty"`
	Past       *pastKeys   `json:"past,omitempty"`
	Root       wrappedRoot `json:"root"`
}

type wrappedRoot struct {
	KDF    string `json:"kdf"`
	Count  int    `json:"count"`
	Salt   []byte `json:"salt"`
	Cipher string `json:"cipher"`
	Nonce  []byte `json:"nonce"`
	Sealed []byte `json:"sealed"`
}

func parseSiteFile(data []byte) (siteFile, error) {
	if len(data) > maxSiteFile {
		return siteFile{}, malformed("larger than %d bytes", maxSiteFile)
	}
	var f siteFile
	if err := unmarshalStrict(data, &f); err != nil {
		return siteFile{}, err
	}
	if f.Version != siteVersion {
		return siteFile{}, malformed("version %d, and only version %d is known", f.Version, siteVersion)
	}
	if f.Created.IsZero() || f.Created.Nanosecond() != 0 {
		return siteFile{}, malformed("no time of creation in whole seconds")
	}
	if err := f.Public.Validate(); err != nil {
		return siteFile{}, err
	}
	if err := f.validatePast(); err != nil {
		return siteFile{}, err
	}
	if err := f.Root.validate(); err != nil {
		return siteFile{}, err
	}
	return f, nil
}

// validatePast requires keys and statements of former epochs exactly if there
// were any.
func (f siteFile) validatePast() error {
	first := f.Public.Epoch == 1
	if first != (f.Past == nil) || first != (len(f.Succession) == 0) || len(f.Succession) > maxSuccession {
		return malformed("epoch %d with %d statements of succession", f.Public.Epoch, len(f.Succession))
	}
	if first {
		return nil
	}
	for _, s := range f.Succession {
		if _, _, err := s.decodeParts(); err != nil {
			return err
		}
	}
	return f.Past.validate()
}

func (w wrappedRoot) validate() error {
	switch {
	case w.KDF != kdfName || w.Cipher != cipherName:
		return malformed("root wrapped by %.40q and %.40q, which are not known", w.KDF, w.Cipher)
	case w.Count < minWrapCount || w.Count > maxWrapCount:
		return malformed("count of %d outside %d to %d", w.Count, minWrapCount, maxWrapCount)
	case len(w.Salt) != saltSize || len(w.Nonce) != nonceSize || len(w.Sealed) != sealedSize:
		return malformed("wrapped root of the wrong size")
	}
	return nil
}

func (f siteFile) warnings() []string {
	if f.Root.Count >= wrapCount {
		return nil
	}
	return []string{fmt.Sprintf(
		"the password is protected by %d rounds of PBKDF2 instead of %d: whoever copies site.json can guess it faster; site rotate password fixes that",
		f.Root.Count, wrapCount)}
}

// wrapRoot seals the root into f with new secrets; all other fields of f must be
// set before.
func (f *siteFile) wrapRoot(root []byte, sec wrapping) error {
	f.Root = wrappedRoot{KDF: kdfName, Count: sec.count, Salt: sec.salt, Cipher: cipherName, Nonce: sec.nonce}
	aead, err := f.passwordAEAD(sec.password)
	if err != nil {
		return err
	}
	f.Root.Sealed = aead.Seal(nil, f.Root.Nonce, root, f.boundFields())
	return nil
}

func (f siteFile) unwrapRoot(password string) ([]byte, error) {
	aead, err := f.passwordAEAD(password)
	if err != nil {
		return nil, err
	}
	root, err := aead.Open(nil, f.Root.Nonce, f.Root.Sealed, f.boundFields())
	if err != nil {
		return nil, fmt.Errorf("%w, or site.json was changed", ErrPassword)
	}
	return root, nil
}

// boundFields returns the fields that a wrapped root is bound to: it opens only
// with the same ones.
func (f siteFile) boundFields() []byte {
	past := f.Past
	if past == nil {
		past = new(pastKeys)
	}
	fields := [][]byte{
		[]byte(f.Public.Name), u32(f.Public.Epoch), u64(uint64(f.Created.Unix())), f.Public.Sign, f.Public.Wrap,
		past.Nonce, past.Sealed,
	}
	for _, s := range f.Succession {
		fields = append(fields, []byte(s.Payload), []byte(s.Signature))
	}
	return frameFields("printscout site v2 root", fields...)
}

func (f siteFile) passwordAEAD(password string) (cipher.AEAD, error) {
	plain, err := parsePassword(password)
	if err != nil {
		return nil, err
	}
	kek, err := pbkdf2.Key(sha256.New, plain, f.Root.Salt, f.Root.Count, kekSize)
	if err != nil {
		return nil, fmt.Errorf("derive key from password: %w", err)
	}
	return newGCM(kek)
}
