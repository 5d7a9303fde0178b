package spooler

import (
	"context"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// maxDocuments bounds the documents of one job.
const maxDocuments = 100

// incomingDocument is a document that is arriving, and the Parking it goes to,
// which belongs to the receiver until finishDocument returns it to the job.
type incomingDocument struct {
	job      *job
	request  jobRequest // as it was when the document began
	number   int
	document *jobDocument
	ctx      context.Context // the job's
	parking  Parking         // nil before the first document
}

// checkReady returns an error unless a document of the job may begin now.
func (js *jobTable) checkReady(j *job) error {
	js.mu.Lock()
	defer js.mu.Unlock()
	return j.checkReady()
}

func (j *job) checkReady() error {
	switch {
	case j.parked, j.sealing, j.state == ipp.JobCompleted:
		return errHasAllDocuments
	case j.receiving && j.isOpen():
		return errDocumentArriving
	case j.state == ipp.JobCanceled:
		return errCanceled
	case j.state == ipp.JobAborted:
		return refuse(goipp.StatusErrorNotPossible, "The job was given up: %s", j.message)
	case len(j.documents) >= maxDocuments:
		return errTooManyDocuments
	}
	return nil
}

// beginDocument registers the first byte of a document. The job's context ends
// with life. Later changes of the job's request do not affect the one returned.
func (js *jobTable) beginDocument(j *job, doc documentRequest, life context.Context) (*incomingDocument, error) {
	js.mu.Lock()
	defer js.mu.Unlock()
	if err := j.checkReady(); err != nil {
		return nil, err
	}
	j.stopTimer()
	if j.started.IsZero() {
		j.started = js.now()
		j.ctx, j.stop = context.WithCancelCause(life)
	}
	c := &incomingDocument{job: j, request: j.request, document: &jobDocument{documentRequest: doc, started: js.now()}, ctx: j.ctx, parking: j.parking}
	j.documents, j.parking, j.receiving = append(j.documents, c.document), nil, true
	c.number = len(j.documents)
	j.state, j.reasons = ipp.JobProcessing, []string{"job-incoming"}
	js.publishJobEvent(j, "job-state-changed")
	return c, nil
}

// finishDocument registers the last byte of a document: the job then waits for
// the next one, unless this is the last. In that case done is true, and the
// caller must park the Parking.
func (js *jobTable) finishDocument(c *incomingDocument, pages *int, last bool) (done bool, err error) {
	js.mu.Lock()
	defer js.mu.Unlock()
	j := c.job
	if !j.isOpen() {
		return false, errCanceled
	}
	j.receiving = false
	c.document.pages, c.document.ended = pages, js.now()
	if last || j.last {
		j.sealing = true
		return true, nil
	}
	j.parking, c.parking = c.parking, nil
	js.setIncoming(j)
	js.startTimer(j)
	js.publishJobEvent(j, "job-state-changed")
	return false, nil
}

// closeDocuments registers that no further document follows. It returns the
// Parking if the caller must park the job now; a job without a document is
// aborted.
func (js *jobTable) closeDocuments(j *job) (Parking, error) {
	js.mu.Lock()
	defer js.unlockAndAbort()
	switch {
	case j.state == ipp.JobCanceled:
		return nil, errCanceled
	case j.state == ipp.JobAborted:
		return nil, j.checkReady()
	case !j.isOpen(), j.parked, j.sealing:
		return nil, nil
	case j.receiving:
		j.last = true
		return nil, nil
	case len(j.documents) == 0:
		js.endJob(j, ipp.JobAborted, errNoDocumentArrived.message, "aborted-by-system", errNoDocumentArrived.reason)
		return nil, nil
	}
	j.stopTimer()
	p := j.parking
	j.parking, j.sealing = nil, true
	return p, nil
}

// markParked completes a job that was parked, unless it is held or the printer
// is paused. message is shown with it.
func (js *jobTable) markParked(j *job, message string) {
	js.mu.Lock()
	defer js.unlockAndAbort()
	switch {
	case j.request.held:
		j.state, j.reasons = ipp.JobHeld, []string{heldReason}
	case js.isPaused():
		j.state, j.reasons = ipp.JobPending, []string{"printer-stopped"}
	default:
		js.endJob(j, ipp.JobCompleted, message, "job-completed-successfully")
		return
	}
	j.parked = true
	js.stopReceiving(j)
	js.publishJobEvent(j, "job-state-changed")
}

// abortJob aborts a job for the reason that its sender was told.
func (js *jobTable) abortJob(j *job, why *refusal) {
	js.mu.Lock()
	defer js.unlockAndAbort()
	reasons := []string{"aborted-by-system"}
	if why.reason != "" {
		reasons = append(reasons, why.reason)
	}
	js.endJob(j, ipp.JobAborted, why.message, reasons...)
}
