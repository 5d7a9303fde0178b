package settings

import (
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Type is the type of a setting's values, and how they get into Values.
type Type struct {
	// Name is what people call it: true or false, a whole number from 0 to 10.
	Name   string
	kind   kind
	schema map[string]any // keywords of JSON Schema
	get    func(*Values) any
	set    func(*Values, rawValue) error
	copy   func(to, from *Values)
}

// Value returns the value that v has, as JSON has it: a string, an int, a bool
// or a list of strings.
func (s *Setting) Value(v *Values) any { return s.Type.get(v) }

// SameValue reports whether two values of one setting are the same.
func SameValue(a, b any) bool { return reflect.DeepEqual(a, b) }

// Copy gives to the value that from has.
func (s *Setting) Copy(to, from *Values) { s.Type.copy(to, from) }

// textType is text that parse checks.
func textType(name string, field func(*Values) *string, parse func(*string, string) error) Type {
	return Type{
		Name: name, kind: kindText, schema: map[string]any{"type": "string"},
		get:  func(v *Values) any { return *field(v) },
		copy: func(to, from *Values) { *field(to) = *field(from) },
		set: func(v *Values, raw rawValue) error {
			if raw.kind != kindText {
				return fmt.Errorf("it should be text, not %s", raw.found)
			}
			return parse(field(v), raw.text)
		},
	}
}

// shortTextType is text of least to most bytes, without control characters.
func shortTextType(least, most int, field func(*Values) *string) Type {
	t := textType(fmt.Sprintf("text of %d to %d bytes", least, most), field, func(to *string, s string) error {
		return parseShortText(to, s, least, most)
	})
	t.schema["minLength"], t.schema["maxLength"] = least, most
	return t
}

func pathType(field func(*Values) *string) Type {
	return textType("absolute path", field, parseAbsolutePath)
}

func pathOrNoneType(field func(*Values) *string) Type {
	return textType("absolute path, or \"\"", field, parseFileOrNone)
}

func choiceType(field func(*Values) *string, choices ...string) Type {
	last := len(choices) - 1
	name := strings.Join(choices[:last], ", ") + " or " + choices[last]
	t := textType(name, field, func(to *string, s string) error {
		if !slices.Contains(choices, s) {
			return fmt.Errorf("it should be %s", name)
		}
		*to = s
		return nil
	})
	t.schema["enum"] = choices
	return t
}

func durationType(least time.Duration, field func(*Values) *time.Duration) Type {
	const should = "it should be a duration in quotes of at least %s, such as 24h or 90m"
	return Type{
		Name: "duration of at least " + shortDuration(least), kind: kindText, schema: map[string]any{"type": "string"},
		get:  func(v *Values) any { return shortDuration(*field(v)) },
		copy: func(to, from *Values) { *field(to) = *field(from) },
		set: func(v *Values, raw rawValue) error {
			if raw.kind != kindText {
				return fmt.Errorf(should+", not %s", shortDuration(least), raw.found)
			}
			d, err := time.ParseDuration(raw.text)
			if err != nil || d < least {
				return fmt.Errorf(should, shortDuration(least))
			}
			*field(v) = d
			return nil
		},
	}
}

// shortDuration returns 24h for what Duration.String calls 24h0m0s.
func shortDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

func numberType(least, most int, field func(*Values) *int) Type {
	name := fmt.Sprintf("whole number from %d to %d", least, most)
	return Type{
		Name: name, kind: kindNumber, schema: map[string]any{"type": "integer", "minimum": least, "maximum": most},
		get:  func(v *Values) any { return *field(v) },
		copy: func(to, from *Values) { *field(to) = *field(from) },
		set: func(v *Values, raw rawValue) error {
			switch {
			case raw.kind != kindNumber:
				return fmt.Errorf("it should be a %s, not %s", name, raw.found)
			case raw.number < int64(least) || raw.number > int64(most):
				return fmt.Errorf("it should be a %s", name)
			}
			*field(v) = int(raw.number)
			return nil
		},
	}
}

func boolType(field func(*Values) *bool) Type {
	return Type{
		Name: "true or false", kind: kindBool, schema: map[string]any{"type": "boolean"},
		get:  func(v *Values) any { return *field(v) },
		copy: func(to, from *Values) { *field(to) = *field(from) },
		set: func(v *Values, raw rawValue) error {
			switch {
			case raw.kind == kindBool:
				*field(v) = raw.boolean
			case raw.kind == kindNumber && raw.boolByNumber && (raw.number == 0 || raw.number == 1):
				*field(v) = raw.number == 1
			case raw.boolByNumber:
				return fmt.Errorf("it should be true or false, or a number that is 1 or 0, not %s", raw.found)
			default:
				return fmt.Errorf("it should be true or false, not %s", raw.found)
			}
			return nil
		},
	}
}

// maxList is the maximum length of a list.
const maxList = 200

func listType(field func(*Values) *[]string, parse func(*[]string, []string) error) Type {
	return Type{
		Name: "list of texts", kind: kindList, schema: map[string]any{"type": "array", "items": map[string]any{"type": "string"}, "maxItems": maxList},
		get:  func(v *Values) any { return *field(v) },
		copy: func(to, from *Values) { *field(to) = *field(from) },
		set: func(v *Values, raw rawValue) error {
			if raw.kind != kindList || len(raw.list) > maxList {
				return fmt.Errorf("it should be a list of texts, such as [\"a\", \"b\"], of at most %d, not %s", maxList, raw.found)
			}
			return parse(field(v), raw.list)
		},
	}
}

func parseAbsolutePath(to *string, s string) error {
	if !filepath.IsAbs(s) || strings.ContainsRune(s, 0) {
		return fmt.Errorf("it should be an absolute path")
	}
	*to = filepath.Clean(s)
	return nil
}

func parseFileOrNone(to *string, s string) error {
	if s == "" {
		*to = ""
		return nil
	}
	return parseAbsolutePath(to, s)
}

func parseShortText(to *string, s string, least, most int) error {
	if len(s) < least || len(s) > most {
		return fmt.Errorf("it should have %d to %d bytes", least, most)
	}
	if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return fmt.Errorf("it should have no control characters")
	}
	*to = s
	return nil
}

func parseQueueName(to *string, s string) error {
	allowed := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-'
	}
	if s == "" || len(s) > 127 || strings.HasPrefix(s, "-") || strings.ContainsFunc(s, func(r rune) bool { return !allowed(r) }) {
		return fmt.Errorf("it should have 1 to 127 letters, digits, _ and -, and not begin with -")
	}
	*to = s
	return nil
}

// NoSite is the value of Site with which no site may be joined.
const NoSite = "none"

// fingerprintPrefix and fingerprintSize are of a site's fingerprint:
// docs/site-format.md.
const (
	fingerprintPrefix = "psf1:"
	fingerprintSize   = 52
)

func parseSite(to *string, s string) error {
	digits, ok := strings.CutPrefix(s, fingerprintPrefix)
	strange := func(r rune) bool { return (r < 'a' || r > 'z') && (r < '2' || r > '7') }
	if s != "" && s != NoSite && (!ok || len(digits) != fingerprintSize || strings.ContainsFunc(digits, strange)) {
		return fmt.Errorf("it should be a site's fingerprint, psf1: and 52 letters and digits as printscout site show prints it, or none")
	}
	*to = s
	return nil
}
