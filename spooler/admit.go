package spooler

import (
	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// Admitter is an Intake that knows in advance that it would refuse a job, so
// that a client is told before it sends the document: some clients take a job
// refused after its document for printed.
type Admitter interface {
	// Admit returns the error that the user's next job would be refused with,
	// nil where none is known. from is the source of the name, octets the size
	// that the client announces, 0 where it does not.
	Admit(user string, from Source, octets int64) error
}

// Refuser is an Intake that is told of jobs that were refused, of which nothing
// is kept here, so that it can tell their owners.
type Refuser interface {
	Refused(Refused)
}

// Refused describes a job that was refused. All strings are free of control
// characters and bounded.
type Refused struct {
	Title   string
	User    string
	Source  Source
	Message string // a sentence: why
}

// checkAdmission returns an error if the Intake would refuse the job. Every
// operation that creates or validates a job calls it before its document.
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

// reportRefusal tells the Intake about a refused job, and returns the refusal
// to send to the client.
func (x *ippExchange) reportRefusal(o jobRequest, err error) error {
	why := asRefusal(x.p.lifetime, err)
	if concernsOwner(why) {
		if to, ok := x.p.cfg.Intake.(Refuser); ok {
			to.Refused(Refused{Title: o.title, User: o.user, Source: o.source, Message: why.message})
		}
	}
	return x.withStatusForCUPS(why)
}

// concernsOwner reports whether a refusal is news to the person who printed. A
// canceled document or a client that went away is not.
func concernsOwner(why *refusal) bool {
	return why != errCanceled && why.reason != "submission-interrupted"
}

// withStatusForCUPS gives a refusal the status upon which CUPS keeps the job.
// Measured with CUPS 2.4.2: at Send-Document CUPS ignores
// account-limit-reached, request-entity-too-large, temporary-error and
// not-accepting-jobs, and calls its job completed as soon as ours is aborted;
// at Validate-Job and Create-Job it repeats a request answered with
// account-limit-reached every few seconds, while all other users' jobs wait. On
// request-value-too-long it holds the job.
func (x *ippExchange) withStatusForCUPS(why *refusal) *refusal {
	ignored := false
	switch op := goipp.Op(x.msg.Code); why.status {
	case goipp.StatusErrorAccountLimitReached:
		ignored = op != goipp.OpPrintJob
	case goipp.StatusErrorRequestEntity, goipp.StatusErrorTemporary, goipp.StatusErrorNotAcceptingJobs, goipp.StatusErrorInternal:
		ignored = op == goipp.OpSendDocument || op == goipp.OpCloseJob
	}
	if !ignored {
		return why
	}
	held := *why
	held.status = goipp.StatusErrorRequestValue
	return &held
}
