package directory

import (
	"regexp"
	"slices"
	"strings"
)

// Limits of an entry; lengths in bytes.
const (
	maxName     = 127
	maxLocation = 255
	maxURIs     = 8
	maxURI      = 1023 // RFC 8011 §5.1.6
	maxFormats  = 32
	maxFormat   = 127
	maxSerial   = 127
)

var (
	idPattern     = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
	uuidPattern   = regexp.MustCompile(`^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`) // RFC 9562 §4
	formatPattern = regexp.MustCompile(`^[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+$`)        // RFC 6838 §4.2
)

// NewPrinter returns an entry without an id, its URIs sorted ipps:// before
// ipp:// before socket://. An empty floor becomes the default:
//
//   - with a pin, ipps-pinned, even if there is an ipp:// URI: only a floor that
//     the administrator names allows to send a document without the pin;
//   - without a pin, the grade of the weakest URI: naming the URI allows it.
//
// Whether the values are allowed is checked when the printer is added.
func NewPrinter(name string, uris []string, pin string, floor Grade) Printer {
	return normalizePrinter(Printer{Name: name, URIs: uris, Pin: pin, Floor: floor})
}

// Identify sets what the printer is recognized by: printer-uuid and the serial
// number from SNMP, each as the printer gave it. A value that is empty or not
// allowed in an entry is left out.
func (p *Printer) Identify(uuid, serial string) {
	if uuid = strings.ToLower(strings.TrimSpace(uuid)); uuidPattern.MatchString(uuid) {
		p.UUID = uuid
	}
	if serial = strings.TrimSpace(serial); checkText("serial number", serial, maxSerial) == nil {
		p.Serial = serial
	}
}

func normalizePrinter(p Printer) Printer {
	p.Name = strings.TrimSpace(p.Name)
	p.Location = strings.TrimSpace(p.Location)
	p.Pin = strings.TrimSpace(p.Pin)
	p.URIs = normalizeURIs(p.URIs)
	p.UUID = strings.ToLower(strings.TrimSpace(p.UUID))
	p.Serial = strings.TrimSpace(p.Serial)
	p.Formats = slices.Clone(p.Formats)
	if p.Floor == "" {
		p.Floor = p.defaultFloor()
	}
	return p
}

func (p Printer) defaultFloor() Grade {
	switch {
	case p.Pin != "":
		return GradePinned
	case slices.ContainsFunc(p.URIs, isRaw):
		return GradeRaw
	case slices.ContainsFunc(p.URIs, isPlain):
		return GradeIPP
	}
	return GradeIPPS
}

func isPlain(uri string) bool { return strings.HasPrefix(uri, schemeIPP+"://") }

func isRaw(uri string) bool { return strings.HasPrefix(uri, schemeRaw+"://") }

// checkReachable refuses an entry whose floor excludes all of its addresses.
func (p Printer) checkReachable() error {
	switch {
	case p.Floor.AtLeast(GradeIPPS) && !slices.ContainsFunc(p.URIs, isTLS):
		return malformed("floor %s needs an ipps:// address", p.Floor)
	case p.Floor.AtLeast(GradeIPP) && !slices.ContainsFunc(p.URIs, func(uri string) bool { return !isRaw(uri) }):
		return malformed("floor %s needs an ipps:// or ipp:// address", p.Floor)
	}
	return nil
}

func isTLS(uri string) bool { return strings.HasPrefix(uri, schemeIPPS+"://") }

func (p Printer) validate() error {
	if !idPattern.MatchString(p.ID) {
		return malformed("id %.70q", p.ID)
	}
	if err := checkName("name", p.Name); err != nil {
		return err
	}
	if err := checkText("location", p.Location, maxLocation); err != nil {
		return err
	}
	if err := checkURIs(p.URIs); err != nil {
		return err
	}
	if err := p.checkFloor(); err != nil {
		return err
	}
	if err := p.checkIdentity(); err != nil {
		return err
	}
	if p.TLS != "" && p.TLS != "tls-1.2" && p.TLS != "tls-old" {
		return malformed("tls %.20q", p.TLS)
	}
	if err := p.SNMP.validate(); err != nil {
		return err
	}
	return checkFormats(p.Formats)
}

func (p Printer) checkFloor() error {
	if !p.Floor.isKnown() {
		return malformed("floor %.20q is not a grade", p.Floor)
	}
	if p.Pin == "" {
		if p.Floor == GradePinned {
			return malformed("floor %s without a pin", p.Floor)
		}
		return nil
	}
	return checkPin(p.Pin)
}

func checkURIs(uris []string) error {
	if len(uris) == 0 || len(uris) > maxURIs {
		return malformed("%d uris instead of 1 to %d", len(uris), maxURIs)
	}
	for i, uri := range uris {
		if err := checkURI(uri); err != nil {
			return err
		}
		if slices.Contains(uris[:i], uri) {
			return malformed("a uri twice")
		}
	}
	if !slices.IsSortedFunc(uris, func(a, b string) int { return schemeRank(a) - schemeRank(b) }) {
		return malformed("the uris are not sorted by their schemes")
	}
	return nil
}

func (p Printer) checkIdentity() error {
	if p.UUID != "" && !uuidPattern.MatchString(p.UUID) {
		return malformed("uuid %.70q", p.UUID)
	}
	return checkText("serial number", p.Serial, maxSerial)
}

func checkFormats(formats []string) error {
	if len(formats) > maxFormats {
		return malformed("more than %d formats", maxFormats)
	}
	for _, f := range formats {
		if len(f) > maxFormat || !formatPattern.MatchString(f) {
			return malformed("format %.140q", f)
		}
	}
	return nil
}
