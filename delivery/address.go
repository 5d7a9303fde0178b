package delivery

import (
	"net/url"
	"slices"
	"strings"

	"github.com/printscout/printscout/internal/directory"
)

// commonPaths are where printers are found, most usual first.
var commonPaths = []string{"/ipp/print", "/ipp/printer", "/ipp", "/printer", "/ipp/port1", "/"}

// address is one URI of a printer.
type address struct{ uri string }

func (a address) tls() bool { return strings.HasPrefix(a.uri, "ipps://") }

func (a address) protocol() string {
	if a.tls() {
		return "ipps"
	}
	return "ipp"
}

// addresses are the usable URIs of a printer, ipps first and otherwise in the
// directory's order. One that names no path stands for all common ones.
func addresses(uris []string) []address {
	var out []address
	for _, scheme := range []string{"ipps://", "ipp://"} {
		for _, uri := range uris {
			if strings.HasPrefix(uri, scheme) {
				out = append(out, withPaths(uri)...)
			}
		}
	}
	return slices.Compact(out)
}

func withPaths(uri string) []address {
	u, err := url.Parse(uri)
	if err != nil || (u.Path != "" && u.Path != "/") {
		return []address{{uri}}
	}
	out := make([]address, len(commonPaths))
	for i, p := range commonPaths {
		out[i] = address{u.Scheme + "://" + u.Host + p}
	}
	return out
}

// allowed says whether a printer's floor lets a document go to that address at
// all; over TLS the certificate decides later.
func (a address) allowed(p directory.Printer) bool {
	return a.tls() || directory.GradeIPP.AtLeast(p.Floor)
}
