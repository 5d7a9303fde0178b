package delivery

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/delivery/internal/post"
	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/internal/outcome"
)

// sendIPP gives the printer the job and, once, the document.
func (a *attempt) sendIPP(ctx context.Context) Outcome {
	m, err := a.beginJob(ctx)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		a.abandonJob(ctx)
		return a.nothingSent(ctx, err)
	}
	a.asked = true
	doc := ipp.Document{Reader: a.source, Size: a.doc.Size}
	a.packed = a.usesGzip()
	t := a.session.sendDocument(ctx, m, doc, a.packed, post.Hooks{
		Began: func() { a.first = a.deliverer.now().Sub(a.begun) },
		Sent:  func() { a.recordLate(StepSent) },
		Stuck: a.worthWaiting,
	})
	a.tellGoesOn()
	o := a.judgeAnswer(ctx, t)
	if a.packed && o.State == outcome.NotSent && (refusesGzip(t.Err) || t.Bytes > 0 && blamesGzip(o.Reason)) {
		a.known.NoGzip = true
		a.addEvidence("The next document goes to this printer uncompressed.")
	}
	return o
}

// refusesGzip reports whether the printer's answer names the compression,
// which it may do before a byte of the document is out.
func refusesGzip(err error) bool {
	return ipp.IsStatus(err, goipp.StatusErrorCompressionError, goipp.StatusErrorCompressionNotSupported)
}

// blamesGzip reports whether a delivery may have failed because the document
// was compressed: some printers offer what they cannot unpack, some refuse or
// drop a request in chunks. Sending without gzip costs only time.
func blamesGzip(reason string) bool {
	switch reason {
	case outcome.ReasonRefused, outcome.ReasonFormat, outcome.ReasonAborted, outcome.ReasonConnection, outcome.ReasonNoAnswer:
		return true
	}
	return false
}

// worthWaiting reports whether a printer that takes nothing more waits for a
// person and there is time left to wait.
func (a *attempt) worthWaiting(ctx context.Context) bool {
	words := a.waitsForPerson(ctx)
	a.tellWaiting(outcome.ReasonStopped, words)
	return words != "" && time.Since(a.sendingSince) < a.deliverer.limit.Follow
}

// compressedFormats are the formats that gzip does not make smaller.
var compressedFormats = []string{"application/pdf", "image/jpeg", "image/png", "image/tiff", "application/oxps"}

// usesGzip reports whether the document is sent compressed.
func (a *attempt) usesGzip() bool {
	return slices.Contains(ipp.Strings(a.session.info.attrs, "compression-supported"), "gzip") &&
		!a.known.NoGzip && a.doc.Size > post.PieceSize && !slices.Contains(compressedFormats, a.format)
}

// beginJob takes every step before the document and returns the request that
// carries it.
func (a *attempt) beginJob(ctx context.Context) (*goipp.Message, error) {
	if err := a.recordStep(StepCreating); err != nil {
		return nil, err
	}
	m, err := a.createJobOrPrint(ctx)
	if err != nil {
		return nil, err
	}
	if a.usesGzip() {
		m.Operation.Add(ipp.Keyword("compression", "gzip"))
	}
	a.sendingSince = time.Now()
	return m, a.recordStep(StepSending)
}

// createJobOrPrint makes an empty job if the printer can take a document into
// one, so that a connection lost before the document leaves only an empty job.
// A printer that offers Create-Job and not Send-Document gets Print-Job.
func (a *attempt) createJobOrPrint(ctx context.Context) (*goipp.Message, error) {
	i := a.session.info
	if i.offers(goipp.OpCreateJob) && i.offers(goipp.OpSendDocument) && !quirksOf(i.model()).PrintJob {
		var m *goipp.Message
		err := a.retryPatiently(ctx, func() (err error) {
			m, err = a.createJob(ctx)
			return err
		}, a.takeBackJob)
		if !ipp.IsStatus(err, goipp.StatusErrorOperationNotSupported) {
			return m, err
		}
	}
	if _, said := ipp.Find(i.attrs, "operations-supported"); said && !i.offers(goipp.OpPrintJob) {
		return nil, &failure{reason: outcome.ReasonRefused, message: refusalMessage(a.printer.Name, "it offers no way to print")}
	}
	return a.jobRequest(goipp.OpPrintJob), nil
}

// takeBackJob cancels a job that a printer may have made although it said that
// it was busy.
func (a *attempt) takeBackJob(ctx context.Context) error {
	if a.asked {
		a.abandonJob(ctx)
	}
	a.asked, a.jobID = false, 0
	return nil
}

func (a *attempt) createJob(ctx context.Context) (*goipp.Message, error) {
	a.asked = true
	answer, err := a.session.sendRequest(ctx, a.jobRequest(goipp.OpCreateJob))
	if err != nil {
		return nil, a.createFailure(err)
	}
	a.jobID, _ = ipp.Int(answer.Job, "job-id")
	if a.jobID <= 0 {
		a.jobID = 0
		return nil, &failure{reason: outcome.ReasonRefused, message: refusalMessage(a.printer.Name, "it made a job and gave it no number")}
	}
	a.jobUUID = jobUUID(answer.Job)
	if err := a.recordStep(StepCreated); err != nil {
		return nil, err
	}
	return a.sendDocumentRequest(), a.checkUnsupported(answer)
}

func (a *attempt) createFailure(err error) error {
	if post.Answered(err) || tlsFailure(a.printer.Name, a.session.uri, err) != nil {
		return err
	}
	heard := "did not answer in time"
	switch {
	case isUnreadable(err):
		heard = "gave an answer that could not be read"
	case hungUp(err):
		heard = "closed the connection instead of answering"
	}
	return &failure{reason: outcome.ReasonNoAnswer, cause: err, message: fmt.Sprintf("Printer %s %s. Nothing was sent.", a.printer.Name, heard)}
}

func (a *attempt) sendDocumentRequest() *goipp.Message {
	m := a.session.newRequest(goipp.OpSendDocument)
	m.Operation.Add(ipp.Integer("job-id", a.jobID))
	m.Operation.Add(ipp.Name("requesting-user-name", a.names.user))
	m.Operation.Add(ipp.Name("document-name", a.names.title))
	m.Operation.Add(ipp.MIME("document-format", a.format))
	m.Operation.Add(ipp.Boolean("last-document", true))
	return m
}

// abandonJob cancels a job that got no document, as a courtesy: it would print
// nothing and end by itself.
func (a *attempt) abandonJob(ctx context.Context) {
	if !a.asked {
		return
	}
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), a.deliverer.limit.Settle)
	defer stop()
	if j, err := a.findJob(ctx); err == nil && !j.ended() {
		a.cancelAtPrinter(ctx, j)
	}
}

// judgeAnswer returns what a request with a document has led to.
func (a *attempt) judgeAnswer(ctx context.Context, t post.Result) Outcome {
	a.readAnswerJob(t.Answer)
	if t.Early {
		a.unconfirmed = true
		a.addEvidence("The printer answered before it had read the whole document.")
	}
	if t.Err == nil && t.Whole {
		a.noteTaken(t.Answer)
		if a.said.ended() {
			return a.endedAtOnce(ctx, a.said)
		}
		return a.followJob(ctx)
	}
	if t.Err == nil {
		t.Err = &failure{reason: outcome.ReasonRefused, message: refusalMessage(a.printer.Name, "it answered before it had the whole document")}
	}
	a.addEvidence("%d of %d bytes of the document were handed over; then: %s", t.Bytes, a.doc.Size, ipp.Clean(t.Err.Error(), 300))
	// A printer that keeps the connection and says nothing has got what was
	// handed over. If the connection was ended, by the printer, something on the
	// way or our own cancel, bytes may be lost that the printer never read.
	a.unconfirmed = a.unconfirmed || !post.Answered(t.Err) && !errors.Is(t.Err, post.ErrStalled)
	broken := a.source.readError()
	switch {
	case t.Bytes == 0 && !t.Whole:
		a.abandonJob(ctx)
		return a.nothingSent(ctx, errors.Join(broken, t.Err))
	case broken != nil:
		return a.undoJob(ctx, &failure{reason: outcome.ReasonUnreadable, message: "The document could not be read to its end."}, t)
	case ctx.Err() != nil:
		return a.interruptedOutcome(ctx, t)
	case !t.Whole:
		return a.undoJob(ctx, a.cutFailure(t.Err), t)
	}
	return a.reconcileJob(ctx, t)
}

func (a *attempt) noteTaken(answer *goipp.Message) {
	a.level = outcome.EvidenceTaken
	a.addEvidence("The printer took the document: %s.", goipp.Status(answer.Code))
	a.recordLate(StepTaken)
}

// readAnswerJob keeps what the answer to the document, an error too, tells of
// the job.
func (a *attempt) readAnswerJob(answer *goipp.Message) {
	if answer == nil {
		return
	}
	j := readJobStatus(answer.Job)
	if a.jobID == 0 && j.id > 0 {
		a.jobID, a.jobUUID = j.id, j.uuid
	}
	if tellsOfJob(answer) && (j.id == a.jobID || j.id == 0) {
		j.id = a.jobID
		a.said = j
	}
}

// endedAtOnce returns the outcome of a job that had ended when its document
// was answered. The printer may know more of it now, or nothing any more.
func (a *attempt) endedAtOnce(ctx context.Context, j jobStatus) Outcome {
	if now, err := a.findJob(ctx); err == nil && now.ended() {
		j = now
	}
	if ctx.Err() != nil && !errors.Is(context.Cause(ctx), ErrLeave) {
		a.noteJobState(j)
		return a.undoneOutcome(ctx, errCanceled, post.Result{Whole: true}, j)
	}
	return a.endedOutcome(ctx, j)
}

func (a *attempt) cutFailure(err error) *failure {
	if post.Answered(err) {
		return a.asFailure(err)
	}
	return &failure{reason: outcome.ReasonConnection, cause: err,
		message: fmt.Sprintf("The connection to printer %s broke while the document was being sent.", a.printer.Name)}
}
