package ipp

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/OpenPrinting/goipp"
)

// ReadTolerant decodes an answer of a printer as far as it goes: an attribute
// that breaks the rules of RFC 8010 is left out, and so is a value that belongs
// to none; an answer whose body ends before its end tag is what came of it. The limits
// hold all the same. Only an answer without its first eight bytes, or over a
// limit, is an error. Nothing can lie behind an answer, and so r is left
// wherever it was.
func ReadTolerant(r *bufio.Reader, l Limits) (*goipp.Message, error) {
	s := answerScanner{r: r, limits: l}
	if err := s.scan(); err != nil {
		return nil, err
	}
	m := new(goipp.Message)
	if s.deepest() <= l.Depth && m.Decode(bytes.NewReader(s.raw.Bytes())) == nil {
		return m, nil
	}
	m = new(goipp.Message)
	if err := decode(m, s.repaired()); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrMalformed, err)
	}
	return m, nil
}

// decode knows collections whose members are attributes of their own, as
// Pantum writes them (goipp.DecoderOptions).
func decode(m *goipp.Message, b []byte) error {
	return m.DecodeEx(bytes.NewReader(b), goipp.DecoderOptions{EnableWorkarounds: true})
}

// piece is a delimiter of a group, or one attribute, member or further value
// as it lies on the wire (RFC 8010 §3.1).
type piece struct {
	tag   goipp.Tag
	named bool
	raw   []byte
}

// answerScanner cuts an answer into pieces.
type answerScanner struct {
	r      *bufio.Reader
	limits Limits
	raw    bytes.Buffer
	attrs  []piece
}

// scan reads until the end tag, or until nothing more comes.
func (s *answerScanner) scan() error {
	if err := s.take(headerSize); err != nil {
		if errors.Is(err, errEnds) {
			return fmt.Errorf("%w: it is cut off", ErrMalformed)
		}
		return err
	}
	for {
		start := s.raw.Len()
		err := s.piece()
		switch {
		case errors.Is(err, errEnds):
			s.raw.Truncate(start)
			s.raw.WriteByte(byte(goipp.TagEnd))
			return nil
		case err != nil:
			return err
		case s.raw.Bytes()[start] == byte(goipp.TagEnd):
			return nil
		}
		p := piece{tag: goipp.Tag(s.raw.Bytes()[start]), raw: bytes.Clone(s.raw.Bytes()[start:])}
		p.named = len(p.raw) > 1 && binary.BigEndian.Uint16(p.raw[1:]) > 0
		if s.attrs = append(s.attrs, p); len(s.attrs) > s.limits.Attributes {
			return fmt.Errorf("%w of %d attributes", ErrTooLarge, s.limits.Attributes)
		}
	}
}

// piece takes one tag and what belongs to it.
func (s *answerScanner) piece() error {
	if err := s.take(1); err != nil {
		return err
	}
	if tag := goipp.Tag(s.raw.Bytes()[s.raw.Len()-1]); tag.IsDelimiter() {
		return nil
	}
	for range 2 { // name, value
		at := s.raw.Len()
		if err := s.take(2); err != nil {
			return err
		}
		if err := s.take(int(binary.BigEndian.Uint16(s.raw.Bytes()[at:]))); err != nil {
			return err
		}
	}
	return nil
}

// errEnds means that the answer ends where it should go on.
var errEnds = errors.New("the answer ends")

func (s *answerScanner) take(n int) error {
	if s.raw.Len()+n > s.limits.Bytes {
		return fmt.Errorf("%w of %d bytes", ErrTooLarge, s.limits.Bytes)
	}
	_, err := io.CopyN(&s.raw, s.r, int64(n))
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF): // shorter than its own header says: who knows what is missing
		return fmt.Errorf("%w: it is cut off", ErrMalformed)
	case errors.Is(err, io.EOF):
		return errEnds
	}
	if err != nil {
		return fmt.Errorf("reading an ipp message: %w", err)
	}
	return nil
}

// deepest is how far collections are nested. goipp recurses without a limit,
// and so it is asked only behind this.
func (s *answerScanner) deepest() int {
	depth, most := 0, 0
	for _, p := range s.attrs {
		switch p.tag {
		case goipp.TagBeginCollection:
			depth++
		case goipp.TagEndCollection:
			depth--
		}
		most = max(most, depth)
	}
	return most
}

// repaired is the answer without what breaks the rules.
func (s *answerScanner) repaired() []byte {
	out := bytes.Clone(s.raw.Bytes()[:headerSize])
	group := goipp.TagZero
	for rest := s.attrs; len(rest) > 0; {
		if rest[0].tag.IsDelimiter() {
			if group = rest[0].tag; group.IsGroup() {
				out = append(out, byte(group))
			}
			rest = rest[1:]
			continue
		}
		var whole []byte
		if whole, rest = s.attribute(rest); group.IsGroup() && s.sound(whole) {
			out = append(out, whole...)
		}
	}
	return append(out, byte(goipp.TagEnd))
}

// attribute cuts the next attribute off, with its further values; nil where
// what comes next belongs to none.
func (s *answerScanner) attribute(from []piece) (whole []byte, rest []piece) {
	if !from[0].named || from[0].tag == goipp.TagMemberName || from[0].tag == goipp.TagEndCollection {
		return nil, skip(from[1:])
	}
	for first := true; len(from) > 0 && (first || !from[0].named) && !from[0].tag.IsDelimiter(); first = false {
		n := s.value(from)
		if n == 0 { // what follows belongs to nothing that can be told
			return whole, skip(from[1:])
		}
		for _, p := range from[:n] {
			whole = append(whole, p.raw...)
		}
		from = from[n:]
	}
	return whole, from
}

// skip passes over what belongs to nothing: up to the next attribute or group.
func skip(from []piece) []piece {
	for len(from) > 0 && !from[0].named && !from[0].tag.IsDelimiter() {
		from = from[1:]
	}
	return from
}

// value is how many pieces one value has: of a collection all to its end. It is
// 0 where the collection has no end in its group, is nested too deeply, or
// where a piece may only stand within one.
func (s *answerScanner) value(from []piece) int {
	depth := 0
	for i, p := range from {
		switch {
		case p.tag.IsDelimiter():
			return 0
		case p.tag == goipp.TagBeginCollection:
			depth++
		case p.tag == goipp.TagEndCollection:
			depth--
		case p.tag == goipp.TagMemberName && depth == 0:
			return 0
		}
		if depth < 0 || depth > s.limits.Depth {
			return 0
		}
		if depth == 0 {
			return i + 1
		}
	}
	return 0
}

// sound reports whether an attribute can be decoded by itself.
func (s *answerScanner) sound(whole []byte) bool {
	if len(whole) == 0 || int(binary.BigEndian.Uint16(whole[1:])) > s.limits.Name {
		return false
	}
	alone := append(make([]byte, headerSize, headerSize+len(whole)+2), byte(goipp.TagPrinterGroup))
	alone = append(append(alone, whole...), byte(goipp.TagEnd))
	return decode(new(goipp.Message), alone) == nil
}
