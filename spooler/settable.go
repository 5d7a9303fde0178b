package spooler

import (
	"slices"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// setJobAttributes is RFC 3380 §4.2: all of the changes or none. The request is
// passed on with the job's first document, so it can be changed until that
// arrives; of a parked job that is held, only the hold.
func (x *ippExchange) setJobAttributes() (*reply, error) {
	j, err := x.p.jobs.ownedJob(x.jobID, x.user)
	if err != nil {
		return nil, err
	}
	changes := x.msg.Job
	if len(changes) == 0 {
		return nil, badRequest("The request does not say what to change.")
	}
	if err := x.p.checkSettable(changes); err != nil {
		return nil, err
	}
	if len(changes) == 1 && changes[0].Name == holdUntil {
		return &reply{}, x.p.setHold(j, !isDelete(changes[0]) && ipp.String(changes, holdUntil) != noHold)
	}
	return &reply{}, x.p.jobs.changeAttributes(j, changes)
}

// checkSettable refuses changes of attributes that cannot be changed, and
// values that are not supported.
func (p *Printer) checkSettable(changes goipp.Attributes) error {
	fixed := refuse(goipp.StatusErrorAttributesNotSettable, "Not all of this can be changed.")
	wrong := refuse(goipp.StatusErrorAttributesOrValues, "The job cannot be changed to that.")
	for _, a := range changes {
		known, ok := p.isSupported(a)
		switch {
		case !known:
			fixed.unsupported.Add(goipp.MakeAttr(a.Name, goipp.TagNotSettable, goipp.Void{}))
		case !ok && !isDelete(a):
			wrong.unsupported.Add(echoAttribute(a))
		}
	}
	switch {
	case len(fixed.unsupported) > 0:
		return fixed
	case len(wrong.unsupported) > 0:
		return wrong
	}
	return nil
}

func isDelete(a goipp.Attribute) bool {
	return len(a.Values) == 1 && a.Values[0].T == goipp.TagDeleteAttr
}

func (js *jobTable) changeAttributes(j *job, changes goipp.Attributes) error {
	js.mu.Lock()
	defer js.mu.Unlock()
	if len(j.documents) > 0 || !j.awaitsDocument() {
		return refuse(goipp.StatusErrorNotPossible, "The job has a document already and can no longer be changed.")
	}
	attrs := slices.Clone(j.request.attrs)
	for _, a := range changes {
		attrs = withoutAttribute(attrs, a.Name)
		if !isDelete(a) {
			attrs.Add(a)
		}
	}
	j.request.attrs = attrs
	j.request.updateFields()
	js.setIncoming(j)
	return nil
}
