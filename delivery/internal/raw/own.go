package raw

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// uel is the universal exit language command: it leaves any language for PJL.
const uel = "\x1b%-12345X"

// lookSize is how much of a document is looked at for a header of its own.
const lookSize = 4096

// ownHeader is the PJL that a document begins with.
type ownHeader struct {
	pjl     bool            // there is one
	uel     bool            // it begins with uel
	entered bool            // it enters a language within what was looked at
	job     bool            // it has a JOB of its own
	long    bool            // its end was not seen
	names   map[string]bool // what it sets
}

// resets says whether what is set before the header is undone by it, as far
// as is known.
func (o ownHeader) resets() bool { return o.job || o.long }

func (o ownHeader) sets(name string) bool { return o.names[name] }

// look reads the first bytes of a document and the header in them.
func look(r io.Reader, size int64) (head []byte, own ownHeader, err error) {
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

// readOwn reads the header at the beginning of a document, of which more
// follows or not.
func readOwn(head []byte, more bool) ownHeader {
	o := ownHeader{names: map[string]bool{}}
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
		if o.command(line); o.entered {
			return o
		}
		rest = after
	}
}

// withoutExits is a line without what may stand between two commands, where
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

// command takes note of one line: several assignments may stand in it.
func (o *ownHeader) command(line []byte) {
	words := bytes.Fields(bytes.ToUpper(bytes.ReplaceAll(line, []byte("="), []byte(" = "))))
	if len(words) < 2 {
		return
	}
	switch string(words[1]) {
	case "ENTER":
		o.entered = true
	case "JOB":
		o.job = true
	case "SET":
		for i, w := range words[1:] {
			if string(w) == "=" {
				o.names[string(words[i])] = true
			}
		}
	}
}
