package simprinter

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/printscout/printscout/internal/ipp"
)

// uel is the universal exit language sequence, which begins and ends PJL (HP
// PJL Technical Reference Manual, ch. 2).
var uel = []byte("\x1b%-12345X")

const (
	maxPJLLine  = 1 << 10 // bytes of a line that are looked at
	maxPJLLines = 256     // lines of a job that are kept
)

// pjlStream separates PJL from the document within one stream. Document is
// what stands between an ENTER LANGUAGE line and the next UEL, or what comes
// in place of PJL.
type pjlStream struct {
	command func(line string)
	data    func([]byte) error

	buf      []byte
	document bool
	skipping bool // the rest of a line that was too long
}

// Write implements io.Writer.
func (s *pjlStream) Write(b []byte) (int, error) {
	s.buf = append(s.buf, b...)
	for more := len(s.buf) > 0; more; {
		var err error
		if more, err = s.nextStep(); err != nil {
			return 0, err
		}
	}
	return len(b), nil
}

// Close passes on what was held back.
func (s *pjlStream) Close() error {
	rest := s.buf
	s.buf = nil
	switch {
	case s.document:
		return s.data(rest)
	case bytes.HasPrefix(rest, []byte("@PJL")):
		s.takeLine(rest)
	}
	return nil
}

func (s *pjlStream) nextStep() (more bool, err error) {
	switch {
	case len(s.buf) == 0:
		return false, nil
	case s.document:
		return s.dataStep()
	case s.skipping:
		i := bytes.IndexByte(s.buf, '\n')
		s.skipping = i < 0
		s.dropBytes(i + 1)
		if i < 0 {
			s.buf = s.buf[:0]
		}
		return true, nil
	case mayBegin(s.buf, uel):
		if len(s.buf) < len(uel) {
			return false, nil
		}
		s.dropBytes(len(uel))
		return true, nil
	case mayBegin(s.buf, []byte("@PJL")):
		return s.lineStep(), nil
	case s.buf[0] == '\r' || s.buf[0] == '\n':
		s.dropBytes(1)
		return true, nil
	}
	s.document = true
	return true, nil
}

// mayBegin reports whether b begins with mark, or is the beginning of it.
func mayBegin(b, mark []byte) bool {
	n := min(len(b), len(mark))
	return bytes.Equal(b[:n], mark[:n])
}

func (s *pjlStream) dropBytes(n int) { s.buf = s.buf[:copy(s.buf, s.buf[n:])] }

// dataStep passes on the document up to a UEL, or to where one may begin.
func (s *pjlStream) dataStep() (bool, error) {
	i := bytes.Index(s.buf, uel)
	if i >= 0 {
		err := s.data(s.buf[:i])
		s.dropBytes(i + len(uel))
		s.document = false
		return true, err
	}
	n := max(0, len(s.buf)-len(uel)+1)
	err := s.data(s.buf[:n])
	s.dropBytes(n)
	return false, err
}

func (s *pjlStream) lineStep() bool {
	i := bytes.IndexByte(s.buf, '\n')
	switch {
	case i >= 0:
		s.takeLine(s.buf[:i])
		s.dropBytes(i + 1)
		return true
	case len(s.buf) > maxPJLLine:
		s.takeLine(s.buf)
		s.buf, s.skipping = s.buf[:0], true
	}
	return false
}

func (s *pjlStream) takeLine(b []byte) {
	line := ipp.Clean(string(b[:min(len(b), maxPJLLine)]), maxPJLLine)
	if verb, _ := pjlCommand(line); verb == "ENTER" {
		s.document = true
	}
	s.command(line)
}

// pjlCommand splits a line into the word after @PJL, in capitals, and the
// rest.
func pjlCommand(line string) (verb, rest string) {
	line = strings.TrimSpace(strings.TrimPrefix(line, "@PJL"))
	verb, rest, _ = strings.Cut(line, " ")
	return strings.ToUpper(verb), strings.TrimSpace(rest)
}

// pjlValue returns the value of a NAME=value pair within the rest of a line.
func pjlValue(rest, name string) (string, bool) {
	i := strings.Index(strings.ToUpper(rest), name)
	if i < 0 {
		return "", false
	}
	v, is := strings.CutPrefix(strings.TrimSpace(rest[i+len(name):]), "=")
	if !is {
		return "", false
	}
	v = strings.TrimSpace(v)
	if quoted, is := strings.CutPrefix(v, `"`); is {
		v, _, _ = strings.Cut(quoted, `"`)
		return v, true
	}
	v, _, _ = strings.Cut(v, " ")
	return v, true
}

// pjlCopies returns the number of copies that a line sets, 0 if it sets none.
func pjlCopies(line string) int {
	verb, rest := pjlCommand(line)
	if verb != "SET" {
		return 0
	}
	for _, name := range []string{"QTY", "COPIES"} {
		if v, is := pjlValue(rest, name); is {
			n, _ := strconv.Atoi(v)
			return n
		}
	}
	return 0
}

// pjlHead looks for copies in the PJL that a document begins with.
type pjlHead struct{ b []byte }

const maxPJLHead = 4 << 10

// Write implements io.Writer.
func (h *pjlHead) Write(b []byte) (int, error) {
	h.b = append(h.b, b[:min(len(b), maxPJLHead-len(h.b))]...)
	return len(b), nil
}

func (h *pjlHead) copies() (n int) {
	s := &pjlStream{data: func([]byte) error { return nil }, command: func(line string) { n = max(n, pjlCopies(line)) }}
	_, _ = s.Write(h.b)
	return n
}
