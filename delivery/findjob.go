package delivery

import (
	"context"
	"errors"
	"fmt"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/delivery/internal/post"
	"github.com/printscout/printscout/internal/ipp"
)

// findJob asks for the job by its number. Where that is not known, or the
// printer has forgotten it, refuses to tell, or has given it to another job,
// it looks among all jobs that the printer lists.
func (a *attempt) findJob(ctx context.Context) (jobStatus, error) {
	j, err := a.findJobByNumber(ctx)
	if err == nil || !errors.Is(err, errNoJob) && !post.Answered(err) {
		return j, err
	}
	found, searchErr := a.searchJobs(ctx, !errors.Is(err, errNoJob))
	switch {
	case searchErr == nil:
		return found, nil
	case errors.Is(err, errNoJob) && a.jobID != 0 && post.Answered(searchErr):
		return jobStatus{}, errNoJob // it has told by the number all that it will tell
	case !errors.Is(err, errNoJob) && errors.Is(searchErr, errNoJob):
		return jobStatus{}, fmt.Errorf("the printer does not list the job, and by its number: %w", err)
	}
	return jobStatus{}, searchErr
}

// findJobByNumber returns errNoJob if no job of that number is ours, and the
// printer's error if it refuses to tell.
func (a *attempt) findJobByNumber(ctx context.Context) (jobStatus, error) {
	if a.jobID == 0 {
		return jobStatus{}, errNoJob
	}
	j, err := a.session.fetchJob(ctx, a.names.user, a.jobID)
	switch {
	case ipp.IsStatus(err, goipp.StatusErrorNotFound, goipp.StatusErrorGone):
		return jobStatus{}, errNoJob
	case err != nil:
		return jobStatus{}, err
	}
	if j.ended() {
		j = a.withPrinterClock(ctx, j)
	}
	who := a.identifyJob(j)
	if who == stranger {
		a.addEvidence("Job %d at the printer is another one by now.", j.id)
		return jobStatus{}, errNoJob
	}
	a.recognizeJob(j, who)
	return j, nil
}

// searchJobs looks through the jobs that the printer lists. With numbers it
// also accepts a job that only the number shows to be ours.
func (a *attempt) searchJobs(ctx context.Context, numbers bool) (jobStatus, error) {
	var same []jobStatus
	var refused error
	for _, which := range []string{"not-completed", "completed"} {
		all, err := a.session.fetchJobs(ctx, a.names.user, which)
		if err != nil && (which == "not-completed" || !post.Answered(err)) {
			return jobStatus{}, err
		}
		refused = err
		for _, j := range all {
			switch who := a.identifyJob(j); {
			case who == proven:
				a.recognizeJob(j, who)
				return j, nil
			case who == numbered && a.jobID == 0:
				a.nameless = true
			case who == numbered && numbers && j.id == a.jobID && j.id != 0:
				same = append(same, j)
			}
		}
	}
	if len(same) == 1 {
		a.recognizeJob(same[0], numbered)
		return same[0], nil
	}
	if refused != nil && numbers {
		return jobStatus{}, refused
	}
	return jobStatus{}, errNoJob
}

// withPrinterClock returns the job with the time on the printer's clock,
// asking for it if it is needed to identify the job and did not come with
// it.
func (a *attempt) withPrinterClock(ctx context.Context, j jobStatus) jobStatus {
	if j.upTime > 0 || a.upTime <= 0 || a.identifyJob(j) != numbered || a.session.refreshState(ctx) != nil {
		return j
	}
	j.upTime = a.session.info.upTime()
	return j
}
