package local

import (
	"context"
	"slices"
	"sync"

	"github.com/printscout/printscout/internal/control"
)

// keptReleases is how many releases are remembered; the oldest go.
const keptReleases = 20

// release is one that was asked for on these pages.
type release struct {
	id       string
	progress control.Progress
	titles   map[string]string // of its jobs: once delivered they are gone
	err      error             // why it could not be followed
}

// done reports whether nothing more is to come.
func (r release) done() bool { return r.progress.Done || r.err != nil }

// releases follows each release to its end and tells the pages.
type releases struct {
	ctx     context.Context
	agent   Agent
	changes *changes
	wg      *sync.WaitGroup

	mu  sync.Mutex
	all []*release // oldest first
}

func newReleases(ctx context.Context, a Agent, c *changes, wg *sync.WaitGroup) *releases {
	return &releases{ctx: ctx, agent: a, changes: c, wg: wg}
}

// follow begins to follow a release.
func (r *releases) follow(p control.Progress, titles map[string]string) {
	one := &release{id: p.ID, progress: p, titles: titles}
	r.mu.Lock()
	r.all = append(r.all, one)
	if len(r.all) > keptReleases {
		r.all = slices.Delete(r.all, 0, len(r.all)-keptReleases)
	}
	r.mu.Unlock()
	if p.Done {
		return
	}
	r.wg.Go(func() {
		end, err := r.agent.Wait(r.ctx, p.ID, func(p control.Progress) { r.note(one, p, nil) })
		if err != nil {
			end = r.progressOf(one)
		}
		r.note(one, end, err)
	})
}

func (r *releases) progressOf(one *release) control.Progress {
	r.mu.Lock()
	defer r.mu.Unlock()
	return one.progress
}

func (r *releases) note(one *release, p control.Progress, err error) {
	r.mu.Lock()
	one.progress, one.err = p, err
	r.mu.Unlock()
	r.changes.tell()
}

// find returns a release that was asked for here.
func (r *releases) find(id string) (release, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, one := range r.all {
		if one.id == id {
			return *one, true
		}
	}
	return release{}, false
}

// lately returns the releases, newest first.
func (r *releases) lately() (all []release) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, one := range slices.Backward(r.all) {
		all = append(all, *one)
	}
	return all
}

// ofJob returns the newest release of a job.
func (r *releases) ofJob(job string) (release, bool) {
	for _, one := range r.lately() {
		if slices.ContainsFunc(one.progress.Results, func(x control.Result) bool { return x.Job == job }) {
			return one, true
		}
	}
	return release{}, false
}
