package redact

import (
	"net/netip"
	"regexp"
	"strings"
)

// What stands in the place of something.
const (
	putSecret = "[secret]"
	putTitle  = "[title]"
	putUser   = "[user]"
)

// rule finds one kind of thing in a text.
type rule struct {
	name  string
	apply func(*Redactor, string) string
}

// Rules returns the names of the rules in their order.
func Rules() (names []string) {
	for _, r := range rules {
		names = append(names, r.name)
	}
	return names
}

func replacing(pattern, put string) func(*Redactor, string) string {
	find := regexp.MustCompile(pattern)
	return func(_ *Redactor, s string) string { return find.ReplaceAllString(s, put) }
}

var rules = []rule{
	{"private-key", replacing(`(?s)-----BEGIN [A-Z0-9 ]+-----.*?(?:-----END [A-Z0-9 ]+-----|$)`, "[private-key]")},
	{"userinfo", replacing(`([A-Za-z][A-Za-z0-9+.-]*://)[^\s/?#"'<>]*@`, "${1}[userinfo]@")},
	{"bearer", replacing(`(?i)\b(bearer|basic|negotiate)[ :=]+[A-Za-z0-9+/=._~-]{8,}`, "$1 "+putSecret)},
	{"secret-field", fields(putSecret)},
	{"token", replacing(`\b[A-Z2-7]{26}\b`, "[token]")},
	{"long-secret", longSecrets},
	{"words", replacing(`\b(?:[a-z]{3,8}[ -]){11}[a-z]{3,8}\b`, "[words]")},
	{"title-field", fields(putTitle)},
	{"user-field", fields(putUser)},
	{"email", replacing(`[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+`, "[email]")},
	{"home", replacing(`((?:/home|/Users|/var/home|[A-Za-z]:\\+Users)[/\\]+)[^/\\\s"':;,]+`, "${1}"+putUser)},
	{"known", func(r *Redactor, s string) string {
		for _, k := range r.known {
			s = k.find.ReplaceAllString(s, k.put)
		}
		return s
	}},
	{"address", addresses},
}

// fieldNames are the names of fields by what their values are. A name matches
// whole or as the last part of one divided by _ - or . (api_token, job-name).
var fieldNames = map[string][]string{
	putSecret: {"token", "password", "passwd", "passphrase", "secret", "secrets", "key", "pin", "pins", "cookie", "authorization", "credential", "credentials", "apikey", "passcode", "card", "psk", "seed"},
	putTitle:  {"title", "titles", "document", "document-name", "document_name", "job-name", "job_name", "jobname", "subject", "filename", "file-name"},
	putUser:   {"user", "users", "username", "user_name", "user-name", "owner", "account", "person", "people", "login", "uid_name", "requesting-user-name", "name", "by", "e-mail", "email", "home"},
}

// publicFields are fields that look like a secret's and are not.
var publicFields = []string{"server_pin", "site_pin", "pin_required", "keys_at_rest", "public_key", "snmpkeysfile", "printername", "queuename"}

// fieldOf returns what stands in the place of the value of a field, "" if it
// stays.
func fieldOf(name string) string {
	lower := strings.ToLower(name)
	for _, public := range publicFields {
		if lower == public {
			return ""
		}
	}
	last := lower
	if at := strings.LastIndexAny(lower, "_-. "); at >= 0 {
		last = lower[at+1:]
	}
	for _, put := range []string{putSecret, putTitle, putUser} {
		for _, known := range fieldNames[put] {
			if lower == known || last == known && put != putUser {
				return put
			}
		}
	}
	return ""
}

// field is a name with a value in logfmt or JSON, or as people write it in a
// configuration: key=value, key="value", "key": "value", key: value.
var field = regexp.MustCompile(`("?)([A-Za-z][A-Za-z0-9_.-]*)("?\s?[=:]\s?)("(?:[^"\\]|\\.)*"|'[^']*'|\[[^\]\n]*\]|[^\s"',;&{}\[\]]+)`)

func fields(put string) func(*Redactor, string) string {
	return func(_ *Redactor, s string) string {
		return field.ReplaceAllStringFunc(s, func(all string) string {
			m := field.FindStringSubmatch(all)
			value := m[4]
			// key: value without quotes is prose more often than not, save of a secret.
			prose := strings.Contains(m[3], ":") && m[1] == "" && put != putSecret
			if fieldOf(m[2]) != put || prose || strings.HasPrefix(value, "//") || value == `""` || isPlaceholder(value) {
				return all
			}
			if strings.HasPrefix(value, `"`) {
				return m[1] + m[2] + m[3] + `"` + put + `"`
			}
			return m[1] + m[2] + m[3] + put
		})
	}
}

func isPlaceholder(value string) bool {
	switch strings.Trim(value, `"`) {
	case putSecret, putTitle, putUser, "[token]", "[email]", "[words]", "[private-key]", "true", "false", "null":
		return true
	}
	return false
}

// longSecret is a run as keys, hashes and sealed things have. A path with slashes
// in it is none unless a part of it is.
var longSecret = regexp.MustCompile(`(?:sha256:|psf1:)?[A-Za-z0-9+_-]{32,}(?:[A-Za-z0-9+/_-]*)={0,2}`)

var uuid = regexp.MustCompile(`^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

func longSecrets(_ *Redactor, s string) string {
	return longSecret.ReplaceAllStringFunc(s, func(run string) string {
		if strings.HasPrefix(run, "sha256:") || strings.HasPrefix(run, "psf1:") || uuid.MatchString(run) || !isRandom(run) {
			return run
		}
		return putSecret
	})
}

// isRandom reports whether a long run has digits or changes of case, which a word
// made of words has not.
func isRandom(run string) bool {
	digits, upper, lower := 0, 0, 0
	for _, c := range run {
		switch {
		case '0' <= c && c <= '9':
			digits++
		case 'A' <= c && c <= 'Z':
			upper++
		case 'a' <= c && c <= 'z':
			lower++
		}
	}
	return digits >= 3 || upper >= 4 && lower >= 4
}

var (
	urlHost = regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]*://(?:\[userinfo\]@)?)(\[[0-9A-Fa-f:.%]+\]|[A-Za-z0-9_][A-Za-z0-9._-]*)`)
	ipv4    = regexp.MustCompile(`\b(?:\d{1,3}\.){3}\d{1,3}\b`)
	ipv6    = regexp.MustCompile(`[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?:%\w+)?`)
)

// addresses puts numbers in the place of hosts and addresses, other than loopback.
func addresses(r *Redactor, s string) string {
	s = urlHost.ReplaceAllStringFunc(s, func(all string) string {
		m := urlHost.FindStringSubmatch(all)
		host := strings.Trim(m[2], "[]")
		if isLoopback(host) || m[2] == "[host]" {
			return all
		}
		return m[1] + r.hostName(kindOf(host), host)
	})
	number := func(text string) string {
		at, err := netip.ParseAddr(text)
		if err != nil || at.IsLoopback() || at.IsUnspecified() {
			return text
		}
		return r.hostName("ip", text)
	}
	return ipv6.ReplaceAllStringFunc(ipv4.ReplaceAllStringFunc(s, number), number)
}

func kindOf(host string) string {
	if _, err := netip.ParseAddr(host); err == nil {
		return "ip"
	}
	return "host"
}

func isLoopback(host string) bool {
	if at, err := netip.ParseAddr(host); err == nil {
		return at.IsLoopback()
	}
	return strings.EqualFold(strings.TrimSuffix(host, "."), "localhost")
}
