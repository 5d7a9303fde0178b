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
	names, err := r.listOwn(filepath.Join(r.layout.stateDir, "vault"))
	if err != nil {
		return 0
	}
	for _, name := range names {
		if strings.HasSuffix(name, jobSuffix) {
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

// listOwn returns the names in a folder of the agent's. Only their number is used,
// so it does not matter whether a link leads there.
func (r *run) listOwn(path string) (names []string, err error) {
	entries, err := os.ReadDir(filepath.Join(r.Root, path))
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, err
}
