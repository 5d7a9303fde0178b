package scout

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/google/uuid"

	"github.com/printscout/printscout/delivery"
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/outcome"
	"github.com/printscout/printscout/spooler/docinfo"
)

// printDocuments brings the documents of a job to a printer one after another,
// from the first that has not been printed yet, and stops at the first that
// fails: docs/decisions/0006. A document whose entry has a point is continued
// from there.
func (s *Scout) printDocuments(ctx context.Context, j job, printer directory.Printer, e orderEntry, tell func(string)) control.Result {
	var all control.Result
	n := len(j.documents())
	for i := min(j.note.Printed, n-1); i < n; i++ {
		one := deliveryResult(j, printer, s.printDocument(ctx, j, i, printer, e, s.deliveryHooks(j.id, e.Order, i, tell)))
		if said := j.asPrinted(); len(said) > 0 && all.Job == "" {
			one.Evidence = append(said, one.Evidence...)
		}
		if n == 1 {
			return one
		}
		all = addDocumentResult(all, one, i, n)
		if one.State != outcome.Delivered || i == n-1 {
			break
		}
		if err := s.table.amendNote(j.id, func(n *note) { n.Printed = i + 1 }); err != nil {
			return notRecorded(all, i+1, err)
		}
	}
	return all
}

// orderTime is how long after its order a document that was delayed by an
// interruption may still be sent: whoever gave the order stands at the
// printer.
const orderTime = maxValid

// printDocument brings one document to a printer. A document that was cut
// short by an interruption is continued where it was; those after it are sent
// only while the order is fresh.
func (s *Scout) printDocument(ctx context.Context, j job, i int, printer directory.Printer, e orderEntry, h delivery.Hooks) delivery.Outcome {
	if e.Point == nil {
		return s.deliverer.Deliver(ctx, printer, s.deliveryDocument(j, i), h)
	}
	age := s.now().Sub(e.Taken)
	fresh := age >= 0 && age < orderTime
	switch {
	case i == e.Document:
		return s.deliverer.Resume(ctx, printer, s.deliveryDocument(j, i), h, *e.Point, fresh)
	case fresh:
		return s.deliverer.Deliver(ctx, printer, s.deliveryDocument(j, i), h)
	}
	return delivery.Outcome{Result: outcome.Result{State: outcome.NotSent, Reason: outcome.ReasonInterrupted}, Message: "The agent was stopped before it was sent. The job can be released again."}
}

// addDocumentResult returns the result of a job after one more of its
// documents.
func addDocumentResult(all, one control.Result, i, of int) control.Result {
	for _, e := range one.Evidence {
		all.Evidence = append(all.Evidence, fmt.Sprintf("Document %d of %d: %s", i+1, of, e))
	}
	if all.Job != "" {
		one.Result = all.Result.Then(one.Result)
	}
	one.Evidence = all.Evidence
	if one.State != outcome.Delivered {
		one.Message = strings.TrimSpace(fmt.Sprintf("%s Document %d of %d: %s", printedSentence(i), i+1, of, one.Message))
	}
	return one
}

// printedSentence says how many documents were printed, "" for none.
func printedSentence(documents int) string {
	switch documents {
	case 0:
		return ""
	case 1:
		return "1 document was printed."
	}
	return fmt.Sprintf("%d documents were printed.", documents)
}

// notRecorded returns the result for a document that was printed but could not
// be recorded as printed: a person has to decide what to print again.
func notRecorded(r control.Result, documents int, err error) control.Result {
	r.State, r.Reason = outcome.Uncertain, outcome.ReasonJournal
	r.Message = printedSentence(documents) + " That could not be recorded, so the rest was not sent."
	r.Evidence = append(r.Evidence, err.Error())
	return r
}

// asPrinted returns sentences on what happened to the job when it was printed
// on this computer.
func (j *job) asPrinted() (said []string) {
	if s := j.concatenatedSentence(); s != "" {
		said = append(said, s)
	}
	if len(j.ticket.LeftOut) > 0 {
		said = append(said, "Left out when it was printed, because the printer on this computer does not offer it: "+strings.Join(j.ticket.LeftOut, ", ")+".")
	}
	return said
}

// deliveryDocument returns one of a job's documents in the form that package
// delivery takes.
func (s *Scout) deliveryDocument(j job, i int) delivery.Document {
	docs := j.documents()
	doc, p := docs[i], j.parts[docs[i].Part]
	d := delivery.Document{
		Title: j.ticket.Title, User: j.ticket.User,
		Format: p.format(), Size: doc.Size,
		Copies: doc.Info.Copies, Attributes: j.ticket.Attributes,
	}
	if len(docs) > 1 {
		d.Number = i + 1
		d.Title = fmt.Sprintf("%s (%d/%d)", j.ticket.Title, i+1, len(docs))
	}
	if doc.Info.Pages != nil && doc.Info.Certainty == docinfo.Exact {
		d.Pages = *doc.Info.Pages * j.copyCount(doc.Info)
	}
	d.Open = func() (io.ReadCloser, error) { return s.vault.Document(j.id, doc.Part) }
	if !doc.isPart(j.parts) {
		d.Open = func() (io.ReadCloser, error) { return s.openRange(j.id, doc) }
	}
	return d
}

// openRange opens one of the files that a part of a job consists of.
func (s *Scout) openRange(id uuid.UUID, d document) (io.ReadCloser, error) {
	r, err := s.vault.Positions(id, d.Part)
	if err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{io.NewSectionReader(r, d.At, d.Size), r}, nil
}
