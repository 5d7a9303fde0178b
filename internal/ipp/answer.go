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

// ReadTolerant decodes a printer's response as far as it can: it drops an
// attribute that breaks the rules of RFC 8010, and a value that belongs to no
// attribute; of a response that ends before its end tag it returns what has
// arrived. The limits still hold. Only a response without its first eight
// bytes, or over a limit, is an error. Nothing can follow a response, so the
// position of r is not defined afterwards.
func ReadTolerant(r *bufio.Reader, l Limits) (*goipp.Message, error) {
	s := answerScanner{r: r, limits: l}
	if err := s.scanAnswer(); err != nil {
		return nil, err
	}
	m := new(goipp.Message)
	if s.maxDepth() <= l.Depth && m.Decode(bytes.NewReader(s.raw.Bytes())) == nil {
		return m, nil
	}
	m = new(goipp.Message)
	if err := decodeLeniently(m, s.repairedAnswer()); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrMalformed, err)
	}
	return m, nil
}

// decodeLeniently also accepts collections whose members are attributes of
// their own, as Pantum writes them (goipp.DecoderOptions).
func decodeLeniently(m *goipp.Message, b []byte) error {
	return m.DecodeEx(bytes.NewReader(b), goipp.DecoderOptions{EnableWorkarounds: true})
}

// answerPiece is a delimiter of a group, or one attribute, member or further
// value as encoded (RFC 8010 §3.1).
type answerPiece struct {
	tag   goipp.Tag
	named bool
	raw   []byte
}

// answerScanner cuts a response into pieces.
type answerScanner struct {
	r      *bufio.Reader
	limits Limits
	raw    bytes.Buffer
	pieces []answerPiece
}

// scanAnswer reads until the end tag or the end of the input.
func (s *answerScanner) scanAnswer() error {
	if err := s.copyBytes(headerSize); err != nil {
		if errors.Is(err, errAnswerEnds) {
			return fmt.Errorf("%w: it is cut off", ErrMalformed)
		}
		return err
	}
	for {
		start := s.raw.Len()
		err := s.scanPiece()
		switch {
		case errors.Is(err, errAnswerEnds):
			s.raw.Truncate(start)
			s.raw.WriteByte(byte(goipp.TagEnd))
			return nil
		case err != nil:
			return err
		case s.raw.Bytes()[start] == byte(goipp.TagEnd):
			return nil
		}
		p := answerPiece{tag: goipp.Tag(s.raw.Bytes()[start]), raw: bytes.Clone(s.raw.Bytes()[start:])}
		p.named = len(p.raw) > 1 && binary.BigEndian.Uint16(p.raw[1:]) > 0
		if s.pieces = append(s.pieces, p); len(s.pieces) > s.limits.Attributes {
			return fmt.Errorf("%w of %d attributes", ErrTooLarge, s.limits.Attributes)
		}
	}
}

// scanPiece reads one tag and what belongs to it.
func (s *answerScanner) scanPiece() error {
	if err := s.copyBytes(1); err != nil {
		return err
	}
	if tag := goipp.Tag(s.raw.Bytes()[s.raw.Len()-1]); tag.IsDelimiter() {
		return nil
	}
	for range 2 { // name, value
		at := s.raw.Len()
		if err := s.copyBytes(2); err != nil {
			return err
		}
		if err := s.copyBytes(int(binary.BigEndian.Uint16(s.raw.Bytes()[at:]))); err != nil {
			return err
		}
	}
	return nil
}

// errAnswerEnds means that the response ends where more must follow.
var errAnswerEnds = errors.New("the answer ends")

func (s *answerScanner) copyBytes(n int) error {
	if s.raw.Len()+n > s.limits.Bytes {
		return fmt.Errorf("%w of %d bytes", ErrTooLarge, s.limits.Bytes)
	}
	_, err := io.CopyN(&s.raw, s.r, int64(n))
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF): // shorter than Content-Length: what is missing is unknown
		return fmt.Errorf("%w: it is cut off", ErrMalformed)
	case errors.Is(err, io.EOF):
		return errAnswerEnds
	}
	if err != nil {
		return fmt.Errorf("reading an ipp message: %w", err)
	}
	return nil
}

// maxDepth returns how deep collections are nested. goipp recurses without a
// limit, so it must not decode a message before this check.
func (s *answerScanner) maxDepth() int {
	depth, most := 0, 0
	for _, p := range s.pieces {
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

// repairedAnswer returns the response without the parts that break the rules.
func (s *answerScanner) repairedAnswer() []byte {
	out := bytes.Clone(s.raw.Bytes()[:headerSize])
	group := goipp.TagZero
	for rest := s.pieces; len(rest) > 0; {
		if rest[0].tag.IsDelimiter() {
			if group = rest[0].tag; group.IsGroup() {
				out = append(out, byte(group))
			}
			rest = rest[1:]
			continue
		}
		var whole []byte
		if whole, rest = s.cutAttribute(rest); group.IsGroup() && s.isDecodable(whole) {
			out = append(out, whole...)
		}
	}
	return append(out, byte(goipp.TagEnd))
}

// cutAttribute cuts off the next attribute with its further values; whole is
// nil where the next pieces belong to no attribute.
func (s *answerScanner) cutAttribute(from []answerPiece) (whole []byte, rest []answerPiece) {
	if !from[0].named || from[0].tag == goipp.TagMemberName || from[0].tag == goipp.TagEndCollection {
		return nil, skipStrays(from[1:])
	}
	for first := true; len(from) > 0 && (first || !from[0].named) && !from[0].tag.IsDelimiter(); first = false {
		n := s.valueLength(from)
		if n == 0 { // what follows belongs to no attribute
			return whole, skipStrays(from[1:])
		}
		for _, p := range from[:n] {
			whole = append(whole, p.raw...)
		}
		from = from[n:]
	}
	return whole, from
}

// skipStrays skips pieces that belong to no attribute, up to the next attribute
// or group.
func skipStrays(from []answerPiece) []answerPiece {
	for len(from) > 0 && !from[0].named && !from[0].tag.IsDelimiter() {
		from = from[1:]
	}
	return from
}

// valueLength returns how many pieces one value has: a collection extends to
// its end. It is 0 where the collection does not end in its group or is nested
// too deep, and where a piece may only be inside a collection.
func (s *answerScanner) valueLength(from []answerPiece) int {
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

// isDecodable reports whether an attribute can be decoded by itself.
func (s *answerScanner) isDecodable(whole []byte) bool {
	if len(whole) == 0 || int(binary.BigEndian.Uint16(whole[1:])) > s.limits.Name {
		return false
	}
	message := append(make([]byte, headerSize, headerSize+len(whole)+2), byte(goipp.TagPrinterGroup))
	message = append(append(message, whole...), byte(goipp.TagEnd))
	return decodeLeniently(new(goipp.Message), message) == nil
}
