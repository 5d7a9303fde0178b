package installer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/printscout/printscout/internal/control"
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

// leaveSite has the agent leave its site and tell the server, if the agent
// answers. Uninstall goes on in any case. What is parked is counted, and removed
// with the state folder.
func (r *run) leaveSite(ctx context.Context, e *engine, result *Result) {
	ctx, cancel := context.WithTimeout(ctx, leaveTime)
	defer cancel()
	left, err := r.agent.Unenroll(ctx, control.Leaving{Jobs: control.KeepJobs})
	refused, isRefused := errors.AsType[*control.Error](err)
	step := StepResult{Step: "enrollment", State: Undone, Message: "left " + left.Site}
	switch {
	case errors.Is(err, control.ErrUnreachable), isRefused && refused.Code == control.CodeNotEnrolled:
		return
	case err != nil:
		step = StepResult{Step: "enrollment", State: Skipped, Message: fmt.Sprintf("the site was not told: %v", err), Hint: tellServer}
	case !left.ServerTold:
		step.Message, step.Hint = step.Message+"; its server could not be told", tellServer
	}
	e.report(result, step)
}

// tellServer is what to do where the server was not told.
const tellServer = "its administrator can remove this computer: scoutcloud scout remove ID"
