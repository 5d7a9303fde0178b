package directory

import "time"

// Grade is how well the way to a printer is protected, strongest first:
// ipps-pinned, ipps, ipp, raw.
type Grade string

// The grades a way to a printer can have.
const (
	GradePinned Grade = "ipps-pinned" // TLS, and the printer's key is the one in the directory
	GradeIPPS   Grade = "ipps"        // TLS, the certificate accepted by the computer's own roots
	GradeIPP    Grade = "ipp"         // IPP without TLS
	GradeRaw    Grade = "raw"         // a bare stream to port 9100
)

// Printer is one entry of a directory: the addresses of a printer, and what a
// scout must require before it sends a document there.
type Printer struct {
	// ID never changes while the printer stays in the directory.
	ID string `json:"id"`
	// Name is what people type and read; unique in the directory, compared without case.
	Name string `json:"name"`
	// Location is free text for people.
	Location string `json:"location,omitempty"`
	// URIs are the printer's addresses, ipps:// before ipp:// before socket://.
	URIs []string `json:"uris"`
	// Pin is "sha256:" and the base64 (standard, padded) SHA-256 of the
	// printer's DER SubjectPublicKeyInfo, or empty.
	Pin string `json:"pin,omitempty"`
	// Floor is the weakest grade a document may be sent over.
	Floor Grade `json:"floor"`
	// Formats, if not empty, are the document formats (MIME types) that the
	// printer accepts, whatever it says itself.
	Formats []string `json:"formats,omitempty"`
	// UUID is the printer-uuid (RFC 8011 §5.4.28, "urn:uuid:...") that it gave
	// when it was added, or empty. A printer with another one is another printer.
	UUID string `json:"uuid,omitempty"`
	// Serial is the serial number that it gave by SNMP when it was added, or
	// empty. A printer with another one is another printer.
	Serial string `json:"serial,omitempty"`
	// PJL reports whether it answered PJL at its socket:// address.
	PJL bool `json:"pjl,omitempty"`
	// OldTLS allows TLS 1.0 and 1.1, and ciphers that are no longer considered
	// secure, if the printer supports nothing better.
	OldTLS bool `json:"old_tls,omitempty"`
	// NoExpect reports that, when it was added, it did not answer a request with
	// Expect: 100-continue (RFC 9110 §10.1.1) before the body. Without this
	// knowledge each document takes a second longer.
	NoExpect bool `json:"no_expect,omitempty"`
	// TLS is the TLS handshake that it answered when it was added: tls-1.2 or
	// tls-old; empty is the newest. OldTLS says what is allowed.
	TLS string `json:"tls,omitempty"`
	// SNMP is how its state is queried; nil is version 2c, community public.
	SNMP *SNMP `json:"snmp,omitempty"`
}

// SNMP is how a printer is queried by SNMP. Passphrases are not in the directory,
// since every scout and the server may read it: docs/decisions/0009.
type SNMP struct {
	// Version is "1", "2c", "3" or "off".
	Version string `json:"version"`
	// Port is the UDP port; 0 is 161.
	Port int `json:"port,omitempty"`
	// Community is for versions 1 and 2c; empty is public.
	Community string `json:"community,omitempty"`
	// User is the SNMPv3 user; scouts have its passphrases from their
	// administrator.
	User string `json:"user,omitempty"`
	// Auth is MD5, SHA, SHA224, SHA256, SHA384 or SHA512; empty is SHA256.
	Auth string `json:"auth,omitempty"`
	// Priv is DES, AES, AES192, AES256, AES192C or AES256C; empty is AES.
	Priv string `json:"priv,omitempty"`
	// Context is the context name of version 3, empty with most printers.
	Context string `json:"context,omitempty"`
}

// Directory is what a site has signed: every printer its scouts may print at.
type Directory struct {
	// Site is the fingerprint of the site whose directory this is.
	Site string `json:"site"`
	// Epoch is the key epoch of the site root that signed it.
	Epoch uint32 `json:"epoch"`
	// Revision grows by one with each change; a scout never accepts a smaller one.
	Revision uint64    `json:"revision"`
	Issued   time.Time `json:"issued"`
	Printers []Printer `json:"printers"`
}

// Public is the public part of a site: enough to check what the site signed and
// to seal documents to it.
type Public struct {
	Name string `json:"name"`
	// Epoch counts the site's roots, from 1.
	Epoch uint32 `json:"epoch"`
	// Sign is the Ed25519 public key (32 bytes) that signs directories.
	Sign []byte `json:"sign"`
	// Wrap is the X25519 public key (32 bytes) that job keys are wrapped to.
	Wrap []byte `json:"wrap"`
}
