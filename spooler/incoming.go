package spooler

import (
	"context"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// maxDocuments are those of one job.
const maxDocuments = 100

// incomingDocument is a document on its way, and the Parking it goes into: whoever
// takes the document has it until arrived gives it back.
type incomingDocument struct {
	job     *job
	order   order // what was asked of the job as its document began
	number  int
	part    *part
	ctx     context.Context // of the job
	parking Parking         // nil before the first document
}

// ready reports whether a document of the job may come now.
func (js *jobs) ready(j *job) error {
	js.mu.Lock()
	defer js.mu.Unlock()
	return j.ready()
}

func (j *job) ready() error {
	switch {
	case j.parked, j.sealing, j.state == ipp.JobCompleted:
		return errNoMore
	case j.coming && j.isOpen():
		return errAnother
	case j.state == ipp.JobCanceled:
		return errCanceled
	case j.state == ipp.JobAborted:
		return refuse(goipp.StatusErrorNotPossible, "The job was given up: %s", j.message)
	case len(j.parts) >= maxDocuments:
		return errTooMany
	}
	return nil
}

// begin is a document's first byte. The job's context ends with life. What is
// asked of the job stays as it is returned.
func (js *jobs) begin(j *job, doc document, life context.Context) (*incomingDocument, error) {
	js.mu.Lock()
	defer js.mu.Unlock()
	if err := j.ready(); err != nil {
		return nil, err
	}
	j.stopTimer()
	if j.started.IsZero() {
		j.started = js.now()
		j.ctx, j.stop = context.WithCancelCause(life)
	}
	c := &incomingDocument{job: j, order: j.order, part: &part{document: doc, started: js.now()}, ctx: j.ctx, parking: j.parking}
	j.parts, j.parking, j.coming = append(j.parts, c.part), nil, true
	c.number = len(j.parts)
	j.state, j.reasons = ipp.JobProcessing, []string{"job-incoming"}
	js.tell(j, "job-state-changed")
	return c, nil
}

// arrived is a document's last byte: the job waits for the next one, unless
// this is the last. Then done is true, and the Parking is to be parked.
func (js *jobs) arrived(c *incomingDocument, pages *int, last bool) (done bool, err error) {
	js.mu.Lock()
	defer js.mu.Unlock()
	j := c.job
	if !j.isOpen() {
		return false, errCanceled
	}
	j.coming = false
	c.part.pages, c.part.ended = pages, js.now()
	if last || j.last {
		j.sealing = true
		return true, nil
	}
	j.parking, c.parking = c.parking, nil
	js.await(j)
	js.startTimer(j)
	js.tell(j, "job-state-changed")
	return false, nil
}

// close says that no further document comes. It returns the Parking if the job
// is to be parked now; one that has no document is given up.
func (js *jobs) close(j *job) (Parking, error) {
	js.mu.Lock()
	defer js.unlock()
	switch {
	case j.state == ipp.JobCanceled:
		return nil, errCanceled
	case j.state == ipp.JobAborted:
		return nil, j.ready()
	case !j.isOpen(), j.parked, j.sealing:
		return nil, nil
	case j.coming:
		j.last = true
		return nil, nil
	case len(j.parts) == 0:
		js.end(j, ipp.JobAborted, errNever.message, "aborted-by-system", errNever.reason)
		return nil, nil
	}
	j.stopTimer()
	p := j.parking
	j.parking, j.sealing = nil, true
	return p, nil
}

// park ends a job well, unless it is held or the printer is paused.
func (js *jobs) park(j *job) {
	js.mu.Lock()
	defer js.unlock()
	switch {
	case j.order.held:
		j.state, j.reasons = ipp.JobHeld, []string{heldReason}
	case js.paused():
		j.state, j.reasons = ipp.JobPending, []string{"printer-stopped"}
	default:
		js.end(j, ipp.JobCompleted, "", "job-completed-successfully")
		return
	}
	j.parked = true
	js.letGo(j)
	js.tell(j, "job-state-changed")
}

// abort ends a job for the reason its sender was told.
func (js *jobs) abort(j *job, why *refusal) {
	js.mu.Lock()
	defer js.unlock()
	reasons := []string{"aborted-by-system"}
	if why.reason != "" {
		reasons = append(reasons, why.reason)
	}
	js.end(j, ipp.JobAborted, why.message, reasons...)
}
