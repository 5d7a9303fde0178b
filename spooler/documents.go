package spooler

import (
	"cmp"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// A job's one document has the number 1 from its first byte on.

// validateDocument is PWG 5100.13 §3.3: the checks of Send-Document.
func (x *exchange) validateDocument() (*reply, error) {
	_, err := x.documentAsked()
	return &reply{}, err
}

// getDocuments is PWG 5100.5 §3.2.3.
func (x *exchange) getDocuments() (*reply, error) {
	j, err := x.readable(x.jobID)
	if err != nil {
		return nil, err
	}
	attrs := x.documentAttributes(j)
	if attrs == nil {
		return &reply{}, nil
	}
	return documentReply(wants(x.msg, "document-number").pick(groupDocument, attrs)), nil
}

// getDocumentAttributes is PWG 5100.5 §3.2.2.
func (x *exchange) getDocumentAttributes() (*reply, error) {
	j, err := x.readable(x.jobID)
	if err != nil {
		return nil, err
	}
	attrs, err := x.documentAsk(j)
	if err != nil {
		return nil, err
	}
	return documentReply(wants(x.msg, "all").pick(groupDocument, attrs)), nil
}

// cancelDocument is PWG 5100.5 §3.2.1. A job without its document is nothing,
// so it ends with it.
func (x *exchange) cancelDocument() (*reply, error) {
	j, err := x.p.jobs.owned(x.jobID, x.who)
	if err != nil {
		return nil, err
	}
	if _, err := x.documentAsk(j); err != nil {
		return nil, err
	}
	if !x.p.cancel(j) {
		return nil, refuse(goipp.StatusErrorNotPossible, "The document cannot be canceled anymore.")
	}
	return &reply{}, nil
}

// documentAsk returns what is known of the document that a request names.
func (x *exchange) documentAsk(j *job) (goipp.Attributes, error) {
	n, ok := ipp.Int(x.msg.Operation, "document-number")
	if !ok {
		return nil, badRequest("The request does not say which document it is about.")
	}
	attrs := x.documentAttributes(j)
	if n != 1 || attrs == nil {
		return nil, refuse(goipp.StatusErrorNotFound, "There is no such document.")
	}
	return attrs, nil
}

func documentReply(attrs goipp.Attributes) *reply {
	return &reply{groups: []goipp.Group{{Tag: goipp.TagDocumentGroup, Attrs: attrs}}}
}

// documentAttributes are nil while there is no document.
func (x *exchange) documentAttributes(j *job) goipp.Attributes {
	x.p.jobs.mu.Lock()
	defer x.p.jobs.mu.Unlock()
	if j.started.IsZero() {
		return nil
	}
	state, reason := j.documentState()
	k := kilo(j.octets.Load())
	attrs := goipp.Attributes{
		ipp.Integer("document-number", 1),
		ipp.Integer("document-job-id", j.id),
		ipp.URI("document-job-uri", x.jobURI(j.id)),
		ipp.URI("document-printer-uri", x.printerURI(j.order.res)),
		ipp.Enum("document-state", state),
		ipp.Keyword("document-state-reasons", reason),
		ipp.MIME("document-format", cmp.Or(j.doc.format, formatOctet)),
		ipp.Keyword("compression", cmp.Or(j.doc.compression, "none")),
		ipp.Boolean("last-document", true),
		ipp.Integer("k-octets", k),
		ipp.Integer("k-octets-processed", k),
		ipp.Integer("printer-up-time", x.p.upTime(x.p.cfg.Now())),
	}
	attrs = append(attrs, x.jobTimes(j)...)
	if j.pages != nil {
		attrs.Add(ipp.Integer("impressions", *j.pages))
		attrs.Add(ipp.Integer("impressions-completed", *j.pages))
	}
	return attrs
}

// documentState is PWG 5100.5 §8.3; its values are those of jobs. The lock is
// held.
func (j *job) documentState() (int, string) {
	switch j.state {
	case jobCanceled:
		return jobCanceled, "canceled-by-user"
	case jobAborted:
		return jobAborted, "aborted-by-system"
	case jobProcessing:
		return jobProcessing, "incoming"
	}
	return jobCompleted, "completed-successfully"
}
