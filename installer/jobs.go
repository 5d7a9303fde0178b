package installer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// jobSuffix ends the name of a sealed job's file (docs/sealed-job-format.md).
const jobSuffix = ".job"

// countJobs returns how many jobs are parked, by the agent's word, else by their
// files.
func (r *run) countJobs(ctx context.Context) (n int) {
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	if jobs, err := r.agent.Jobs(ctx); err == nil {
		for _, j := range jobs {
			if j.State != "refused" {
				n++
			}
		}
		return n
	}
	return r.countJobFiles()
}

// countJobFiles returns how many jobs have a file. It only counts, so it does not
// matter whether a link leads elsewhere.
func (r *run) countJobFiles() (n int) {
	entries, _ := os.ReadDir(filepath.Join(r.Root, r.layout.stateDir, "vault")) // none without the folder
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), jobSuffix) {
			n++
		}
	}
	return n
}

// leaveTime is how long the agent may take to leave its site.
const leaveTime = 30 * time.Second

// leaveSite has the agent leave its site, if it answers and its server can be
// reached. Uninstall goes on in any case.
func (r *run) leaveSite(ctx context.Context, e *engine, result *Result) {
	if r.Unenroll == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, leaveTime)
	defer cancel()
	step := StepResult{Step: "enrollment", State: Undone, Message: "left the site"}
	switch err := r.Unenroll(ctx, r.agent); {
	case errors.Is(err, ErrNotEnrolled):
		return
	case err != nil:
		step = StepResult{Step: "enrollment", State: Skipped, Message: fmt.Sprintf("the site was not told: %v", err), Hint: "its administrator can remove this computer: scoutcloud scout remove"}
	}
	e.report(result, step)
}

// ErrNotEnrolled means that the computer has not joined a site.
var ErrNotEnrolled = errors.New("this computer has not joined a site")
