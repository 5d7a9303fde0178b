package identity

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxName is how many bytes of UTF-8 a user's name may have, the same as IPP's
// requesting-user-name (RFC 8011 §5.1.3: name, 255 octets).
const MaxName = 255

// Canonical returns the one spelling of a user's name that distinguishes accounts
// on this system. It returns "" for what cannot be a name: the empty string, more
// than MaxName bytes, invalid UTF-8, characters that are not printable (control
// characters, marks of direction, spaces other than the ASCII one), and spaces at
// an end. It cuts and replaces nothing, so that two names never become one.
//
// On Unix that is the name itself, byte for byte: names are case-sensitive
// there (CVE-2026-27447), and DOMAIN\user, user@realm and user are three
// accounts. On Windows case is folded, .\user is an account of this computer
// (COMPUTER\user), and DOMAIN\user, user@realm and user stay three names: which
// of them are one person, only the domain knows.
func Canonical(name string) string { return systemNames().canonical(name) }

// SameUser reports whether two names belong to one account on this system. A name
// whose canonical form is "" is not even the same as itself.
func SameUser(a, b string) bool {
	c := Canonical(a)
	return c != "" && c == Canonical(b)
}

// spelling is how an operating system spells the names of its users.
type spelling struct {
	windows  bool
	computer string // the computer's own name; only on Windows
}

func (s spelling) canonical(name string) string {
	if !isPrintable(name) {
		return ""
	}
	if s.windows {
		return s.canonicalWindows(name)
	}
	return name
}

// canonicalWindows requires at most one domain, before \ or after @, and two parts
// that are not empty (SAM forbids both characters in an account's name).
func (s spelling) canonicalWindows(name string) string {
	if strings.ContainsAny(name, `"/[]:;|=,+*?<>`) || strings.Count(name, `\`)+strings.Count(name, "@") > 1 {
		return ""
	}
	if user, ok := strings.CutPrefix(name, `.\`); ok {
		name = s.computer + `\` + user
	}
	if i := strings.IndexAny(name, `\@`); i >= 0 && (!isWindowsNamePart(name[:i]) || !isWindowsNamePart(name[i+1:])) {
		return ""
	}
	name = strings.Map(foldPair, name)
	if !isWindowsNamePart(name) || len(name) > MaxName {
		return ""
	}
	return name
}

func isWindowsNamePart(s string) bool {
	return strings.Trim(s, ". ") != "" && strings.TrimSpace(s) == s
}

func isPrintable(name string) bool {
	if name == "" || len(name) > MaxName || !utf8.ValidString(name) || strings.Trim(name, " ") != name {
		return false
	}
	return !strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) || r == utf8.RuneError })
}

// foldPair folds a capital whose only counterpart is its small letter. Others
// stay: to Windows K (the kelvin sign), ſ and İ are not k, s and i.
func foldPair(r rune) rune {
	if small := unicode.ToLower(r); unicode.ToUpper(small) == r {
		return small
	}
	return r
}
