package raw

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// uel is the universal exit language command: it leaves any language for PJL.
const uel = "\x1b%-12345X"

// lookSize is how much of a document is searched for a header of its own.
const lookSize = 4096

// ownHeader is the PJL that a document begins with.
type ownHeader struct {
	pjl      bool              // there is one
	uel      bool              // it begins with uel
	entered  bool              // it enters a language within what was read
	job      bool              // it has a JOB of its own
	long     bool              // its end was not seen
	set      map[string]string // what it sets for itself
	defaults map[string]string // what it sets for later jobs, and at some printers for itself
}

// resetsJob reports whether the header undoes what is set before it, as far as
// is known.
func (o ownHeader) resetsJob() bool { return o.job || o.long }

func (o ownHeader) sets(name string) bool { _, ok := o.set[name]; return ok }

// copiesNotKnown is a number of copies that cannot be told.
const copiesNotKnown = -1

// copiesIn returns how many copies of the document some settings ask for, 0 if
// they ask for none: QTY is for the whole, COPIES for each page of that.
func copiesIn(settings map[string]string) int {
	n := 0
	for _, name := range []string{"QTY", "COPIES"} {
		value, ok := settings[name]
		if !ok {
			continue
		}
		one, err := strconv.Atoi(value)
		if err != nil || one < 1 || one > maxCopies {
			return copiesNotKnown
		}
		n = max(n, 1) * one
	}
	return n
}

const maxCopies = 1 << 15

// readHead reads the first bytes of a document and the header in them.
func readHead(r io.Reader, size int64) (head []byte, own ownHeader, err error) {
	head = make([]byte, min(lookSize, max(size, 0)))
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, own, documentError(err)
	}
	return head, readOwn(head, int64(len(head)) < size), nil
}

func documentError(err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("%w: %w", ErrDocument, err)
}

// readOwn reads the header at the beginning of a document; more reports
// whether the document goes on after head.
func readOwn(head []byte, more bool) ownHeader {
	o := ownHeader{set: map[string]string{}, defaults: map[string]string{}}
	rest, found := bytes.CutPrefix(head, []byte(uel))
	o.uel = found
	for {
		line, after, ended := bytes.Cut(rest, []byte("\n"))
		if line = o.withoutExits(line); ended && o.uel && len(line) == 0 {
			rest = after
			continue
		}
		if !isPJL(line) {
			o.long = o.pjl && more && len(line) < len("@PJL") && !ended
			return o
		}
		o.pjl = true
		if !ended {
			o.long = more
			return o
		}
		if o.readCommand(line); o.entered {
			return o
		}
		rest = after
	}
}

// withoutExits returns a line without what may stand between two commands, if
// the header begins with uel.
func (o ownHeader) withoutExits(line []byte) []byte {
	for found := o.uel; found; {
		line = bytes.TrimLeft(line, " \r")
		line, found = bytes.CutPrefix(line, []byte(uel))
	}
	return line
}

func isPJL(line []byte) bool {
	return len(line) >= len("@PJL") && bytes.EqualFold(line[:len("@PJL")], []byte("@PJL"))
}

// readCommand reads one line, which may have several assignments.
func (o *ownHeader) readCommand(line []byte) {
	verb, rest := cutWord(line[len("@PJL"):])
	switch strings.ToUpper(string(verb)) {
	case "ENTER":
		o.entered = true
	case "JOB":
		o.job = true
		clear(o.set) // what was set before
	case "RESET":
		clear(o.set)
	case "SET":
		readAssignments(o.set, rest)
	case "DEFAULT":
		readAssignments(o.defaults, rest)
	}
}

// cutWord splits off the first word.
func cutWord(b []byte) (word, rest []byte) {
	b = bytes.TrimLeft(b, " \t\r")
	end := bytes.IndexAny(b, " \t\r")
	if end < 0 {
		end = len(b)
	}
	return b[:end], b[end:]
}

// readAssignments reads assignments: NAME = value, the value in quotation
// marks or up to white space. Anything else before a name, as LPARM : PCL, is
// ignored.
func readAssignments(to map[string]string, line []byte) {
	for {
		name, rest, ok := bytes.Cut(line, []byte("="))
		if !ok {
			return
		}
		rest = bytes.TrimLeft(rest, " \t")
		var value []byte
		if quoted, ok := bytes.CutPrefix(rest, []byte(`"`)); ok {
			value, line, _ = bytes.Cut(quoted, []byte(`"`))
		} else {
			value, line = cutWord(rest)
		}
		if words := bytes.Fields(name); len(words) > 0 {
			to[strings.ToUpper(string(words[len(words)-1]))] = string(value)
		}
	}
}
