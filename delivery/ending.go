package delivery

import (
	"fmt"
	"strings"

	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/internal/outcome"
)

// jobEnding is what is known of a document that was handed over whole, at the
// moment when the printer calls its job ended.
type jobEnding struct {
	job  jobStatus
	size int64 // bytes of the document
	// expected is how many impressions, or sheets, have to be counted for one
	// copy: 0 if the document's own count is not exact, or this printer is not
	// known to count right.
	expected int
	// octets means that this printer's count of bytes has been right.
	octets bool
	// unconfirmed means that the printer may not have read the document to its
	// end: the connection broke before an answer, or the answer came too early.
	unconfirmed bool
	refused     bool // the document was answered by an IPP client error
}

// jobVerdict is what a jobEnding means.
type jobVerdict int

const (
	verdictPrinted    jobVerdict = iota
	verdictErrors                // completed, and a reason speaks against it
	verdictMissing               // completed, and fewer pages are counted than the document has
	verdictUnproven              // completed, and the document may not have arrived whole
	verdictUnclear               // completed, and nothing was counted that would remove a doubt
	verdictCanceled              // canceled, and not by us
	verdictNothing               // given up, and no page is counted
	verdictPartly                // given up, and some pages may be out
	verdictConnection            // given up because the connection was lost
)

// decide turns the printer's words into a verdict; nothing else does.
func (e jobEnding) decide() jobVerdict {
	switch {
	case e.job.state == ipp.JobCompleted:
		return e.decideCompleted()
	case e.unconfirmed && !e.job.byPerson():
		return verdictConnection
	case e.job.state == ipp.JobCanceled:
		return verdictCanceled
	case e.job.nothingPrinted():
		return verdictNothing
	}
	return verdictPartly
}

func (e jobEnding) decideCompleted() jobVerdict {
	against, unknown := e.job.reasonsAgainst()
	counted := e.job.most != nil && *e.job.most > 0
	switch {
	case len(against) > 0:
		return verdictErrors
	case e.countsTooFew():
		return verdictMissing
	case e.unconfirmed && !e.job.countsBytes(e.size):
		return verdictUnproven
	case e.octets && e.job.octets > 0 && !e.job.countsBytes(e.size):
		return verdictUnproven
	case (e.refused || unknown) && !counted:
		return verdictUnclear
	}
	return verdictPrinted
}

// mayCount reports whether the only evidence against a printed document may be
// a count that is not final yet.
func (e jobEnding) mayCount() bool {
	f := e.decide()
	return f == verdictMissing || f == verdictUnproven && e.job.octets > 0
}

// countsTooFew reports whether a printer that counts right counts too little.
// If it counts nothing at all this time, nothing is known.
func (e jobEnding) countsTooFew() bool {
	return e.expected > 0 && e.job.most != nil && *e.job.most < e.expected
}

// describeDoubt returns the reason and the sentence for a job that its printer
// calls completed, for every verdict other than printed.
func (e jobEnding) describeDoubt(f jobVerdict, printer string) (reason, sentence string) {
	switch f {
	case verdictErrors:
		against, _ := e.job.reasonsAgainst()
		return outcome.ReasonWithErrors, fmt.Sprintf("Printer %s calls the job completed and also says: %s. It may not have been printed.", printer, strings.Join(against, ", "))
	case verdictMissing:
		return outcome.ReasonMissing, fmt.Sprintf("Printer %s calls the job completed and counted %d of %d pages. Pages may be missing.", printer, *e.job.most, e.expected)
	case verdictUnproven:
		return outcome.ReasonConnection, fmt.Sprintf("Printer %s calls the job completed, but had not confirmed that it has the whole document. The end may be missing.", printer)
	}
	return outcome.ReasonWithErrors, fmt.Sprintf("Printer %s calls the job completed: %s. It counted no pages, and it may not have been printed.", printer, orNone(e.job.reasons))
}
