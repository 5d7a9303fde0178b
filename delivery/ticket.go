package delivery

import (
	"bufio"
	"bytes"
	"fmt"
	"slices"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/internal/outcome"
)

// ticket is how a document is to be printed: job template attributes.
type ticket goipp.Attributes

// readTicket decodes what a job was parked with.
func readTicket(encoded []byte) (ticket, error) {
	if len(encoded) == 0 {
		return nil, nil
	}
	m, err := ipp.Read(bufio.NewReader(bytes.NewReader(encoded)), ipp.RequestLimits)
	if err != nil {
		return nil, fmt.Errorf("%w: its settings: %w", errDocument, err)
	}
	return ticket(m.Job), nil
}

func (t ticket) copies() int {
	if n, ok := ipp.Int(goipp.Attributes(t), "copies"); ok {
		return n
	}
	return 1
}

// withoutCopies is the ticket of a document that asks for so many copies
// itself, 0 where it does not say: they would be multiplied at some printers.
// Where the two differ, no way of asking gives the number that was meant.
func (t ticket) withoutCopies(own int, printer string) (ticket, error) {
	switch n := t.copies(); {
	case own <= 1:
		return t, nil
	case n != 1 && n != own:
		return nil, copiesFailure(printer, n)
	}
	return slices.DeleteFunc(slices.Clone(t), func(a goipp.Attribute) bool { return a.Name == "copies" }), nil
}

// byRaw is withoutCopies for port 9100, where what a document says itself, 1
// included, stands against what is asked for around it.
func (t ticket) byRaw(own int, printer string) (ticket, error) {
	if n := t.copies(); own == 1 && n > 1 {
		return nil, copiesFailure(printer, n)
	}
	return t.withoutCopies(own, printer)
}

func copiesFailure(name string, n int) *failure {
	return &failure{reason: outcome.ReasonCopies, message: fmt.Sprintf("Printer %s cannot print %d copies.", name, n)}
}

func pagesFailure(name string) *failure {
	return &failure{reason: outcome.ReasonPages, message: fmt.Sprintf("Printer %s cannot print only some pages of a document.", name)}
}
