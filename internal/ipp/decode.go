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

// Limits bounds one IPP message before it is decoded. goipp recurses without a
// limit on nested collections, and a few dozen megabytes of them overflow the
// stack, from which Go cannot recover; so every message is measured first.
type Limits struct {
	Bytes      int // of the message without the document
	Attributes int // names, members of collections and additional values
	Depth      int // of nested collections; CUPS allows 10
	Name       int // bytes of an attribute's name; RFC 8011 §5.1.4 allows 255
}

// DefaultLimits applies to every message from outside.
var DefaultLimits = Limits{Bytes: 1 << 20, Attributes: 20000, Depth: 10, Name: 255}

// RequestLimits applies to requests: a client has no reason to send as much as
// a printer.
var RequestLimits = Limits{Bytes: 1 << 20, Attributes: 2000, Depth: 10, Name: 255}

// ErrMalformed means that the bytes are not an IPP message.
var ErrMalformed = errors.New("malformed ipp message")

// ErrTooLarge means that a message exceeds one of the Limits.
var ErrTooLarge = errors.New("ipp message is over the limit")

const headerSize = 8 // version, operation or status, request id: RFC 8010 §3.1.1

// ReadMessage decodes one message from r and leaves r at the first byte after
// it, where the document is. For a message that is refused after its first
// eight bytes, it returns version, code and request id with the error, so that
// a printer can respond.
func ReadMessage(r *bufio.Reader, l Limits) (*goipp.Message, error) {
	s := messageScanner{r: r, limits: l}
	err := s.scanMessage()
	if err != nil {
		return s.messageHead(), err
	}
	m := new(goipp.Message)
	if err := m.Decode(bytes.NewReader(s.buf.Bytes())); err == nil {
		return m, nil
	}
	// Some clients (ipp 1.1.0 for Node.js) and printers write the members of a
	// collection as attributes of their own.
	m = new(goipp.Message)
	if err := decodeLeniently(m, s.buf.Bytes()); err != nil {
		return s.messageHead(), fmt.Errorf("%w: %v", ErrMalformed, err)
	}
	return m, nil
}

// messageScanner copies one message into buf and counts what goipp would have
// to allocate.
type messageScanner struct {
	r      *bufio.Reader
	limits Limits
	buf    bytes.Buffer
	attrs  int
	depth  int
}

func (s *messageScanner) scanMessage() error {
	if err := s.copyBytes(headerSize); err != nil {
		return err
	}
	for {
		tag, err := s.copyTag()
		if err != nil {
			return err
		}
		switch {
		case tag == goipp.TagEnd:
			if s.depth != 0 {
				return fmt.Errorf("%w: it ends within a collection", ErrMalformed)
			}
			return nil
		case tag.IsDelimiter():
			continue
		}
		if err := s.scanAttribute(tag); err != nil {
			return err
		}
	}
}

// scanAttribute copies one attribute, member or further value: name and value,
// each after its length in two bytes (RFC 8010 §3.1.4).
func (s *messageScanner) scanAttribute(tag goipp.Tag) error {
	s.attrs++
	if s.attrs > s.limits.Attributes {
		return fmt.Errorf("%w of %d attributes", ErrTooLarge, s.limits.Attributes)
	}
	switch tag {
	case goipp.TagBeginCollection:
		s.depth++
	case goipp.TagEndCollection:
		s.depth--
	}
	if s.depth > s.limits.Depth {
		return fmt.Errorf("%w of %d nested collections", ErrTooLarge, s.limits.Depth)
	}
	if s.depth < 0 {
		return fmt.Errorf("%w: a collection ends that did not begin", ErrMalformed)
	}
	if err := s.copyField(s.limits.Name); err != nil {
		return err
	}
	return s.copyField(1<<16 - 1)
}

func (s *messageScanner) copyField(most int) error {
	at := s.buf.Len()
	if err := s.copyBytes(2); err != nil {
		return err
	}
	n := int(binary.BigEndian.Uint16(s.buf.Bytes()[at:]))
	if n > most {
		return fmt.Errorf("%w of %d bytes in a name", ErrTooLarge, most)
	}
	return s.copyBytes(n)
}

func (s *messageScanner) copyTag() (goipp.Tag, error) {
	if err := s.copyBytes(1); err != nil {
		return 0, err
	}
	return goipp.Tag(s.buf.Bytes()[s.buf.Len()-1]), nil
}

func (s *messageScanner) copyBytes(n int) error {
	if s.buf.Len()+n > s.limits.Bytes {
		return fmt.Errorf("%w of %d bytes", ErrTooLarge, s.limits.Bytes)
	}
	_, err := io.CopyN(&s.buf, s.r, int64(n))
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: it is cut off", ErrMalformed)
	}
	if err != nil {
		return fmt.Errorf("reading an ipp message: %w", err)
	}
	return nil
}

// messageHead returns the part of the message that a response repeats; nil if
// not even that has arrived.
func (s *messageScanner) messageHead() *goipp.Message {
	b := s.buf.Bytes()
	if len(b) < headerSize {
		return nil
	}
	return &goipp.Message{
		Version:   goipp.Version(binary.BigEndian.Uint16(b)),
		Code:      goipp.Code(binary.BigEndian.Uint16(b[2:])),
		RequestID: binary.BigEndian.Uint32(b[4:]),
	}
}
