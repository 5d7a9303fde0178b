package delivery

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/delivery/internal/fit"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/internal/outcome"
)

const maxEvidence = 32

// attempt is one call of Deliver or Resume.
type attempt struct {
	deliverer *Deliverer
	printer   directory.Printer
	doc       Document
	hooks     Hooks
	token     string
	begun     time.Time

	names        jobNames
	known        *printerMemory
	session      *session
	source       *documentSource
	format       string
	settings     goipp.Attributes
	told         bool      // the last sentence told is still valid
	sendingSince time.Time // when the document began to go out
	asked        bool      // the printer may have made a job
	jobID        int       // at the printer; 0 while not known
	jobUUID      string
	upTime       int // of the printer before the document; 0 if not known
	snmp         *snmpLookup
	lifeCount    *int64    // of the printer before the document; nil if not known
	restarted    bool      // the printer was restarted since the job was made
	fitted       bool      // settings are what the printer was asked for
	packed       bool      // the document went out compressed by gzip
	said         jobStatus // by the answer to the document; empty if it said nothing of the job
	traits       jobTraits
	nameless     bool // the printer lists jobs without saying whose they are
	numbered     bool // only its number says that the job is ours
	// unconfirmed means that the printer may not have the whole document: the
	// connection was lost before an answer, or the answer came too early.
	unconfirmed bool
	refused     bool // the document was answered by an IPP client error
	level       string
	first       time.Duration
	evidence    []string
	pages       *int
}

// ErrLeave is the cause to cancel a delivery with when the job is not canceled
// but cannot be followed any longer: the program stops, and continues the
// delivery later by Resume.
var ErrLeave = errors.New("the job is left to the printer")

// Deliver brings a document to a printer, once, and follows it to its end.
// Canceling ctx means that the person canceled, and is passed on to the
// printer; with the cause ErrLeave a document that went out whole is left
// alone.
func (d *Deliverer) Deliver(ctx context.Context, p directory.Printer, doc Document, h Hooks) Outcome {
	a := d.newAttempt(p, doc, h)
	return a.completeOutcome(a.deliverDocument(ctx))
}

func (d *Deliverer) newAttempt(p directory.Printer, doc Document, h Hooks) *attempt {
	return &attempt{
		deliverer: d, printer: p, doc: doc, hooks: h.withDefaults(), token: newToken(), begun: d.now(),
		names: namesOf(doc), known: d.recallPrinter(p), level: outcome.EvidenceNone,
	}
}

func (a *attempt) deliverDocument(ctx context.Context) Outcome {
	unlock, err := a.awaitTurn(ctx)
	if err != nil {
		return a.nothingSent(ctx, err)
	}
	defer unlock()
	defer a.close()
	t, err := fit.ReadTicket(a.doc.Attributes)
	if err != nil {
		err = fmt.Errorf("%w: %w", errDocument, err)
	} else {
		err = a.retryPatiently(ctx, func() error { return a.reachPrinter(ctx) }, doNothing)
	}
	if err != nil {
		return a.nothingSent(ctx, err)
	}
	if a.session.isRaw() {
		job, err := a.prepareRaw(ctx, t)
		if err != nil {
			return a.nothingSent(ctx, err)
		}
		return a.sendRaw(ctx, job)
	}
	if err := a.prepareIPP(ctx, t); err != nil {
		return a.nothingSent(ctx, err)
	}
	return a.sendIPP(ctx)
}

// awaitTurn waits until no other delivery uses the printer.
func (a *attempt) awaitTurn(ctx context.Context) (unlock func(), err error) {
	return a.deliverer.locks.lockPrinter(ctx, lockName(a.printer), func() {
		a.tellWaiting(outcome.ReasonBusy, fmt.Sprintf("Another document goes to printer %s first.", a.printer.Name))
	})
}

func lockName(p directory.Printer) string {
	if p.ID != "" {
		return p.ID
	}
	return strings.Join(p.URIs, " ")
}

func (a *attempt) close() {
	if a.source != nil {
		_ = a.source.Close()
	}
	if a.session != nil {
		a.session.close()
	}
	a.endSNMP()
	a.deliverer.rememberPrinter(a.printer, a.known)
}

// tellWaiting reports what the delivery waits for; "" means that it goes on.
func (a *attempt) tellWaiting(reason, sentence string) {
	if sentence == "" {
		reason = ""
	}
	if sentence != "" || a.told {
		a.told = sentence != ""
		a.hooks.Tell(reason, sentence)
	}
}

// tellGoesOn reports that the delivery waits for nothing any more.
func (a *attempt) tellGoesOn() { a.tellWaiting("", "") }

// prepareIPP checks all that can be known before the printer is given
// anything.
func (a *attempt) prepareIPP(ctx context.Context, t fit.Ticket) error {
	err := a.awaitReady(ctx)
	if err != nil {
		return err
	}
	i := a.session.info
	if i.stopped() {
		a.addEvidence("The printer is stopped, but gives no reason that needs a person: %s.", orNone(i.reasons()))
	}
	if a.format, err = i.formatFor(a.printer, a.doc.Format); err != nil {
		return err
	}
	if err := a.fitSettings(t); err != nil {
		return err
	}
	if a.source, err = newDocumentSource(a.doc); err != nil {
		return err
	}
	return a.retryPatiently(ctx, func() error { return a.validateJob(ctx) }, doNothing)
}

func doNothing(context.Context) error { return nil }

// fitSettings fits the settings that the document was parked with to what this
// printer lists.
func (a *attempt) fitSettings(t fit.Ticket) error {
	t, err := t.ForDocument(max(1, a.doc.Number)).WithoutCopies(a.doc.Copies)
	if err != nil {
		return err
	}
	f, err := t.FitTo(a.session.info.attrs)
	if err != nil {
		return err
	}
	a.settings, a.fitted = f.Attrs, true
	if a.doc.Copies > 1 {
		a.addEvidence("The document asks for its %d copies itself; the printer is not asked for them again.", a.doc.Copies)
	}
	for _, s := range f.Sentences() {
		a.addEvidence("%s", s)
	}
	return nil
}

// reachPrinter finds the way to the printer and makes sure that it is the one
// of the directory.
func (a *attempt) reachPrinter(ctx context.Context) (err error) {
	a.beginSNMP(ctx)
	w := waySearch{deliverer: a.deliverer, printer: a.printer, known: a.known, addEvidence: a.addEvidence, tellWaiting: a.tellWaiting}
	if a.session, err = w.findWay(ctx); err != nil {
		return err
	}
	a.tellGoesOn()
	a.compareGrade()
	if a.session.isRaw() {
		return nil
	}
	a.known.learnWay(a.session, a.deliverer.now())
	if quirksOf(a.session.info.model()).Plain {
		a.names = a.names.plain()
	}
	a.upTime = a.session.info.upTime()
	return a.checkPrinterUUID()
}

// compareGrade adds to the evidence that the way is weaker than the best one
// used before. The directory allows it, but the reader of the result should
// know.
func (a *attempt) compareGrade() {
	now := a.session.grade()
	if now.AtLeast(a.known.Best) || a.known.Best == "" {
		a.known.Best = now
		return
	}
	a.addEvidence("The printer was reached by %s before, and is by %s now.", a.known.Best, now)
	a.deliverer.log.Warn("a printer is reached by a weaker way than before", "printer", a.printer.ID, "before", a.known.Best, "now", now)
}

func orNone(s []string) string {
	if len(s) == 0 {
		return "none"
	}
	return strings.Join(s, ", ")
}

// validateJob asks the printer whether it would take the job (RFC 8011
// §4.2.3), so that a login or a setting is refused before a document is on its
// way.
func (a *attempt) validateJob(ctx context.Context) error {
	if !a.session.info.offers(goipp.OpValidateJob) {
		return nil
	}
	m, err := a.session.sendRequest(ctx, a.jobRequest(goipp.OpValidateJob))
	if ipp.IsStatus(err, goipp.StatusErrorBadRequest, goipp.StatusErrorInternal) && a.names != a.names.plain() {
		a.names = a.names.plain()
		m, err = a.session.sendRequest(ctx, a.jobRequest(goipp.OpValidateJob))
	}
	if ipp.IsStatus(err, goipp.StatusErrorOperationNotSupported) {
		return nil
	}
	if err != nil {
		return err
	}
	return a.checkUnsupported(m)
}

// checkUnsupported adds to the evidence what the printer says it would leave
// out, and returns an error if that is the number of copies, or which pages
// are printed.
func (a *attempt) checkUnsupported(m *goipp.Message) error {
	names := make([]string, 0, len(m.Unsupported))
	for _, u := range m.Unsupported {
		if u.Name == "copies" && fit.Ticket(a.settings).Copies() != 1 {
			return copiesFailure(a.printer.Name, fit.Ticket(a.settings).Copies())
		}
		if asked, ok := ipp.Find(a.settings, "page-ranges"); ok && u.Name == asked.Name && !fit.EveryPage(asked) {
			return pagesFailure(a.printer.Name)
		}
		if n := ipp.Clean(u.Name, 127); len(names) < 16 && !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	if len(names) > 0 {
		a.addEvidence("The printer ignores or replaces: %s.", strings.Join(names, ", "))
	}
	return nil
}

// jobRequest returns a request that describes the job.
func (a *attempt) jobRequest(op goipp.Op) *goipp.Message {
	m := a.session.newRequest(op)
	m.Operation.Add(ipp.Name("requesting-user-name", a.names.user))
	m.Operation.Add(ipp.Name("job-name", a.jobName()))
	m.Operation.Add(ipp.Boolean("ipp-attribute-fidelity", false))
	if op != goipp.OpCreateJob {
		m.Operation.Add(ipp.MIME("document-format", a.format))
	}
	for _, s := range a.settings {
		m.Job.Add(s)
	}
	return m
}

// recordStep journals a point of the delivery.
func (a *attempt) recordStep(step Step) error {
	err := a.hooks.Journal(Point{Step: step, Token: a.token, URI: a.session.uri, JobID: a.jobID, JobUUID: a.jobUUID, UpTime: a.upTime, LifeCount: a.lifeCount})
	if err != nil {
		return &failure{reason: outcome.ReasonJournal, cause: err, message: "The step could not be recorded, so nothing was sent."}
	}
	return nil
}

// recordLate journals a point after which nothing can be held back.
func (a *attempt) recordLate(step Step) {
	if err := a.recordStep(step); err != nil {
		a.addEvidence("The step %q could not be recorded.", step)
	}
}

// addEvidence adds a sentence to the evidence, once.
func (a *attempt) addEvidence(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	if slices.Contains(a.evidence, line) {
		return
	}
	if len(a.evidence) == maxEvidence {
		a.evidence = a.evidence[:maxEvidence-1] // the last word counts more than the one before it
	}
	a.evidence = append(a.evidence, line)
}

// nothingSent returns the outcome of an error before the first document byte.
func (a *attempt) nothingSent(ctx context.Context, err error) Outcome {
	switch {
	case errors.Is(context.Cause(ctx), ErrLeave):
		return Outcome{Result: outcome.Result{State: outcome.NotSent, Reason: outcome.ReasonInterrupted}, Message: stoppedBefore}
	case ctx.Err() != nil:
		return Outcome{Result: outcome.Result{State: outcome.Canceled, Reason: outcome.ReasonCanceled}, Message: "Canceled. Nothing was sent."}
	}
	if errors.Is(err, errDocument) {
		a.addEvidence("%s", ipp.Clean(err.Error(), 300))
		return Outcome{Result: outcome.Result{State: outcome.NotSent, Reason: outcome.ReasonUnreadable}, Message: "The document could not be read; nothing was sent."}
	}
	f := a.asFailure(err)
	return Outcome{Result: outcome.Result{State: outcome.NotSent, Reason: f.reason}, Message: f.message}
}

// asFailure returns what an error means once a printer has been found.
func (a *attempt) asFailure(err error) *failure {
	var uri string
	if a.session != nil {
		uri = a.session.uri
	}
	return asFailure(a.printer.Name, uri, err)
}

// ceilMilliseconds rounds up: what took any time at all is not 0.
func ceilMilliseconds(d time.Duration) int64 {
	return int64((d + time.Millisecond - 1) / time.Millisecond)
}

func (a *attempt) completeOutcome(o Outcome) Outcome {
	if o.State == outcome.Uncertain && o.Reason != outcome.ReasonLeft {
		ctx, stop := context.WithTimeout(context.Background(), rawSNMP)
		_, _ = a.readPageCounter(ctx)
		stop()
	}
	if a.session != nil {
		o.Protocol, o.Grade = a.session.protocol(), string(a.session.grade())
	}
	o.EvidenceLevel, o.Evidence, o.PagesPrinted = a.level, a.evidence, a.pages
	o.FirstByteMS, o.TotalMS = ceilMilliseconds(a.first), ceilMilliseconds(a.deliverer.now().Sub(a.begun))
	a.tellGoesOn()
	a.deliverer.log.Debug("delivery ended", "printer", a.printer.ID, "state", o.State, "reason", o.Reason, "title", a.names.title, "token", a.token, "evidence", o.Evidence)
	return o
}
