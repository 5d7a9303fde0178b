package delivery

import (
	"fmt"
	"strings"

	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/internal/outcome"
)

// ending is what is known of a document that was handed over whole, at the
// moment when the printer calls its job ended.
type ending struct {
	job  job
	size int64 // bytes of the document
	// expected is how many impressions, or sheets, have to be counted for one
	// copy: 0 where the document's own count is not exact, or where this
	// printer has not been seen to count right.
	expected int
	// octets reports whether this printer's count of bytes has been right.
	octets bool
	// unconfirmed means that the printer may not have read the document to its
	// end: the connection broke before an answer, or the answer came too early.
	unconfirmed bool
	refused     bool // the document was answered by an IPP client error
}

// fate is what an ending comes to.
type fate int

const (
	fatePrinted   fate = iota
	fateErrors         // completed, and a reason speaks against it
	fateMissing        // completed, and fewer pages are counted than the document has
	fateUnproven       // completed, and the document may not have arrived whole
	fateUnclear        // completed, and nothing was counted that would settle a doubt
	fateCanceled       // canceled, and not by us
	fateNothing        // given up, and no page is counted
	fatePartly         // given up, and some pages may be out
	fateConnected      // given up because the connection was lost
)

// decide is the one place where a printer's words become an end.
func (e ending) decide() fate {
	switch {
	case e.job.state == ipp.JobCompleted:
		return e.completed()
	case e.unconfirmed && !e.job.byPerson():
		return fateConnected
	case e.job.state == ipp.JobCanceled:
		return fateCanceled
	case e.job.nothingPrinted():
		return fateNothing
	}
	return fatePartly
}

func (e ending) completed() fate {
	against, unknown := e.job.against()
	counted := e.job.most != nil && *e.job.most > 0
	switch {
	case len(against) > 0:
		return fateErrors
	case e.short():
		return fateMissing
	case e.unconfirmed && !e.job.counts(e.size):
		return fateUnproven
	case e.octets && e.job.octets > 0 && !e.job.counts(e.size):
		return fateUnproven
	case (e.refused || unknown) && !counted:
		return fateUnclear
	}
	return fatePrinted
}

// mayCount reports whether a count that has not come to its end yet may be all
// that speaks against a printed document.
func (e ending) mayCount() bool {
	f := e.decide()
	return f == fateMissing || f == fateUnproven && e.job.octets > 0
}

// short reports whether a printer that counts right counts too little. Where
// it counts nothing at all this time, nothing is known.
func (e ending) short() bool { return e.expected > 0 && e.job.most != nil && *e.job.most < e.expected }

// doubt is the sentence on a job that its printer calls completed, for all
// fates that are no printed document.
func (e ending) doubt(f fate, printer string) (reason, sentence string) {
	switch f {
	case fateErrors:
		against, _ := e.job.against()
		return outcome.ReasonWithErrors, fmt.Sprintf("Printer %s calls the job completed and also says: %s. It may not have been printed.", printer, strings.Join(against, ", "))
	case fateMissing:
		return outcome.ReasonMissing, fmt.Sprintf("Printer %s calls the job completed and counted %d of %d pages. Pages may be missing.", printer, *e.job.most, e.expected)
	case fateUnproven:
		return outcome.ReasonConnection, fmt.Sprintf("Printer %s calls the job completed, but had not confirmed that it has the whole document. The end may be missing.", printer)
	}
	return outcome.ReasonWithErrors, fmt.Sprintf("Printer %s calls the job completed: %s. It counted no pages, and it may not have been printed.", printer, orNone(e.job.reasons))
}
