package delivery

import (
	"errors"
	"fmt"
	"io"
	"sync"
)

// Document is what is to be printed. It is streamed, never held in memory.
type Document struct {
	Title string // as the app named it; may be empty
	User  string // whose document it is, as the printer is told
	// Format is the media type; empty or application/octet-stream if it is not
	// known.
	Format string
	// Number is the document's number within its job, from 1; 0 if it is the
	// only one.
	Number int
	// Pages is how many pages should come out, copies included; 0 if that is
	// not known for sure.
	Pages int
	// Size is the exact number of bytes that Open gives. A stream of another
	// length counts as one that could not be read.
	Size int64
	// Copies is how many copies the document itself asks for, by PJL or in its
	// own format; 0 if it does not say.
	Copies int
	// Attributes is an encoded IPP message (RFC 8010) whose job group holds the
	// job template attributes (RFC 8011 §5.2) the app asked for; may be empty.
	Attributes []byte
	// Open begins to read the document. It is called at most once.
	Open func() (io.ReadCloser, error)
}

// errDocument means that a document breaks off, fails its own check or has
// another length than it was said to have.
var errDocument = errors.New("the document cannot be read")

// documentSource reads a document for a printer. The last bytes are given out
// only when the stream has ended after them without an error, so that a
// document that fails its check at the very end never reaches the printer
// whole.
type documentSource struct {
	mu     sync.Mutex
	r      io.ReadCloser
	left   int64
	err    error
	closed bool
}

func newDocumentSource(doc Document) (*documentSource, error) {
	if doc.Open == nil || doc.Size < 0 {
		return nil, fmt.Errorf("%w: there is nothing to open", errDocument)
	}
	r, err := doc.Open()
	if err != nil {
		return nil, fmt.Errorf("%w: opening it: %w", errDocument, err)
	}
	return &documentSource{r: r, left: doc.Size}, nil
}

// Read implements io.Reader.
func (s *documentSource) Read(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.err != nil:
		return 0, s.err
	case s.closed:
		return 0, io.ErrClosedPipe
	case s.left == 0:
		return 0, io.EOF
	}
	return s.readChecked(b[:min(int64(len(b)), s.left)])
}

// readChecked reads on, and checks that the document ends where its size says.
func (s *documentSource) readChecked(b []byte) (int, error) {
	n, err := s.r.Read(b)
	s.left -= int64(n)
	switch {
	case err == io.EOF && s.left > 0:
		return 0, s.failWith(fmt.Errorf("%d bytes are missing", s.left))
	case err == io.EOF: // not an error that wraps it, which means that something failed
		return n, io.EOF
	case err != nil:
		return 0, s.failWith(err)
	case s.left > 0:
		return n, nil
	}
	if err := s.checkEnd(); err != nil {
		return 0, s.failWith(err)
	}
	return n, io.EOF
}

// failWith returns the error that reading ends with from now on.
func (s *documentSource) failWith(err error) error {
	s.err = fmt.Errorf("%w: %w", errDocument, err)
	return s.err
}

// checkEnd reads on after the last byte, where nothing more may come.
func (s *documentSource) checkEnd() error {
	n, err := io.ReadFull(s.r, make([]byte, 1))
	switch {
	case n > 0:
		return errors.New("it is longer than its size says")
	case err == io.EOF:
		return nil
	}
	return err
}

// readError returns the error that reading ended with, nil if there was none.
func (s *documentSource) readError() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// Close waits for a Read in progress. Reading afterwards fails.
func (s *documentSource) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	return s.r.Close()
}
