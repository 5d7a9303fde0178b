package ipp

import (
	"bufio"
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/OpenPrinting/goipp"
)

// answer returns a response with the given raw attributes between two valid
// ones.
func answer(raw ...[]byte) []byte {
	b := []byte{2, 0, 0, 0, 0, 0, 0, 7, byte(goipp.TagOperationGroup)}
	b = append(b, attribute(goipp.TagCharset, "attributes-charset", []byte("utf-8"))...)
	b = append(b, byte(goipp.TagPrinterGroup))
	b = append(b, attribute(goipp.TagText, "printer-info", []byte("Hall"))...)
	b = append(b, bytes.Join(raw, nil)...)
	b = append(b, attribute(goipp.TagEnum, "printer-state", []byte{0, 0, 0, 3})...)
	return append(b, byte(goipp.TagEnd))
}

func tolerant(t testing.TB, b []byte) *goipp.Message {
	t.Helper()
	m, err := ReadTolerant(bufio.NewReader(bytes.NewReader(b)), DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestToleratedAnswers: what is wrong with one attribute costs that attribute.
func TestToleratedAnswers(t *testing.T) {
	member, end := attribute(goipp.TagMemberName, "", []byte("m")), attribute(goipp.TagEndCollection, "", nil)
	one := []byte{0, 0, 0, 1}
	for name, c := range map[string]struct {
		raw  []byte
		kept []string // of the names in between
	}{
		"well":                      {attribute(goipp.TagInteger, "x", one), []string{"x"}},
		"a stray member":            {slices.Concat(member, attribute(goipp.TagInteger, "", one), end), nil},
		"a stray end":               {end, nil},
		"a collection without end":  {slices.Concat(attribute(goipp.TagBeginCollection, "c", nil), member, attribute(goipp.TagInteger, "", one)), nil},
		"one without, one with end": {slices.Concat(attribute(goipp.TagBeginCollection, "c", nil), member, nested(2)), []string{"c"}},
		"a collection ended twice":  {slices.Concat(nested(1), end, attribute(goipp.TagInteger, "x", one)), []string{"c", "x"}},
		"members as attributes": {slices.Concat(attribute(goipp.TagBeginCollection, "c", nil), attribute(goipp.TagInteger, "m", one), end),
			[]string{"c"}},
		"too deep":                                 {slices.Concat(nested(11), attribute(goipp.TagInteger, "x", one)), []string{"x"}},
		"an integer of 2 bytes":                    {attribute(goipp.TagInteger, "x", one[:2]), nil},
		"a boolean of 4 bytes":                     {attribute(goipp.TagBoolean, "x", one), nil},
		"a range of 4 bytes":                       {attribute(goipp.TagRange, "x", one), nil},
		"a resolution too short":                   {attribute(goipp.TagResolution, "x", slices.Concat(one, one)), nil},
		"a date of nothing":                        {attribute(goipp.TagDateTime, "x", nil), nil},
		"a text with a language and wrong lengths": {attribute(goipp.TagTextLang, "x", []byte{0, 255, 'e', 'n', 0, 1, 'x'}), nil},
		"an unknown tag":                           {attribute(0x5f, "x", []byte("abc")), []string{"x"}},
		"an extension too short":                   {attribute(goipp.TagExtension, "x", []byte{1}), nil},
		"a value of nothing":                       {slices.Concat([]byte{byte(goipp.TagSubscriptionGroup)}, attribute(goipp.TagInteger, "", one), []byte{byte(goipp.TagPrinterGroup)}), nil},
		"a second bad value":                       {slices.Concat(attribute(goipp.TagInteger, "x", one), attribute(goipp.TagInteger, "", one[:1])), nil},
		"a name that is too long":                  {slices.Concat(end, attribute(goipp.TagInteger, strings.Repeat("n", 300), one)), nil},
		"a group of its own":                       {slices.Concat([]byte{0x0a}, attribute(goipp.TagInteger, "x", one), []byte{byte(goipp.TagPrinterGroup)}), nil},
		"a delimiter that is none":                 {[]byte{0}, nil},
		"Latin-1":                                  {attribute(goipp.TagText, "x", []byte("B\xfcro")), []string{"x"}},
	} {
		m := tolerant(t, answer(c.raw))
		if n, _ := Int(m.Printer, "printer-state"); n != 3 && name != "a delimiter that is none" || String(m.Printer, "printer-info") != "Hall" {
			t.Errorf("%s: what is well was lost: %v", name, m.Printer)
		}
		var kept []string
		for _, a := range m.Printer {
			if a.Name != "printer-info" && a.Name != "printer-state" {
				kept = append(kept, a.Name)
			}
		}
		if !slices.Equal(kept, c.kept) {
			t.Errorf("%s: kept %q, want %q", name, kept, c.kept)
		}
		if a, _ := Find(m.Printer, "printer-info"); len(a.Values) != 1 {
			t.Errorf("%s: printer-info got values that are not its own: %v", name, a.Values)
		}
	}
}

// TestCutAnswers: an answer is read wherever it ends, from its ninth byte on.
func TestCutAnswers(t *testing.T) {
	whole := answer(attribute(goipp.TagInteger, "x", []byte{0, 0, 0, 1}), nested(3))
	for n := range whole {
		m, err := ReadTolerant(bufio.NewReader(bytes.NewReader(whole[:n])), DefaultLimits)
		if (err == nil) != (n >= headerSize) {
			t.Fatalf("%d of %d bytes: %v", n, len(whole), err)
		}
		if err != nil && !errors.Is(err, ErrMalformed) {
			t.Errorf("%d bytes: %v", n, err)
		}
		if err == nil && len(whole)-n == 1 && len(m.Printer) != 4 {
			t.Errorf("without its end tag: %v", m.Printer)
		}
	}
	if m := tolerant(t, append(whole, "trailing"...)); len(m.Printer) != 4 {
		t.Errorf("with something after it: %v", m.Printer)
	}
}

func TestTolerantKeepsTheLimits(t *testing.T) {
	many := bytes.Repeat(attribute(goipp.TagInteger, "", []byte{1}), DefaultLimits.Attributes+1)
	huge := bytes.Repeat(attribute(goipp.TagText, "x", make([]byte, 60000)), 20)
	for name, raw := range map[string][]byte{"attributes": many, "bytes": huge} {
		if _, err := ReadTolerant(bufio.NewReader(bytes.NewReader(answer(raw))), DefaultLimits); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzAnswer: what is well formed means the same as to the strict reader, and
// everything else is read within the limits.
func FuzzAnswer(f *testing.F) {
	one := []byte{0, 0, 0, 1}
	f.Add(answer(nested(3), attribute(goipp.TagInteger, "x", one)))
	f.Add(answer(attribute(goipp.TagMemberName, "", []byte("m")), attribute(goipp.TagInteger, "", one[:1]), attribute(goipp.TagEndCollection, "", nil)))
	f.Add(answer(attribute(goipp.TagBeginCollection, "c", nil), attribute(goipp.TagInteger, "m", one)))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := ReadTolerant(bufio.NewReader(bytes.NewReader(b)), DefaultLimits)
		strict, strictErr := ReadMessage(bufio.NewReader(bytes.NewReader(b)), DefaultLimits)
		if strictErr == nil && (err != nil || !m.Equal(*strict)) {
			t.Fatalf("strictly %v, tolerantly %v, %v", strict, m, err)
		}
		if err != nil {
			return
		}
		again, err := m.EncodeBytes()
		if err != nil {
			return // goipp decodes more than it encodes
		}
		if _, err := ReadMessage(bufio.NewReader(bytes.NewReader(again)), DefaultLimits); err != nil && !errors.Is(err, ErrTooLarge) {
			t.Fatalf("what is left cannot be read strictly: %v", err)
		}
	})
}
