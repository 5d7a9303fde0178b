package raw

import (
	"errors"
	"fmt"
	"io"
	"regexp"
)

// Job is a document and how it is to come out.
type Job struct {
	// Token names the job at the printer: letters, digits and dashes, 1 to 60.
	Token string
	// Title and User are for the printer's panel; PJL gets them in ASCII.
	Title, User string
	// Language is what PJL enters for the document, as Language gives it;
	// empty if the printer has to find out.
	Language string
	// PJL means that the printer speaks it. Without it only the document goes
	// out, and of the fields below only Size and Document are used.
	PJL bool
	// Copies above 1 need PJL, and a document whose own PJL does not ask for
	// another number: else ErrCopies.
	Copies int
	// Sides is an IPP keyword (RFC 8011 §5.2.8), or empty.
	Sides string
	// Media is a name of PWG 5101.1, or empty.
	Media string
	// Color is a print-color-mode (PWG 5100.13 §5.1.3), or empty.
	Color string
	// Resolution is in dots per inch, 0 for the printer's own.
	Resolution int
	// Size is the document's, in bytes, above 0.
	Size int64
	// Document gives Size bytes and is read once, in order.
	Document io.Reader
}

// Errors of Send, besides those of the connection and the context.
var (
	ErrJob       = errors.New("the job cannot be written in PJL")
	ErrCopies    = errors.New("the printer cannot be told the number of copies")
	ErrDocument  = errors.New("the document could not be read")
	ErrStalled   = errors.New("the printer takes no more of the document")
	ErrEnded     = errors.New("the printer ended the job before it had all of it")
	ErrNotClosed = errors.New("the printer did not close the connection in order")
)

var (
	tokenPattern    = regexp.MustCompile(`^[A-Za-z0-9-]{1,60}$`)
	languagePattern = regexp.MustCompile(`^[A-Z0-9]{0,20}$`)
)

// checkAgainst refuses, before anything is sent, a job that needs more than
// the printer can be told.
func (j Job) checkAgainst(own ownHeader) error {
	switch {
	case j.Size <= 0:
		return fmt.Errorf("%w: it has %d bytes", ErrDocument, j.Size)
	case !j.PJL && j.Copies > 1:
		return fmt.Errorf("%w: it does not speak pjl", ErrCopies)
	case !j.PJL:
		return nil
	case !tokenPattern.MatchString(j.Token):
		return fmt.Errorf("%w: token %.70q", ErrJob, j.Token)
	case !languagePattern.MatchString(j.Language):
		return fmt.Errorf("%w: language %.30q", ErrJob, j.Language)
	}
	return j.checkCopies(own)
}

// checkCopies refuses copies if the document's own header asks for another
// number, or undoes ours and asks for none.
func (j Job) checkCopies(own ownHeader) error {
	said, byDefault := copiesIn(own.set), copiesIn(own.defaults)
	switch {
	case j.Copies <= 1 || said == j.Copies:
		return nil
	case said != 0:
		return fmt.Errorf("%w: the document itself asks for another number", ErrCopies)
	case own.resetsJob():
		return fmt.Errorf("%w: the document has a pjl job of its own", ErrCopies)
	case byDefault != 0 && byDefault != j.Copies:
		return fmt.Errorf("%w: the document changes the printer's default", ErrCopies)
	}
	return nil
}
