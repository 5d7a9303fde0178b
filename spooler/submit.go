package spooler

import (
	"cmp"
	"slices"
	"strings"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// printJob is RFC 8011 §4.2.1.
func (x *ippExchange) printJob() (*reply, error) {
	o, doc, err := x.readSubmission()
	if err != nil {
		return nil, err
	}
	if has, err := x.hasDocument(); err != nil || !has {
		return nil, cmp.Or(err, error(errNoDocument))
	}
	j, err := x.p.jobs.addJob(o, x.p.cfg.NextJobID, false)
	if err != nil {
		return nil, err
	}
	if err := x.receiveDocument(j, doc, true); err != nil {
		return nil, err
	}
	return x.acceptedReply(j, o.unsupported), nil
}

// validateJob is RFC 8011 §4.2.3.
func (x *ippExchange) validateJob() (*reply, error) {
	o, _, err := x.readSubmission()
	if err != nil {
		return nil, err
	}
	return &reply{status: ignoredStatus(o.unsupported), unsupported: o.unsupported}, nil
}

// createJob is RFC 8011 §4.2.4.
func (x *ippExchange) createJob() (*reply, error) {
	o, _, err := x.readSubmission()
	if err != nil {
		return nil, err
	}
	j, err := x.p.jobs.addJob(o, x.p.cfg.NextJobID, true)
	if err != nil {
		return nil, err
	}
	return x.acceptedReply(j, o.unsupported), nil
}

// sendDocument is RFC 8011 §4.3.1. The job is parked with its last document.
func (x *ippExchange) sendDocument() (*reply, error) {
	j, err := x.p.jobs.ownedJob(x.jobID, x.user)
	if err != nil {
		return nil, err
	}
	last, ok := ipp.Bool(x.msg.Operation, "last-document")
	if !ok {
		return nil, badRequest("The request does not say whether it has the last document.")
	}
	doc, err := x.readDocumentRequest()
	if err != nil {
		return nil, err
	}
	has, err := x.hasDocument()
	switch {
	case err != nil:
		return nil, err
	case !has && last:
		return x.closeAndPark(j)
	case !has:
		return nil, errNoDocument
	}
	if err := x.p.jobs.checkReady(j); err != nil {
		return nil, err
	}
	if err := x.p.checkAccepting(); err != nil {
		return nil, x.reportRefusal(j.request, err)
	}
	if err := x.receiveDocument(j, doc, last); err != nil {
		return nil, err
	}
	return x.acceptedReply(j, nil), nil
}

// closeJob is PWG 5100.11 §3.2: no further document follows.
func (x *ippExchange) closeJob() (*reply, error) {
	j, err := x.p.jobs.ownedJob(x.jobID, x.user)
	if err != nil {
		return nil, err
	}
	return x.closeAndPark(j)
}

// closeAndPark parks a job with the documents that have arrived, and aborts a
// job without any.
func (x *ippExchange) closeAndPark(j *job) (*reply, error) {
	parking, err := x.p.jobs.closeDocuments(j)
	if err != nil {
		return nil, err
	}
	if parking != nil {
		if err := x.p.parkJob(j, parking); err != nil {
			why := asRefusal(x.p.lifetime, err)
			x.p.discardJob(j, parking, why)
			return nil, x.reportRefusal(j.request, why)
		}
	}
	return x.acceptedReply(j, nil), nil
}

// readSubmission makes the checks for a new job that precede its document: what
// it asks for, how its document is sent, and whether jobs are accepted.
func (x *ippExchange) readSubmission() (jobRequest, documentRequest, error) {
	o, err := x.readJobRequest()
	if err != nil {
		return o, documentRequest{}, err
	}
	doc, err := x.readDocumentRequest()
	if err != nil {
		return o, doc, err
	}
	return o, doc, x.checkAdmission(o)
}

// readJobRequest reads the job template attributes, and refuses unsupported
// ones where the client requires them.
func (x *ippExchange) readJobRequest() (jobRequest, error) {
	op := x.msg.Operation
	o := jobRequest{res: x.res, user: x.user, source: x.source, allowance: x.allowance}
	o.title = cmp.Or(
		readName(op, "job-name"),
		readName(op, "document-name"),
		"Untitled",
	)
	o.attrs, o.unsupported = x.p.splitSupported(x.msg)
	if err := x.checkMandatory(o.unsupported); err != nil {
		return o, err
	}
	o.updateFields()
	var err error
	o.password, err = x.readPassword()
	return o, err
}

// readName returns a name in the request, "" where it is blank. Text that is
// not UTF-8 is read as Windows-1252, as older clients write it.
func readName(attrs goipp.Attributes, name string) string {
	return strings.TrimSpace(ipp.Clean(ipp.DecodeText(ipp.String(attrs, name)), nameSize))
}

func (x *ippExchange) checkMandatory(unsupported goipp.Attributes) error {
	fidelity, _ := ipp.Bool(x.msg.Operation, "ipp-attribute-fidelity")
	mandatory := ipp.Strings(x.msg.Operation, "job-mandatory-attributes")
	for _, a := range unsupported {
		if fidelity || slices.Contains(mandatory, a.Name) {
			r := refuse(goipp.StatusErrorAttributesOrValues, "The job asks for something that is not supported.")
			r.unsupported = unsupported
			return r
		}
	}
	return nil
}

// readDocumentRequest refuses a format or compression that is not offered,
// whatever ipp-attribute-fidelity says.
func (x *ippExchange) readDocumentRequest() (documentRequest, error) {
	op := x.msg.Operation
	d := documentRequest{
		name:        readName(op, "document-name"),
		format:      cmp.Or(strings.ToLower(ipp.String(op, "document-format")), x.res.defaultFormat),
		compression: cmp.Or(strings.ToLower(ipp.String(op, "compression")), "none"),
	}
	if !slices.Contains(x.res.formats, d.format) {
		r := refuse(goipp.StatusErrorDocumentFormatNotSupported, "Documents of this format are not accepted.")
		a, _ := ipp.Find(op, "document-format")
		r.unsupported.Add(echoAttribute(a))
		return d, r
	}
	if _, ok := compressions[d.compression]; !ok {
		r := refuse(goipp.StatusErrorCompressionNotSupported, "This compression is not supported.")
		a, _ := ipp.Find(op, "compression")
		r.unsupported.Add(echoAttribute(a))
		return d, r
	}
	return d, nil
}

// acceptedReply returns the reply that a job was accepted.
func (x *ippExchange) acceptedReply(j *job, unsupported goipp.Attributes) *reply {
	x.p.jobs.mu.Lock()
	defer x.p.jobs.mu.Unlock()
	return &reply{
		status:      ignoredStatus(unsupported),
		unsupported: unsupported,
		groups:      []goipp.Group{{Tag: goipp.TagJobGroup, Attrs: x.jobStatus(j)}},
	}
}

func ignoredStatus(unsupported goipp.Attributes) goipp.Status {
	if len(unsupported) > 0 {
		return goipp.StatusOkIgnoredOrSubstituted
	}
	return goipp.StatusOk
}
