package spooler

import (
	"cmp"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// validateDocument is PWG 5100.13 §3.3: the checks of Send-Document.
func (x *ippExchange) validateDocument() (*reply, error) {
	_, err := x.readDocumentRequest()
	return &reply{}, err
}

// getDocuments is PWG 5100.5 §3.2.3.
func (x *ippExchange) getDocuments() (*reply, error) {
	j, err := x.readableJob(x.jobID)
	if err != nil {
		return nil, err
	}
	rep, w := &reply{}, readRequestedAttributes(x.msg, "document-number")
	for _, attrs := range x.allDocuments(j) {
		rep.groups = append(rep.groups, documentGroup(w, attrs))
	}
	if limit, ok := ipp.Int(x.msg.Operation, "limit"); ok && limit > 0 {
		rep.groups = rep.groups[:min(limit, len(rep.groups))]
	}
	return rep, nil
}

// getDocumentAttributes is PWG 5100.5 §3.2.2.
func (x *ippExchange) getDocumentAttributes() (*reply, error) {
	j, err := x.readableJob(x.jobID)
	if err != nil {
		return nil, err
	}
	all := x.allDocuments(j)
	n, err := x.documentNumber(len(all))
	if err != nil {
		return nil, err
	}
	return &reply{groups: []goipp.Group{documentGroup(readRequestedAttributes(x.msg, "all"), all[n-1])}}, nil
}

// cancelDocument is PWG 5100.5 §3.2.1. A job with a single document is canceled
// with it; one of several cannot be removed, since they are sealed one after
// the other.
func (x *ippExchange) cancelDocument() (*reply, error) {
	j, err := x.p.jobs.ownedJob(x.jobID, x.user)
	if err != nil {
		return nil, err
	}
	has := len(x.allDocuments(j))
	if _, err := x.documentNumber(has); err != nil {
		return nil, err
	}
	if has > 1 {
		return nil, refuse(goipp.StatusErrorNotPossible, "A document cannot be taken out of its job; cancel the job.")
	}
	if !x.p.cancelOrDrop(j, false) {
		return nil, refuse(goipp.StatusErrorNotPossible, "The document cannot be canceled anymore.")
	}
	return &reply{}, nil
}

// documentNumber returns the number of the document that a request names, at
// most has.
func (x *ippExchange) documentNumber(has int) (int, error) {
	n, ok := ipp.Int(x.msg.Operation, "document-number")
	switch {
	case !ok:
		return 0, badRequest("The request does not say which document it is about.")
	case n < 1 || n > has:
		return 0, refuse(goipp.StatusErrorNotFound, "There is no such document.")
	}
	return n, nil
}

func documentGroup(w requestedAttributes, attrs goipp.Attributes) goipp.Group {
	return goipp.Group{Tag: goipp.TagDocumentGroup, Attrs: w.selectFrom(groupDocument, attrs)}
}

// allDocuments returns the attributes of each document whose first byte has
// arrived.
func (x *ippExchange) allDocuments(j *job) (all []goipp.Attributes) {
	x.p.jobs.mu.Lock()
	defer x.p.jobs.mu.Unlock()
	for i := range j.documents {
		all = append(all, x.documentAttributes(j, i))
	}
	return all
}

// documentAttributes returns those of PWG 5100.5 §8 that are known. The lock is
// held.
func (x *ippExchange) documentAttributes(j *job, i int) goipp.Attributes {
	d := j.documents[i]
	state, reason := j.documentState(d)
	k := kiloOctets(d.octets.Load())
	attrs := goipp.Attributes{
		ipp.Integer("document-number", i+1),
		ipp.Integer("document-job-id", j.id),
		ipp.URI("document-job-uri", x.jobURI(j.id)),
		ipp.URI("document-printer-uri", x.printerURI(j.request.res)),
		ipp.Enum("document-state", state),
		ipp.Keyword("document-state-reasons", reason),
		ipp.MIME("document-format", cmp.Or(d.format, formatOctet)),
		ipp.Keyword("compression", cmp.Or(d.compression, "none")),
		ipp.Boolean("last-document", i == len(j.documents)-1),
		ipp.Integer("k-octets", k),
		ipp.Integer("k-octets-processed", k),
		ipp.Integer("printer-up-time", x.p.upTime(x.p.cfg.Now())),
	}
	attrs = append(attrs, x.timeAttributes(d.started, d.started, cmp.Or(d.ended, j.ended))...)
	if d.name != "" {
		attrs.Add(ipp.Name("document-name", d.name))
	}
	if d.pages != nil {
		attrs.Add(ipp.Integer("impressions", *d.pages))
		attrs.Add(ipp.Integer("impressions-completed", *d.pages))
	}
	return attrs
}

// documentState returns document-state and its reason, PWG 5100.5 §8.3; the
// values are those of jobs. The lock is held.
func (j *job) documentState(d *jobDocument) (int, string) {
	switch {
	case j.state == ipp.JobCanceled:
		return ipp.JobCanceled, "canceled-by-user"
	case j.state == ipp.JobAborted:
		return ipp.JobAborted, "aborted-by-system"
	case d.ended.IsZero():
		return ipp.JobProcessing, "incoming"
	}
	return ipp.JobCompleted, "completed-successfully"
}
