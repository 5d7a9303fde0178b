// Package redact takes out of text what a bug report must not tell: secrets,
// titles, names of people, hosts and sites (docs/doctor.md, "Bug report").
//
// It knows no file and no command. Its rules are one table; each has a name that
// the page has too.
package redact

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// MaxText is the maximum size of a text; what is longer is cut at its beginning,
// since the end of a log says more.
const MaxText = 8 << 20

// Known are names that are taken out wherever they stand as words.
type Known struct {
	Users  []string
	Titles []string
	Hosts  []string
	Sites  []string
}

// Redactor redacts several texts: the same host has the same number in all of
// them.
type Redactor struct {
	known   []knownWord
	hosts   map[string]string
	numbers map[string]int // of hosts, by kind
}

// knownWord is a name and what stands in its place.
type knownWord struct {
	find *regexp.Regexp
	put  string
}

// New returns a Redactor that takes out these names besides what its rules find.
func New(k Known) *Redactor {
	r := &Redactor{hosts: map[string]string{}, numbers: map[string]int{}}
	r.learn(k.Titles, "[title]")
	r.learn(k.Users, "[user]")
	r.learn(k.Hosts, "[host]")
	r.learn(k.Sites, "[site]")
	return r
}

// ordinary are words of our own logs and texts, which are kept although something
// is called so.
var ordinary = []string{"root", "lp", "daemon", "nobody", "printscout", "scoutcloud", "localhost", "system", "agent", "printer", "server", "site", "user"}

// learn adds names, the longest first, so that no part of one is left.
func (r *Redactor) learn(names []string, put string) {
	names = slices.Clone(names)
	slices.SortFunc(names, func(a, b string) int { return len(b) - len(a) })
	for _, name := range slices.Compact(names) {
		name = strings.TrimSpace(name)
		if len(name) < 2 || slices.Contains(ordinary, strings.ToLower(name)) {
			continue
		}
		quoted := regexp.QuoteMeta(name)
		if isWordByte(name[0]) {
			quoted = `\b` + quoted
		}
		if isWordByte(name[len(name)-1]) {
			quoted += `\b`
		}
		r.known = append(r.known, knownWord{regexp.MustCompile("(?i)" + quoted), put})
	}
}

func isWordByte(b byte) bool {
	return b == '_' || '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}

// Text returns a text without what the rules find.
func (r *Redactor) Text(s string) string {
	if len(s) > MaxText {
		s = s[len(s)-MaxText:]
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	for _, rule := range rules {
		s = rule.apply(r, s)
	}
	return s
}

// JSON returns JSON with the same fields and redacted values. What is no JSON is
// an error: it cannot be told what is a value.
func (r *Redactor) JSON(raw []byte) ([]byte, error) {
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return nil, fmt.Errorf("redacting: %w", err)
	}
	out, err := json.MarshalIndent(r.value("", v), "", "  ")
	if err != nil {
		return nil, fmt.Errorf("redacting: %w", err)
	}
	return append(out, '\n'), nil
}

// value redacts a value that is called name.
func (r *Redactor) value(name string, v any) any {
	switch v := v.(type) {
	case string:
		if put := fieldOf(name); put != "" && v != "" {
			return put
		}
		return r.Text(v)
	case []any:
		for i := range v {
			v[i] = r.value(name, v[i])
		}
		return v
	case map[string]any:
		out := map[string]any{}
		for key, inner := range v {
			out[r.Text(key)] = r.value(key, inner)
		}
		return out
	}
	if put := fieldOf(name); put == putSecret && v != nil {
		if _, isBool := v.(bool); !isBool {
			return put
		}
	}
	return v
}

// hostName returns what stands in the place of a host, the same for the same one.
func (r *Redactor) hostName(kind, host string) string {
	key := strings.ToLower(host)
	if r.hosts[key] == "" {
		r.numbers[kind]++
		r.hosts[key] = fmt.Sprintf("[%s-%d]", kind, r.numbers[kind])
	}
	return r.hosts[key]
}
