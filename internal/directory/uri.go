package directory

import (
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const (
	schemeIPPS = "ipps"
	schemeIPP  = "ipp"
	schemeRaw  = "socket"
)

// schemes lists the schemes of addresses, the best protected first.
var schemes = []string{schemeIPPS, schemeIPP, schemeRaw}

func checkURI(raw string) error {
	if len(raw) > maxURI {
		return malformed("uri is longer than %d bytes", maxURI)
	}
	if strings.ContainsFunc(raw, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return malformed("uri is not printable ASCII")
	}
	u, err := url.Parse(raw)
	if err != nil {
		return malformed("uri does not parse")
	}
	switch {
	case schemeRank(raw) == len(schemes):
		return malformed("uri does not start with ipps://, ipp:// or socket://")
	case isRaw(raw) && (u.Path != "" && u.Path != "/" || u.RawQuery != ""):
		return malformed("a socket:// uri has a host and a port and nothing more")
	case u.User != nil:
		return malformed("uri has a user in it, and a directory must not have passwords")
	case strings.Contains(raw, "#"):
		return malformed("uri has a fragment")
	case !isValidPort(u):
		return malformed("uri has a port outside 1 to 65535")
	case !isValidHost(u):
		return malformed("uri has no usable host")
	}
	return nil
}

func isValidPort(u *url.URL) bool {
	if u.Port() == "" {
		return !strings.HasSuffix(u.Host, ":")
	}
	n, err := strconv.ParseUint(u.Port(), 10, 16)
	return err == nil && n > 0
}

func isValidHost(u *url.URL) bool {
	host := u.Hostname()
	if strings.HasPrefix(u.Host, "[") {
		ip, err := netip.ParseAddr(host)
		return err == nil && ip.Is6() && ip.Zone() == ""
	}
	if host == "" || len(host) > 253 {
		return false
	}
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || len(label) > 63 || strings.ContainsFunc(label, isNotHostChar) {
			return false
		}
	}
	return true
}

func isNotHostChar(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_'
}

// normalizeURIs returns the URIs with scheme and host in lower case, without
// duplicates, sorted by scheme and otherwise in their order. What is not a URI
// stays as it is and is refused by checkURI.
func normalizeURIs(uris []string) []string {
	out := make([]string, 0, len(uris))
	for _, raw := range uris {
		raw = normalizeURI(raw)
		if !slices.Contains(out, raw) {
			out = append(out, raw)
		}
	}
	slices.SortStableFunc(out, func(a, b string) int { return schemeRank(a) - schemeRank(b) })
	return out
}

func normalizeURI(raw string) string {
	raw = strings.TrimSpace(raw)
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok {
		return raw
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	return strings.ToLower(scheme) + "://" + strings.ToLower(rest[:end]) + rest[end:]
}

func schemeRank(uri string) int {
	at := slices.IndexFunc(schemes, func(scheme string) bool { return strings.HasPrefix(uri, scheme+"://") })
	if at < 0 {
		return len(schemes)
	}
	return at
}
