package ipp

import (
	"github.com/OpenPrinting/goipp"
)

// Find returns the first attribute of that name.
func Find(attrs goipp.Attributes, name string) (goipp.Attribute, bool) {
	for _, a := range attrs {
		if a.Name == name {
			return a, true
		}
	}
	return goipp.Attribute{}, false
}

// String returns the first value of the named attribute as text, without its
// language; "" where there is none.
func String(attrs goipp.Attributes, name string) string {
	if s := Strings(attrs, name); len(s) > 0 {
		return s[0]
	}
	return ""
}

// Strings returns all values of the named attribute that are text.
func Strings(attrs goipp.Attributes, name string) []string {
	a, ok := Find(attrs, name)
	if !ok {
		return nil
	}
	var out []string
	for _, v := range a.Values {
		switch s := v.V.(type) {
		case goipp.String:
			out = append(out, string(s))
		case goipp.TextWithLang:
			out = append(out, s.Text)
		}
	}
	return out
}

// Int returns the first value of the named attribute where that is an integer
// or an enum.
func Int(attrs goipp.Attributes, name string) (int, bool) {
	a, ok := Find(attrs, name)
	if !ok || len(a.Values) == 0 {
		return 0, false
	}
	n, ok := a.Values[0].V.(goipp.Integer)
	return int(n), ok
}

// Ranges returns all values of the named attribute that are ranges, each with
// its lower and its upper bound.
func Ranges(attrs goipp.Attributes, name string) (out [][2]int) {
	a, _ := Find(attrs, name)
	for _, v := range a.Values {
		if r, ok := v.V.(goipp.Range); ok {
			out = append(out, [2]int{r.Lower, r.Upper})
		}
	}
	return out
}

// Bool returns the first value of the named attribute where that is a boolean.
func Bool(attrs goipp.Attributes, name string) (value, ok bool) {
	a, found := Find(attrs, name)
	if !found || len(a.Values) == 0 {
		return false, false
	}
	b, ok := a.Values[0].V.(goipp.Boolean)
	return bool(b), ok
}

// HasInt reports whether one of the named attribute's values is n, or a range
// that holds n.
func HasInt(attrs goipp.Attributes, name string, n int) bool {
	a, _ := Find(attrs, name)
	for _, v := range a.Values {
		if in, ok := v.V.(goipp.IntegerOrRange); ok && in.Within(n) {
			return true
		}
	}
	return false
}

// The functions below make attributes of one type each.

// Keyword makes an attribute of keywords.
func Keyword(name string, values ...string) goipp.Attribute {
	return stringsOf(name, goipp.TagKeyword, values)
}

// URI makes an attribute of URIs.
func URI(name string, values ...string) goipp.Attribute {
	return stringsOf(name, goipp.TagURI, values)
}

// Name makes an attribute of names without a language.
func Name(name string, values ...string) goipp.Attribute {
	return stringsOf(name, goipp.TagName, values)
}

// Text makes an attribute of text without a language.
func Text(name string, values ...string) goipp.Attribute {
	return stringsOf(name, goipp.TagText, values)
}

// MIME makes an attribute of media types.
func MIME(name string, values ...string) goipp.Attribute {
	return stringsOf(name, goipp.TagMimeType, values)
}

// Integer makes an attribute of integers.
func Integer(name string, values ...int) goipp.Attribute {
	return intsOf(name, goipp.TagInteger, values)
}

// Enum makes an attribute of enums.
func Enum(name string, values ...int) goipp.Attribute {
	return intsOf(name, goipp.TagEnum, values)
}

// Boolean makes an attribute of one boolean.
func Boolean(name string, value bool) goipp.Attribute {
	return goipp.MakeAttr(name, goipp.TagBoolean, goipp.Boolean(value))
}

// Range makes an attribute of one range, both ends within it.
func Range(name string, lower, upper int) goipp.Attribute {
	return goipp.MakeAttr(name, goipp.TagRange, goipp.Range{Lower: lower, Upper: upper})
}

// Resolution makes an attribute of resolutions in dots per inch, the same in
// both directions.
func Resolution(name string, dpi ...int) goipp.Attribute {
	a := goipp.Attribute{Name: name}
	for _, d := range dpi {
		a.Values.Add(goipp.TagResolution, goipp.Resolution{Xres: d, Yres: d, Units: goipp.UnitsDpi})
	}
	return a
}

// MediaSize makes a value of media-size (PWG 5100.7 §6.3), in 1/100 mm.
func MediaSize(x, y int) goipp.Collection {
	return goipp.Collection{Integer("x-dimension", x), Integer("y-dimension", y)}
}

// Collections makes an attribute of collections.
func Collections(name string, values ...goipp.Collection) goipp.Attribute {
	a := goipp.Attribute{Name: name}
	for _, c := range values {
		a.Values.Add(goipp.TagBeginCollection, c)
	}
	return a
}

// NoValue makes an attribute with the out-of-band value no-value.
func NoValue(name string) goipp.Attribute {
	return goipp.MakeAttr(name, goipp.TagNoValue, goipp.Void{})
}

// Unsupported makes the attribute that represents an unknown attribute in an
// unsupported group (RFC 8011 §4.1.7).
func Unsupported(name string) goipp.Attribute {
	return goipp.MakeAttr(name, goipp.TagUnsupportedValue, goipp.Void{})
}

func stringsOf(name string, tag goipp.Tag, values []string) goipp.Attribute {
	a := goipp.Attribute{Name: name}
	for _, v := range values {
		a.Values.Add(tag, goipp.String(v))
	}
	return a
}

func intsOf(name string, tag goipp.Tag, values []int) goipp.Attribute {
	a := goipp.Attribute{Name: name}
	for _, v := range values {
		a.Values.Add(tag, goipp.Integer(v))
	}
	return a
}
