package cloud

import (
	"cmp"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/outcome"
)

// releaseView is an order as the API shows it.
type releaseView struct {
	ID      string      `json:"id"`
	Scout   string      `json:"scout"`
	Job     string      `json:"job"`
	Printer string      `json:"printer"`
	State   string      `json:"state"`
	Reason  string      `json:"reason"`
	Created time.Time   `json:"created"`
	Expires time.Time   `json:"expires"`
	Sent    *time.Time  `json:"sent"`
	Result  *resultView `json:"result"`
}

// resultView is a result with sentences made from its words: the sentences of
// the printer and of the scout's system stay on the computer that printed.
type resultView struct {
	Job     string `json:"job"`
	Printer string `json:"printer"`
	outcome.Result
	Evidence []string `json:"evidence"`
}

// asMade returns the order as it was when it was made, which is the response
// to a repeated request.
func (o Order) asMade() Order {
	o.State, o.Reason, o.SentAt, o.Result = Pending, "", time.Time{}, nil
	return o
}

func (s *Server) viewRelease(o Order) releaseView {
	v := releaseView{ID: o.ID, Scout: o.Scout, Job: o.Job, Printer: o.Printer, State: o.State, Reason: o.Reason,
		Created: o.Created.UTC(), Expires: o.Expires.UTC()}
	if !o.SentAt.IsZero() {
		v.Sent = &o.SentAt
	}
	if o.State == Sent && !s.cfg.Now().Before(o.Expires) {
		v.Reason = "no answer yet"
	}
	if o.Result != nil {
		v.Result = viewResult(o, *o.Result)
	}
	return v
}

func viewResult(o Order, r wire.Result) *resultView {
	result := r.Outcome()
	return &resultView{Job: o.Job, Printer: cmp.Or(r.Printer, o.Printer), Result: result, Evidence: result.Sentences()}
}
