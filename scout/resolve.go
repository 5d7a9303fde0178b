package scout

import (
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/outcome"
)

// Resolve takes a person's word on an uncertain job: it was printed, or it is
// to be printed again. For a job with several documents, this is about the one
// where its release ended; those after it can then be released.
func (s localAPI) Resolve(c control.Caller, id string, r control.Resolution) (control.Job, error) {
	j, err := s.table.findOwned(c, id)
	if err != nil {
		return control.Job{}, err
	}
	if j.note.State != Uncertain {
		return control.Job{}, &control.Error{
			Code: control.CodeConflict, Message: "the job is " + string(j.note.State) + ": there is nothing to resolve",
			Hint: "printscout job list shows your jobs; only uncertain ones wait for your word",
		}
	}
	printed := min(j.note.Printed, len(j.documents())-1)
	if r.Said == control.Printed {
		printed++
	}
	s.log.Info("an uncertain job was resolved", "job", j.id, "said", r.Said)
	if printed == len(j.documents()) {
		if err := s.table.setState(j.id, Delivered, nil); err != nil {
			return control.Job{}, asControlError(err)
		}
		s.forgetJob(j.id, Delivered)
		j.note = note{State: Delivered, Info: j.note.Info, Found: j.note.Found}
		return j.controlJob(), nil
	}
	err = s.table.setState(j.id, Parked, func(n *note) {
		n.Printed, n.Reason, n.Message, n.Evidence = printed, outcome.ReasonPrintAgain, "It is to be printed again. The job can be released.", nil
		if r.Said == control.Printed {
			n.Reason, n.Message = outcome.ReasonPartlyPrinted, printedSentence(printed)+" The rest can be released."
		}
	})
	if err != nil {
		return control.Job{}, asControlError(err)
	}
	s.tellChanged(j.id)
	j, err = s.table.findOwned(c, j.id.String())
	return j.controlJob(), err
}
