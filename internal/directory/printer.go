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

// Printer is one entry of a directory: where a printer is reached and what a
// scout must insist on before it sends a document there.
type Printer struct {
	// ID never changes while the printer stays in the directory.
	ID string `json:"id"`
	// Name is what people type and read; unique in the directory, compared without case.
	Name string `json:"name"`
	// Location is free text for people.
	Location string `json:"location,omitempty"`
	// URIs are the printer's addresses, ipps:// before ipp://.
	URIs []string `json:"uris"`
	// Pin is "sha256:" and the base64 (standard, padded) SHA-256 of the
	// printer's DER SubjectPublicKeyInfo, or empty.
	Pin string `json:"pin,omitempty"`
	// Floor is the weakest grade a document may be sent over.
	Floor Grade `json:"floor"`
	// Formats, where not empty, are the document formats (MIME types) the
	// printer takes whatever it says itself.
	Formats []string `json:"formats,omitempty"`
}

// Directory is what a site has signed: every printer its scouts may print at.
type Directory struct {
	// Site is the fingerprint of the site whose directory this is.
	Site string `json:"site"`
	// Epoch is the key epoch of the site root that signed it.
	Epoch uint32 `json:"epoch"`
	// Revision grows by one with each change; a scout never goes back.
	Revision uint64    `json:"revision"`
	Issued   time.Time `json:"issued"`
	Printers []Printer `json:"printers"`
}

// Public is what everybody may know of a site: enough to check what it
// signed and to seal documents to it.
type Public struct {
	Name string `json:"name"`
	// Epoch counts the site's roots, from 1.
	Epoch uint32 `json:"epoch"`
	// Sign is the Ed25519 public key (32 bytes) that signs directories.
	Sign []byte `json:"sign"`
	// Wrap is the X25519 public key (32 bytes) that job keys are wrapped to.
	Wrap []byte `json:"wrap"`
}
