package delivery

import (
	"testing"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// TestJobUUIDIsNoText: it goes into the journal, where a printer's text must
// not.
func TestJobUUIDIsNoText(t *testing.T) {
	const plain = "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"
	for said, want := range map[string]string{
		"":    "",
		plain: plain,
		"URN:UUID:F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6": plain,
		"f81d4fae-7dec-11d0-a765-00a0c91e6bf6":          plain,
		"urn:uuid:payroll of alice":                     "hash:ecf323dc6b13518cc59a7f02aab824d0",
	} {
		var attrs goipp.Attributes
		if said != "" {
			attrs.Add(ipp.URI("job-uuid", said))
		}
		if got := jobUUID(attrs); got != want {
			t.Errorf("%q: %q, want %q", said, got, want)
		}
	}
}

// TestRedirectionsKeepToKnownPaths: where a printer sends us is remembered.
func TestRedirectionsKeepToKnownPaths(t *testing.T) {
	const from = "ipp://printer.example:631/own/path"
	for location, want := range map[string]string{
		"https://printer.example/ipp/print":              "ipps://printer.example:443/ipp/print",
		"https://printer.example:8443/own/path":          "ipps://printer.example:8443/own/path",
		"https://printer.example/":                       "ipps://printer.example:443/own/path",
		"https://printer.example/Payroll%20of%20Alice":   "ipps://printer.example:443/own/path",
		"https://printer.example/ipp/print?for=alice":    "ipps://printer.example:443/ipp/print",
		"https://alice:payroll@printer.example/ipp#page": "ipps://printer.example:443/ipp",
		"https://other.example/ipp/print":                "",
		"http://printer.example/ipp/print":               "",
	} {
		if got := tlsLocation(from, location); got != want {
			t.Errorf("%s: %q, want %q", location, got, want)
		}
	}
}
