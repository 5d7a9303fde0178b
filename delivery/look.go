package delivery

import (
	"context"
	"errors"
	"fmt"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/delivery/internal/post"
	"github.com/printscout/printscout/internal/ipp"
)

// look asks for the job: by its number, and where that is not known to us, no
// longer to the printer, not to be asked for, or somebody else's by now, among
// all jobs that the printer tells of.
func (a *attempt) look(ctx context.Context) (job, error) {
	j, err := a.byNumber(ctx)
	if err == nil || !errors.Is(err, errNoJob) && !post.Answered(err) {
		return j, err
	}
	found, searchErr := a.search(ctx, !errors.Is(err, errNoJob))
	switch {
	case searchErr == nil:
		return found, nil
	case errors.Is(err, errNoJob) && a.jobID != 0 && post.Answered(searchErr):
		return job{}, errNoJob // what it answered by the number is all it will say
	case !errors.Is(err, errNoJob) && errors.Is(searchErr, errNoJob):
		return job{}, fmt.Errorf("the printer does not list the job, and of its number: %w", err)
	}
	return job{}, searchErr
}

// byNumber is errNoJob where no job of that number is ours, and the printer's
// answer where it will not say.
func (a *attempt) byNumber(ctx context.Context) (job, error) {
	if a.jobID == 0 {
		return job{}, errNoJob
	}
	j, err := a.s.job(ctx, a.names.user, a.jobID)
	switch {
	case ipp.IsStatus(err, goipp.StatusErrorNotFound, goipp.StatusErrorGone):
		return job{}, errNoJob
	case err != nil:
		return job{}, err
	}
	if j.ended() {
		j = a.dated(ctx, j)
	}
	who := a.whose(j)
	if who == stranger {
		a.note("Job %d at the printer is another one by now.", j.id)
		return job{}, errNoJob
	}
	a.recognize(j, who)
	return j, nil
}

// search looks through the jobs that the printer tells of; with numbers also
// for one that has nothing but the number of ours.
func (a *attempt) search(ctx context.Context, numbers bool) (job, error) {
	var same []job
	var refused error
	for _, which := range []string{"not-completed", "completed"} {
		all, err := a.s.jobs(ctx, a.names.user, which)
		if err != nil && (which == "not-completed" || !post.Answered(err)) {
			return job{}, err
		}
		refused = err
		for _, j := range all {
			switch who := a.whose(j); {
			case who == proven:
				a.recognize(j, who)
				return j, nil
			case who == numbered && a.jobID == 0:
				a.nameless = true
			case who == numbered && numbers && j.id == a.jobID && j.id != 0:
				same = append(same, j)
			}
		}
	}
	if len(same) == 1 {
		a.recognize(same[0], numbered)
		return same[0], nil
	}
	if refused != nil && numbers {
		return job{}, refused
	}
	return job{}, errNoJob
}

// dated is the job with the time on the printer's clock, where that is needed
// to tell whose it is and did not come along with it.
func (a *attempt) dated(ctx context.Context, j job) job {
	if j.upTime > 0 || a.upTime <= 0 || a.whose(j) != numbered || a.s.refresh(ctx) != nil {
		return j
	}
	j.upTime = a.s.info.upTime()
	return j
}
