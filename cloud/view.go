package cloud

import (
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
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

type resultView struct {
	Job           string   `json:"job"`
	Printer       string   `json:"printer"`
	State         string   `json:"state"`
	Reason        string   `json:"reason"`
	Protocol      string   `json:"protocol"`
	Grade         string   `json:"grade"`
	EvidenceLevel string   `json:"evidence_level"`
	Evidence      []string `json:"evidence"`
	PagesPrinted  *int     `json:"pages_printed"`
	FirstByteMS   int64    `json:"first_byte_ms"`
	TotalMS       int64    `json:"total_ms"`
}

// asMade is the order as it was when it was made, which a request that is
// repeated is answered with.
func (o Order) asMade() Order {
	o.State, o.Reason, o.SentAt, o.Result = Pending, "", time.Time{}, nil
	return o
}

func (s *Server) view(o Order) releaseView {
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
	v := &resultView{Job: o.Job, Printer: r.Printer, State: r.State, Reason: r.Reason, Protocol: r.Protocol, Grade: r.Grade,
		EvidenceLevel: r.EvidenceLevel, Evidence: r.Evidence, PagesPrinted: r.PagesPrinted,
		FirstByteMS: r.FirstByteMS, TotalMS: r.TotalMS}
	if v.Printer == "" {
		v.Printer = o.Printer
	}
	if v.Evidence == nil {
		v.Evidence = []string{}
	}
	return v
}
