package ipp

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/OpenPrinting/goipp"
)

// message encodes a request with the given raw attributes after its head.
func message(raw ...[]byte) []byte {
	b := []byte{2, 0, 0, 2, 0, 0, 0, 7, byte(goipp.TagOperationGroup)}
	return append(append(b, bytes.Join(raw, nil)...), byte(goipp.TagEnd))
}

func attribute(tag goipp.Tag, name string, value []byte) []byte {
	b := []byte{byte(tag), byte(len(name) >> 8), byte(len(name))}
	b = append(b, name...)
	b = append(b, byte(len(value)>>8), byte(len(value)))
	return append(b, value...)
}

// nested returns a collection n deep.
func nested(n int) []byte {
	b := attribute(goipp.TagBeginCollection, "c", nil)
	for range n - 1 {
		b = append(b, attribute(goipp.TagMemberName, "", []byte("m"))...)
		b = append(b, attribute(goipp.TagBeginCollection, "", nil)...)
	}
	for range n {
		b = append(b, attribute(goipp.TagEndCollection, "", nil)...)
	}
	return b
}

func TestReadLeavesTheDocument(t *testing.T) {
	r := bufio.NewReader(io.MultiReader(
		bytes.NewReader(message(attribute(goipp.TagName, "job-name", []byte("a")))),
		strings.NewReader("%PDF-1.7")))
	m, err := ReadMessage(r, RequestLimits)
	if err != nil {
		t.Fatal(err)
	}
	if got := String(m.Operation, "job-name"); got != "a" {
		t.Errorf("job-name = %q", got)
	}
	if rest, _ := io.ReadAll(r); string(rest) != "%PDF-1.7" {
		t.Errorf("left for the document: %q", rest)
	}
}

func TestReadRefuses(t *testing.T) {
	many := bytes.Repeat(attribute(goipp.TagInteger, "a", []byte{0, 0, 0, 1}), 2001)
	for name, c := range map[string]struct {
		bytes []byte
		want  error
		head  bool
	}{
		"nothing":                       {nil, ErrMalformed, false},
		"half a head":                   {[]byte{2, 0, 0}, ErrMalformed, false},
		"head alone":                    {[]byte{2, 0, 0, 2, 0, 0, 0, 7}, ErrMalformed, true},
		"cut within a value":            {message(attribute(goipp.TagName, "n", []byte("value")))[:18], ErrMalformed, true},
		"eleven deep":                   {message(nested(11)), ErrTooLarge, true},
		"a million deep":                {message(nested(1 << 18)), ErrTooLarge, true},
		"2001 attributes":               {message(many), ErrTooLarge, true},
		"a long name":                   {message(attribute(goipp.TagInteger, strings.Repeat("n", 256), []byte{0, 0, 0, 1})), ErrTooLarge, true},
		"over a megabyte":               {message(bytes.Repeat(attribute(goipp.TagText, "t", make([]byte, 60000)), 18)), ErrTooLarge, true},
		"end of a collection not begun": {message(attribute(goipp.TagEndCollection, "", nil)), ErrMalformed, true},
		"end within a collection":       {message(attribute(goipp.TagBeginCollection, "c", nil)), ErrMalformed, true},
		"a value before any attribute":  {message(attribute(goipp.TagInteger, "", []byte{0, 0, 0, 1})), ErrMalformed, true},
		"an integer of three bytes":     {message(attribute(goipp.TagInteger, "i", []byte{0, 0, 1})), ErrMalformed, true},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := ReadMessage(bufio.NewReader(bytes.NewReader(c.bytes)), RequestLimits)
			if !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if (m != nil) != c.head {
				t.Errorf("head returned: %v", m)
			}
			if c.head && m.RequestID != 7 {
				t.Errorf("request id %d", m.RequestID)
			}
		})
	}
}

// TestReadTakesMembersAsAttributes reads a collection as ipp 1.1.0 for Node.js
// writes it.
func TestReadTakesMembersAsAttributes(t *testing.T) {
	b := message(attribute(goipp.TagBeginCollection, "media-col", nil),
		attribute(goipp.TagKeyword, "media-type", []byte("stationery")),
		attribute(goipp.TagEndCollection, "", nil))
	m, err := ReadMessage(bufio.NewReader(bytes.NewReader(b)), RequestLimits)
	if err != nil {
		t.Fatal(err)
	}
	a, _ := Find(m.Operation, "media-col")
	if len(a.Values) != 1 {
		t.Fatalf("media-col is %v", a.Values)
	}
	c, ok := a.Values[0].V.(goipp.Collection)
	if !ok || String(goipp.Attributes(c), "media-type") != "stationery" {
		t.Errorf("media-col is %v", a.Values)
	}
}

func TestReadTakesTenDeep(t *testing.T) {
	if _, err := ReadMessage(bufio.NewReader(bytes.NewReader(message(nested(10)))), RequestLimits); err != nil {
		t.Fatal(err)
	}
}

func TestReadKeepsTheCauseOfABrokenConnection(t *testing.T) {
	broken := errors.New("connection reset")
	_, err := ReadMessage(bufio.NewReader(iotest.ErrReader(broken)), RequestLimits)
	if !errors.Is(err, broken) || errors.Is(err, ErrMalformed) {
		t.Errorf("got %v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(message(attribute(goipp.TagName, "job-name", []byte("a"))))
	f.Add(message(nested(4)))
	f.Add(message(attribute(goipp.TagExtension, "x", []byte{0, 0, 0, 1, 2})))
	f.Add(message(attribute(goipp.TagBeginCollection, "c", nil), attribute(goipp.TagMemberName, "", nil)))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := ReadMessage(bufio.NewReader(bytes.NewReader(b)), RequestLimits)
		if err != nil {
			return
		}
		again, err := m.EncodeBytes()
		if err != nil {
			return // goipp takes some messages that it will not make, such as empty attributes
		}
		if _, err := ReadMessage(bufio.NewReader(bytes.NewReader(again)), DefaultLimits); err != nil && len(again) < 1<<20 {
			t.Errorf("what it encodes it does not decode: %v", err)
		}
	})
}
