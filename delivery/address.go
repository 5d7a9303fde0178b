package delivery

import (
	"net/url"
	"slices"
	"strings"

	"github.com/printscout/printscout/internal/directory"
)

// commonPaths are the paths where printers are found, most usual first.
var commonPaths = []string{"/ipp/print", "/ipp/printer", "/ipp", "/printer", "/ipp/port1", "/"}

// tlsPorts are tried over TLS if an address names no port: most printers that
// list their port use 443, and RFC 7472 has 631.
var tlsPorts = []string{"443", "631"}

const (
	schemeIPPS = "ipps"
	schemeIPP  = "ipp"
	schemeRaw  = "socket"
)

// address is one URI of a printer.
type address struct{ uri string }

func (a address) usesTLS() bool { return a.protocol() == schemeIPPS }

func (a address) scheme() string {
	scheme, _, _ := strings.Cut(a.uri, "://")
	return scheme
}

// protocol returns the protocol as results name it: ipps, ipp or raw.
func (a address) protocol() string {
	if s := a.scheme(); s != schemeRaw {
		return s
	}
	return "raw"
}

// allowedByFloor reports whether a printer's floor lets a document go to that
// address at all; over TLS the certificate decides later.
func (a address) allowedByFloor(p directory.Printer) bool {
	switch a.scheme() {
	case schemeIPPS:
		return true
	case schemeIPP:
		return directory.GradeIPP.AtLeast(p.Floor)
	}
	return directory.GradeRaw.AtLeast(p.Floor)
}

// endpoint is one port of a printer and the paths at which it may be found
// there.
type endpoint struct {
	host  string // of all URIs, for telling endpoints apart
	paths []address
}

// endpointsOf returns the ports that the addresses of one scheme stand for, in
// the directory's order. An address without a path stands for all common
// paths, and one over TLS without a port for both usual ports.
func endpointsOf(uris []string, scheme string) []endpoint {
	var out []endpoint
	for _, uri := range uris {
		if !strings.HasPrefix(uri, scheme+"://") {
			continue
		}
		for _, full := range withPorts(uri) {
			out = addEndpoint(out, full)
		}
	}
	return out
}

func addEndpoint(ends []endpoint, uri string) []endpoint {
	u, err := url.Parse(uri)
	if err != nil {
		return ends
	}
	at := slices.IndexFunc(ends, func(e endpoint) bool { return e.host == u.Host })
	if at < 0 {
		at = len(ends)
		ends = append(ends, endpoint{host: u.Host})
	}
	for _, a := range withPaths(uri) {
		if !slices.Contains(ends[at].paths, a) {
			ends[at].paths = append(ends[at].paths, a)
		}
	}
	return ends
}

func withPorts(uri string) []string {
	u, err := url.Parse(uri)
	if err != nil || u.Port() != "" || u.Scheme != schemeIPPS {
		return []string{uri}
	}
	var out []string
	for _, port := range tlsPorts {
		full := *u
		full.Host += ":" + port
		out = append(out, full.String())
	}
	return out
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
