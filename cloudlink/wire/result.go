package wire

import (
	"errors"

	"github.com/printscout/printscout/internal/outcome"
)

// Result is the result of an order.
type Result struct {
	Order         string `json:"o"`
	Job           string `json:"j"`
	Printer       string `json:"p,omitempty"`
	State         string `json:"s"` // Delivered, NotSent, Uncertain or Canceled
	Reason        string `json:"r,omitempty"`
	Protocol      string `json:"pr,omitempty"`
	Grade         string `json:"g,omitempty"`
	EvidenceLevel string `json:"el,omitempty"`
	PagesPrinted  *int   `json:"pp,omitempty"` // nil if unknown
	FirstByteMS   int64  `json:"fb,omitempty"`
	TotalMS       int64  `json:"tt,omitempty"`
}

// ResultOf returns the result of an order as it goes over the wire.
func ResultOf(order, job, printer string, r outcome.Result) Result {
	return Result{
		Order: order, Job: job, Printer: printer, State: string(r.State), Reason: r.Reason,
		Protocol: r.Protocol, Grade: r.Grade, EvidenceLevel: r.EvidenceLevel,
		PagesPrinted: r.PagesPrinted, FirstByteMS: r.FirstByteMS, TotalMS: r.TotalMS,
	}
}

// Outcome returns the result of the order's job.
func (r Result) Outcome() outcome.Result {
	return outcome.Result{
		State: outcome.State(r.State), Reason: r.Reason, Protocol: r.Protocol, Grade: r.Grade,
		EvidenceLevel: r.EvidenceLevel, PagesPrinted: r.PagesPrinted, FirstByteMS: r.FirstByteMS, TotalMS: r.TotalMS,
	}
}

func (r Result) wireForm() (frame, error) {
	if checkWord("reason", r.Reason) != nil {
		r.Reason = outcome.ReasonOther // older scouts have sentences there
	}
	err := errors.Join(checkID("order", r.Order), checkID("job", r.Job), checkWord("protocol", r.Protocol),
		checkWord("grade", r.Grade), checkText("evidence level", r.EvidenceLevel, 0, maxWord),
		checkCount("first byte", r.FirstByteMS), checkCount("total", r.TotalMS))
	if r.Printer != "" {
		err = errors.Join(err, checkPrinter(r.Printer))
	}
	if r.PagesPrinted != nil {
		err = errors.Join(err, checkCount("pages printed", int64(*r.PagesPrinted)))
	}
	if !outcome.IsState(r.State) {
		err = errors.Join(err, errors.New("the state is not one that a result can have"))
	}
	if err != nil {
		return r, err
	}
	// The order names the printer too.
	if data, err := marshalFrame(r); err != nil || len(data) > MaxResult {
		r.Printer = ""
	}
	return r, nil
}
