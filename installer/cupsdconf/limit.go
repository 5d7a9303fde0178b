package cupsdconf

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// comment is the line before our limit.
const comment = "# Print Scout: only administrators make print queues."

// wanted are the directives of our limit.
var wanted = [][2]string{{"authtype", "default"}, {"require", "user @system"}, {"order", "deny,allow"}}

// ErrNoPolicy means that the file does not have the policy that decides who makes
// print queues, or has it twice.
var ErrNoPolicy = errors.New("no policy that decides who makes print queues")

// ErrOtherLimit means that the operation has a limit that lets others than
// administrators in.
var ErrOtherLimit = errors.New("another limit of " + Operation)

// Limited reports whether only administrators may make print queues. It returns
// ErrOtherLimit if the file has a limit that says something else.
func (f *File) Limited() (bool, error) {
	p, err := f.decisive()
	if err != nil {
		return false, err
	}
	found := false
	for _, l := range p.limits {
		if !l.names(Operation) {
			continue
		}
		if !l.administratorsOnly() {
			return false, fmt.Errorf("%w, in line %d", ErrOtherLimit, l.first+1)
		}
		found = true
	}
	return found, nil
}

// IsForAdministrators reports whether all limits that concern the operation let
// only administrators in. Where it has none of its own, those of all operations
// count.
func (f *File) IsForAdministrators() bool {
	p, err := f.decisive()
	if err != nil {
		return false
	}
	for _, operation := range []string{Operation, "all"} {
		found := slices.DeleteFunc(slices.Clone(p.limits), func(l limit) bool { return !l.names(operation) })
		if len(found) > 0 {
			return !slices.ContainsFunc(found, func(l limit) bool { return !l.administratorsOnly() })
		}
	}
	return false
}

// AddLimit adds the limit, unless the file has one that is as good, and reports
// whether it did.
func (f *File) AddLimit() (added bool, err error) {
	limited, err := f.Limited()
	if err != nil || limited {
		return false, err
	}
	p, err := f.decisive()
	if err != nil {
		return false, err
	}
	ending := f.lines[p.first][len(strings.TrimRight(f.lines[p.first], "\r\n")):]
	var block []string
	for _, text := range []string{
		comment,
		"<Limit " + Operation + ">",
		"  AuthType Default",
		"  Require user @SYSTEM",
		"  Order deny,allow",
		"</Limit>",
	} {
		block = append(block, "  "+text+ending)
	}
	return true, f.replaceLines(p.first+1, p.first+1, block)
}

// RemoveLimit removes our limit and its comment and reports whether it did. With
// marked it removes only one that still has the comment. If a limit that has the
// comment is no longer as we wrote it, it stays, and RemoveLimit returns
// ErrOtherLimit.
func (f *File) RemoveLimit(marked bool) (removed bool, err error) {
	for _, p := range f.policies {
		for _, l := range p.limits {
			hasComment := f.isComment(l.first - 1)
			switch {
			case l.isOurs() && (hasComment || !marked):
				first := l.first
				if hasComment {
					first--
				}
				return true, f.replaceLines(first, l.last+1, nil)
			case hasComment:
				return false, fmt.Errorf("%w: the one in line %d was changed", ErrOtherLimit, l.first+1)
			}
		}
	}
	return false, nil
}

// decisive returns the policy by which cupsd decides who makes queues.
func (f *File) decisive() (policy, error) {
	found := f.policiesNamed(f.fallback)
	if len(found) != 1 {
		return policy{}, fmt.Errorf("%w: it has %d sections <Policy %s>", ErrNoPolicy, len(found), f.fallback)
	}
	return found[0], nil
}

// replaceLines replaces lines and reads the file anew.
func (f *File) replaceLines(from, to int, by []string) error {
	lines := slices.Concat(f.lines[:from], by, f.lines[to:])
	changed, err := Parse([]byte(strings.Join(lines, "")))
	if err != nil {
		return err
	}
	*f = *changed
	return nil
}

func (f *File) isComment(i int) bool { return i >= 0 && strings.TrimSpace(f.lines[i]) == comment }

func (l limit) names(operation string) bool {
	return slices.ContainsFunc(l.operations, func(o string) bool { return strings.EqualFold(o, operation) })
}

// isOurs reports whether the limit is exactly the one that AddLimit writes; the
// order of its directives does not matter.
func (l limit) isOurs() bool {
	if len(l.operations) != 1 || !l.names(Operation) || l.comments || len(l.directives) != len(wanted) {
		return false
	}
	return !slices.ContainsFunc(wanted, func(w [2]string) bool { return !slices.Contains(l.directives, w) })
}

// administratorsOnly reports whether the limit demands authentication and lets in
// administrators only.
func (l limit) administratorsOnly() bool {
	authenticated, required := false, false
	for _, d := range l.directives {
		switch d[0] {
		case "authtype":
			authenticated = d[1] != "none"
		case "require":
			if d[1] != "user @system" {
				return false
			}
			required = true
		case "satisfy":
			if d[1] != "all" {
				return false
			}
		}
	}
	return authenticated && required
}
