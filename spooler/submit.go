package spooler

import (
	"cmp"
	"slices"
	"strings"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// printJob is RFC 8011 §4.2.1.
func (x *exchange) printJob() (*reply, error) {
	o, doc, err := x.submission()
	if err != nil {
		return nil, err
	}
	if has, err := x.hasDocument(); err != nil || !has {
		return nil, cmp.Or(err, error(errNoDocument))
	}
	j, err := x.p.jobs.create(o, x.p.cfg.NextJobID, false)
	if err != nil {
		return nil, err
	}
	if err := x.receive(j, doc, true); err != nil {
		return nil, err
	}
	return x.accepted(j, o.unsupported), nil
}

// validateJob is RFC 8011 §4.2.3.
func (x *exchange) validateJob() (*reply, error) {
	o, _, err := x.submission()
	if err != nil {
		return nil, err
	}
	return &reply{status: ignored(o.unsupported), unsupported: o.unsupported}, nil
}

// createJob is RFC 8011 §4.2.4.
func (x *exchange) createJob() (*reply, error) {
	o, _, err := x.submission()
	if err != nil {
		return nil, err
	}
	j, err := x.p.jobs.create(o, x.p.cfg.NextJobID, true)
	if err != nil {
		return nil, err
	}
	return x.accepted(j, o.unsupported), nil
}

// sendDocument is RFC 8011 §4.3.1. The job is parked with its last document.
func (x *exchange) sendDocument() (*reply, error) {
	j, err := x.p.jobs.owned(x.jobID, x.who)
	if err != nil {
		return nil, err
	}
	last, ok := ipp.Bool(x.msg.Operation, "last-document")
	if !ok {
		return nil, badRequest("The request does not say whether it has the last document.")
	}
	doc, err := x.documentAsked()
	if err != nil {
		return nil, err
	}
	has, err := x.hasDocument()
	switch {
	case err != nil:
		return nil, err
	case !has && last:
		return x.closed(j)
	case !has:
		return nil, errNoDocument
	}
	if err := x.p.jobs.ready(j); err != nil {
		return nil, err
	}
	if err := x.p.accepting(); err != nil {
		return nil, x.refused(j.order, err)
	}
	if err := x.receive(j, doc, last); err != nil {
		return nil, err
	}
	return x.accepted(j, nil), nil
}

// closeJob is PWG 5100.11 §3.2: no document follows.
func (x *exchange) closeJob() (*reply, error) {
	j, err := x.p.jobs.owned(x.jobID, x.who)
	if err != nil {
		return nil, err
	}
	return x.closed(j)
}

// closed parks a job with the documents that have come, and gives up one that
// has none.
func (x *exchange) closed(j *job) (*reply, error) {
	parking, err := x.p.jobs.close(j)
	if err != nil {
		return nil, err
	}
	if parking != nil {
		if err := x.p.park(j, parking); err != nil {
			why := explain(x.p.life, err)
			x.p.dispose(j, parking, why)
			return nil, x.refused(j.order, why)
		}
	}
	return x.accepted(j, nil), nil
}

// submission holds what is checked of every new job before its document: what
// it asks for, how its document comes, and whether jobs are taken at all.
func (x *exchange) submission() (order, document, error) {
	o, err := x.orderAsked()
	if err != nil {
		return o, document{}, err
	}
	doc, err := x.documentAsked()
	if err != nil {
		return o, doc, err
	}
	return o, doc, x.admit(o)
}

// orderAsked reads the job template attributes and refuses them where the
// client would rather have nothing than something else.
func (x *exchange) orderAsked() (order, error) {
	op := x.msg.Operation
	o := order{res: x.res, user: x.who, from: x.from, allowance: x.allowance}
	o.title = cmp.Or(
		named(op, "job-name"),
		named(op, "document-name"),
		"Untitled",
	)
	o.attrs, o.unsupported = x.p.sieve(x.msg)
	if err := x.mustHave(o.unsupported); err != nil {
		return o, err
	}
	o.read()
	var err error
	o.password, err = x.passwordAsked()
	return o, err
}

// named is a name that the request gives, "" where it is blank. What is not
// UTF-8 is read as Windows-1252, as older clients write it.
func named(attrs goipp.Attributes, name string) string {
	return strings.TrimSpace(ipp.Clean(ipp.Decoded(ipp.String(attrs, name)), nameSize))
}

func (x *exchange) mustHave(unsupported goipp.Attributes) error {
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

// documentAsked refuses a format and a compression that are not offered,
// whatever ipp-attribute-fidelity says.
func (x *exchange) documentAsked() (document, error) {
	op := x.msg.Operation
	d := document{
		name:        named(op, "document-name"),
		format:      cmp.Or(strings.ToLower(ipp.String(op, "document-format")), x.res.usual),
		compression: cmp.Or(strings.ToLower(ipp.String(op, "compression")), "none"),
	}
	if !slices.Contains(x.res.formats, d.format) {
		r := refuse(goipp.StatusErrorDocumentFormatNotSupported, "Documents of this format are not taken.")
		a, _ := ipp.Find(op, "document-format")
		r.unsupported.Add(echo(a))
		return d, r
	}
	if _, ok := compressions[d.compression]; !ok {
		r := refuse(goipp.StatusErrorCompressionNotSupported, "Documents compressed like this are not taken.")
		a, _ := ipp.Find(op, "compression")
		r.unsupported.Add(echo(a))
		return d, r
	}
	return d, nil
}

// accepted is the answer that a job was taken.
func (x *exchange) accepted(j *job, unsupported goipp.Attributes) *reply {
	x.p.jobs.mu.Lock()
	defer x.p.jobs.mu.Unlock()
	return &reply{
		status:      ignored(unsupported),
		unsupported: unsupported,
		groups:      []goipp.Group{{Tag: goipp.TagJobGroup, Attrs: x.jobStatus(j)}},
	}
}

func ignored(unsupported goipp.Attributes) goipp.Status {
	if len(unsupported) > 0 {
		return goipp.StatusOkIgnoredOrSubstituted
	}
	return goipp.StatusOk
}
