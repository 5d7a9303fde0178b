package fit

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// Ticket is how a document is to be printed: job template attributes.
type Ticket goipp.Attributes

// CopiesError means that the number of copies cannot be asked for in any way.
type CopiesError struct{ Copies int }

func (e *CopiesError) Error() string { return fmt.Sprintf("%d copies are not supported", e.Copies) }

// ErrPages means that only some pages are wanted, and the printer prints only
// all.
var ErrPages = errors.New("page ranges are not supported")

// ReadTicket decodes the settings that a job was parked with.
func ReadTicket(encoded []byte) (Ticket, error) {
	if len(encoded) == 0 {
		return nil, nil
	}
	m, err := ipp.ReadMessage(bufio.NewReader(bytes.NewReader(encoded)), ipp.RequestLimits)
	if err != nil {
		return nil, fmt.Errorf("reading the settings of the document: %w", err)
	}
	return Ticket(m.Job), nil
}

// Copies returns the number of copies asked for.
func (t Ticket) Copies() int {
	if n, ok := ipp.Int(goipp.Attributes(t), "copies"); ok {
		return n
	}
	return 1
}

// WithoutCopies returns the ticket of a document that asks for that many
// copies itself, 0 if it does not say: some printers would multiply the two
// numbers. If they differ, the number that was meant cannot be asked for, and
// the error is a CopiesError.
func (t Ticket) WithoutCopies(own int) (Ticket, error) {
	switch n := t.Copies(); {
	case own <= 1:
		return t, nil
	case n != 1 && n != own:
		return nil, &CopiesError{n}
	}
	return slices.DeleteFunc(slices.Clone(t), func(a goipp.Attribute) bool { return a.Name == "copies" }), nil
}

// ByRaw is WithoutCopies for port 9100, where what the document says itself, 1
// included, overrides what is asked for around it.
func (t Ticket) ByRaw(own int) (Ticket, error) {
	if n := t.Copies(); own == 1 && n > 1 {
		return nil, &CopiesError{n}
	}
	return t.WithoutCopies(own)
}
