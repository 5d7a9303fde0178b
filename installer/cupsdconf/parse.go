package cupsdconf

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// MaxSize is the maximum size of a cupsd.conf.
const MaxSize = 1 << 20

// Operation is the operation that the limit is about.
const Operation = "CUPS-Create-Local-Printer"

// ErrMalformed means that the file is not one that cupsd would read as it stands.
var ErrMalformed = errors.New("not a valid cupsd.conf")

// File is a cupsd.conf, line by line.
type File struct {
	lines    []string // each with its line ending
	policies []policy
	fallback string   // the value of DefaultPolicy, in lower case
	listens  []string // the values of Listen, Port and their forms for TLS, in lower case
}

// policy is a <Policy> section: its first and last line, both tags.
type policy struct {
	name        string // in lower case
	first, last int
	limits      []limit
}

// limit is a <Limit> section of a policy.
type limit struct {
	first, last int
	operations  []string
	directives  [][2]string // name and value, in lower case
	comments    bool        // there are comments inside
}

// Parse reads a cupsd.conf.
func Parse(conf []byte) (*File, error) {
	if len(conf) > MaxSize {
		return nil, fmt.Errorf("%w: it is larger than %d bytes", ErrMalformed, MaxSize)
	}
	f := &File{lines: strings.SplitAfter(string(conf), "\n"), fallback: "default"}
	p := policyParser{file: f}
	for i, raw := range f.lines {
		if err := p.readLine(i, raw); err != nil {
			return nil, err
		}
	}
	if p.policy != nil {
		return nil, fmt.Errorf("%w: line %d: the policy is not closed", ErrMalformed, p.policy.first+1)
	}
	return f, nil
}

// Bytes returns the file.
func (f *File) Bytes() []byte { return []byte(strings.Join(f.lines, "")) }

// Listens returns where cupsd listens: addresses, paths of sockets and bare ports,
// in lower case.
func (f *File) Listens() []string { return slices.Clone(f.listens) }

// HasPolicy reports whether the file has a policy of that name.
func (f *File) HasPolicy(name string) bool { return len(f.policiesNamed(strings.ToLower(name))) > 0 }

func (f *File) policiesNamed(name string) (found []policy) {
	for _, p := range f.policies {
		if p.name == name {
			found = append(found, p)
		}
	}
	return found
}

// policyParser is what has been read so far: the open policy and its open limit.
type policyParser struct {
	file   *File
	policy *policy
	limit  *limit
}

func (p *policyParser) readLine(i int, raw string) error {
	name, value := directive(raw)
	switch {
	case p.policy == nil:
		p.readOutside(i, name, value)
	case name == "</policy" && p.limit == nil:
		p.policy.last = i
		p.file.policies = append(p.file.policies, *p.policy)
		p.policy = nil
	case name == "<policy", name == "</policy", name == "<limit" && p.limit != nil:
		return fmt.Errorf("%w: line %d: a section is not closed", ErrMalformed, i+1)
	case name == "<limit":
		p.limit = &limit{first: i, operations: strings.Fields(value)}
	case name == "</limit" && p.limit != nil:
		p.limit.last = i
		p.policy.limits = append(p.policy.limits, *p.limit)
		p.limit = nil
	case p.limit != nil && name != "":
		p.limit.directives = append(p.limit.directives, [2]string{name, value})
	case p.limit != nil && strings.TrimSpace(raw) != "":
		p.limit.comments = true
	}
	return nil
}

func (p *policyParser) readOutside(i int, name, value string) {
	switch name {
	case "<policy":
		p.policy = &policy{name: value, first: i}
	case "defaultpolicy":
		p.file.fallback = value
	case "listen", "ssllisten", "port", "sslport":
		p.file.listens = append(p.file.listens, value)
	}
}

// directive returns the name and the value of a line as cupsd reads it, both in
// lower case: without its comment, a tag without its closing bracket. Both are
// empty for a line that says nothing.
func directive(raw string) (name, value string) {
	text := strings.TrimSpace(withoutComment(raw))
	if strings.HasPrefix(text, "<") {
		text = strings.TrimSuffix(text, ">")
	}
	name, value, _ = strings.Cut(strings.ReplaceAll(text, "\t", " "), " ")
	return strings.ToLower(name), strings.ToLower(strings.Join(strings.Fields(value), " "))
}

// withoutComment cuts a line at the first # that has no backslash before it.
func withoutComment(raw string) string {
	for i := range len(raw) {
		if raw[i] == '#' && (i == 0 || raw[i-1] != '\\') {
			return raw[:i]
		}
	}
	return raw
}
