package spooler

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// refusal is an error that becomes an IPP response.
type refusal struct {
	status      goipp.Status
	message     string // a sentence for people
	unsupported goipp.Attributes
	reason      string // of job-state-reasons, in addition to aborted-by-system; may be empty
}

func (r *refusal) Error() string { return fmt.Sprintf("%s: %s", r.status, r.message) }

func refuse(status goipp.Status, format string, args ...any) *refusal {
	return &refusal{status: status, message: fmt.Sprintf(format, args...)}
}

func badRequest(format string, args ...any) *refusal {
	return refuse(goipp.StatusErrorBadRequest, format, args...)
}

func (r *refusal) withReason(reason string) *refusal {
	r.reason = reason
	return r
}

// Refusals with fixed texts.
var (
	errCanceled      = refuse(goipp.StatusErrorJobCanceled, "The job was canceled.")
	errStorageFailed = refuse(goipp.StatusErrorInternal, "The job could not be stored.")
	errPrinterEnded  = refuse(goipp.StatusErrorServiceUnavailable,
		"The scout ended before the document had arrived.").withReason("submission-interrupted")
	errDocumentCutOff  = badRequest("The document was cut off.").withReason("submission-interrupted")
	errDocumentStalled = refuse(goipp.StatusErrorTimeout,
		"The document stopped arriving.").withReason("submission-interrupted")
	errCompressionDamaged = refuse(goipp.StatusErrorCompressionError,
		"The compressed document is damaged.").withReason("compression-error")
	errDocumentTooLarge = refuse(goipp.StatusErrorRequestEntity, "The document is too large.")
	errOverRatio        = refuse(goipp.StatusErrorRequestEntity,
		"The document expands more than any real one.").withReason("compression-error")
	errNoDocumentArrived = refuse(goipp.StatusErrorNotPossible,
		"No document arrived for the job.").withReason("submission-interrupted")
	errNoDocument       = badRequest("There is no document in the request.")
	errHasAllDocuments  = refuse(goipp.StatusErrorNotPossible, "The job has all its documents.")
	errDocumentArriving = refuse(goipp.StatusErrorNotPossible, "Another document of the job is still arriving.")
	errTooManyDocuments = refuse(goipp.StatusErrorTooManyDocuments, "The job has as many documents as one may have.")
)

// refusalOfIntake returns the refusal for an error of the Intake. RFC 8011
// §B.1.5.6 names the full disk as a case of server-error-temporary-error;
// not-accepting-jobs would mean that no job is accepted, though a smaller one
// may be.
func refusalOfIntake(err error) *refusal {
	said := ""
	if r, ok := errors.AsType[*Refusal](err); ok {
		said = ipp.Clean(r.Message, textSize)
	}
	switch {
	case errors.Is(err, ErrNoSpace):
		return refuse(goipp.StatusErrorTemporary, "%s", cmp.Or(said, "There is no space left for the document."))
	case errors.Is(err, ErrQuota):
		return refuse(goipp.StatusErrorAccountLimitReached, "%s", cmp.Or(said, "The quota of the person who prints is used up."))
	case errors.Is(err, ErrNotAccepting):
		return refuse(goipp.StatusErrorNotAcceptingJobs, "%s", cmp.Or(said, "No print jobs are accepted at present."))
	}
	return refuse(goipp.StatusErrorInternal, "%s", cmp.Or(said, errStorageFailed.message))
}

// refusalOfCause returns the refusal for the cause of the end of a document's
// context.
func refusalOfCause(cause error) *refusal {
	if r, ok := errors.AsType[*refusal](cause); ok {
		return r
	}
	return errPrinterEnded
}
