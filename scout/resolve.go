package scout

import (
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/outcome"
)

// Resolve takes a person's word on a job whose fate is uncertain: it came out,
// or it is to be printed again. Of a job with several documents that is said of
// the one it ended with; those behind it can then be released.
func (s local) Resolve(c control.Caller, id string, r control.Resolution) (control.Job, error) {
	j, err := s.table.find(c, id)
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
		if err := s.table.set(j.id, Delivered, nil); err != nil {
			return control.Job{}, asControl(err)
		}
		s.forget(j.id, Delivered)
		j.note = note{State: Delivered, Info: j.note.Info, Found: j.note.Found}
		return j.view(), nil
	}
	err = s.table.set(j.id, Parked, func(n *note) {
		n.Printed, n.Reason, n.Message, n.Evidence = printed, outcome.ReasonPrintAgain, "It is to be printed again. The job can be released.", nil
		if r.Said == control.Printed {
			n.Reason, n.Message = outcome.ReasonPartlyPrinted, came(printed)+" The rest can be released."
		}
	})
	if err != nil {
		return control.Job{}, asControl(err)
	}
	s.tellChanged(j.id)
	j, err = s.table.find(c, j.id.String())
	return j.view(), err
}
