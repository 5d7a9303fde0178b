package directory

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

const (
	maxPrinters = 10_000
	maxRevision = 1<<53 - 1 // what every JSON reader can count to
)

// Find returns the printer with this name or id, compared without case. In a
// checked directory, no name is another printer's id. It returns ErrNoPrinter if
// there is none.
func (d *Directory) Find(nameOrID string) (Printer, error) {
	for _, p := range d.Printers {
		if strings.EqualFold(p.ID, nameOrID) || strings.EqualFold(p.Name, nameOrID) {
			return p, nil
		}
	}
	return Printer{}, fmt.Errorf("%w: %q", ErrNoPrinter, nameOrID)
}

// Newer returns nil if d may replace than: if than is nil, or d is the same or a
// later revision. It returns ErrRollback if d is older, or the same revision with
// other content, and ErrOtherSite if it is of another site or epoch, since their
// revisions cannot be compared.
func (d *Directory) Newer(than *Directory) error {
	switch {
	case than == nil:
		return nil
	case d.Site != than.Site || d.Epoch != than.Epoch:
		return fmt.Errorf("%w: %s, epoch %d, in place of %s, epoch %d", ErrOtherSite, d.Site, d.Epoch, than.Site, than.Epoch)
	case d.Revision < than.Revision:
		return fmt.Errorf("%w: revision %d after %d", ErrRollback, d.Revision, than.Revision)
	case d.Revision == than.Revision && !d.hasSameContent(than):
		return fmt.Errorf("%w: revision %d twice, with different content", ErrRollback, d.Revision)
	}
	return nil
}

func (d *Directory) hasSameContent(other *Directory) bool {
	a, errA := json.Marshal(d)
	b, errB := json.Marshal(other)
	return errA == nil && errB == nil && bytes.Equal(a, b)
}

func (d *Directory) validate() error {
	switch {
	case d.Revision == 0 || d.Revision > maxRevision:
		return malformed("revision %d", d.Revision)
	case d.Issued.IsZero() || d.Issued.Nanosecond() != 0:
		return malformed("no time of issue in whole seconds")
	case d.Printers == nil:
		return malformed("no list of printers")
	case len(d.Printers) > maxPrinters:
		return malformed("more than %d printers", maxPrinters)
	}
	for i, p := range d.Printers {
		if err := p.validate(); err != nil {
			return fmt.Errorf("printer %d: %w", i+1, err)
		}
	}
	return d.checkUnique()
}

// checkUnique refuses a name or id that two printers share, compared without case.
func (d *Directory) checkUnique() error {
	owner := make(map[string]int, 2*len(d.Printers))
	for i, p := range d.Printers {
		for _, word := range []string{p.ID, p.Name} {
			key := foldKey(word)
			if j, taken := owner[key]; taken && j != i {
				return malformed("printers %d and %d are both %q", j+1, i+1, word)
			}
			owner[key] = i
		}
	}
	return nil
}
