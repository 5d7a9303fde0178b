package spooler

import (
	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// Admitter is an Intake that knows beforehand that it would refuse a job, so
// that a client is told before it sends the document: behind the document some
// take a refused job for printed.
type Admitter interface {
	// Admit returns what the next job of a user would be refused with, nil
	// where nothing is known against it. from says where the name comes from. octets is how large the client says
	// that it is, 0 where it does not say.
	Admit(user string, from Source, octets int64) error
}

// Refuser is an Intake that wants to know of jobs that were refused and of
// which nothing is left here, to tell their owners.
type Refuser interface {
	Refused(Refused)
}

// Refused is a job that was refused. All strings are free of control
// characters and bounded.
type Refused struct {
	Title   string
	User    string
	Source  Source
	Message string // a sentence: why
}

// checkAdmission is what every operation that makes, or would make, a job asks before
// its document.
func (x *ippExchange) checkAdmission(o jobRequest) error {
	err := x.p.checkAccepting()
	if a, ok := x.p.cfg.Intake.(Admitter); err == nil && ok {
		const kilo = 1024
		k, _ := ipp.Int(x.msg.Operation, "job-k-octets")
		if refused := a.Admit(o.user, o.source, int64(max(0, k))*kilo); refused != nil {
			err = refusalOfIntake(refused)
		}
	}
	if err == nil {
		return nil
	}
	return x.reportRefusal(o, err)
}

// reportRefusal tells the Intake of a job that is refused, and returns the refusal
// as the client has to be given it.
func (x *ippExchange) reportRefusal(o jobRequest, err error) error {
	why := asRefusal(x.p.lifetime, err)
	if concernsOwner(why) {
		if to, ok := x.p.cfg.Intake.(Refuser); ok {
			to.Refused(Refused{Title: o.title, User: o.user, Source: o.source, Message: why.message})
		}
	}
	return x.withStatusForCUPS(why)
}

// concernsOwner reports whether a refusal is news to whoever has printed: not that the
// document was taken back, or that the client went away.
func concernsOwner(why *refusal) bool {
	return why != errCanceled && why.reason != "submission-interrupted"
}

// withStatusForCUPS gives a refusal the status upon which CUPS keeps the job. Measured
// with CUPS 2.4.2: at Send-Document it passes over account-limit-reached,
// request-entity-too-large, temporary-error and not-accepting-jobs, and calls its
// job completed as soon as ours is aborted; at Validate-Job and Create-Job
// account-limit-reached has it ask again every few seconds, with everybody
// else's jobs waiting behind. Upon request-value-too-long it holds the job.
func (x *ippExchange) withStatusForCUPS(why *refusal) *refusal {
	passed := false
	switch op := goipp.Op(x.msg.Code); why.status {
	case goipp.StatusErrorAccountLimitReached:
		passed = op != goipp.OpPrintJob
	case goipp.StatusErrorRequestEntity, goipp.StatusErrorTemporary, goipp.StatusErrorNotAcceptingJobs, goipp.StatusErrorInternal:
		passed = op == goipp.OpSendDocument || op == goipp.OpCloseJob
	}
	if !passed {
		return why
	}
	held := *why
	held.status = goipp.StatusErrorRequestValue
	return &held
}
