package checkup

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

const (
	defaultLimit  = 15 * time.Second
	defaultAtOnce = 8
)

// Runner runs checkups side by side. The zero value is ready to use.
type Runner struct {
	Limit  time.Duration // for each checkup; 0: 15 s
	AtOnce int           // how many run at once; 0: 8

	mu   sync.Mutex
	hung map[string]bool // checkups that have not returned although their time was over
}

// Run runs all checkups and returns their results in the same order. A checkup
// that ignores the end of its context is left behind; the Runner does not start
// it again before it has returned.
func (r *Runner) Run(ctx context.Context, all []Checkup) []Result {
	results := make([]Result, len(all))
	atOnce := r.AtOnce
	if atOnce <= 0 {
		atOnce = defaultAtOnce
	}
	places := make(chan struct{}, atOnce)
	var running sync.WaitGroup
	for i, c := range all {
		running.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			results[i] = resultOf(c, r.runOne(ctx, c))
		})
	}
	running.Wait()
	return results
}

// runOne runs one checkup within its time.
func (r *Runner) runOne(ctx context.Context, c Checkup) Finding {
	limit := r.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	if !r.enter(c.ID) {
		return Found(Error, "An earlier run of this checkup has not ended.", "start the program again")
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	found := make(chan Finding, 1)
	go func() {
		defer r.leave(c.ID)
		found <- lookSafely(ctx, c)
	}()
	select {
	case f := <-found:
		cancel()
		return f
	case <-ctx.Done():
	}
	defer cancel()
	select { // what came at the last moment counts
	case f := <-found:
		return f
	default:
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return Found(Error, fmt.Sprintf("It gave no answer within %s.", limit), "try again; if it stays so, send a bug report")
	}
	return Found(Error, "It was interrupted.", "")
}

// enter reports whether no earlier run of a checkup hangs, and notes this one.
func (r *Runner) enter(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.hung[id] {
		return false
	}
	if r.hung == nil {
		r.hung = map[string]bool{}
	}
	r.hung[id] = true
	return true
}

func (r *Runner) leave(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.hung, id)
}

// lookSafely turns a panic into a Finding.
func lookSafely(ctx context.Context, c Checkup) (f Finding) {
	defer func() {
		if p := recover(); p != nil {
			f = Found(Error, Sentencef("the checkup itself failed: %v", p), "send a bug report")
		}
	}()
	return c.Look(ctx)
}

func resultOf(c Checkup, f Finding) Result {
	if _, ok := severity[f.State]; !ok {
		f = Found(Error, fmt.Sprintf("The checkup answered with the state %q.", f.State), "send a bug report")
	}
	return Result{ID: c.ID, Title: c.Title, State: f.State, Summary: f.Summary, Fix: f.Fix, Fixable: len(f.Repairs) > 0, repairs: f.Repairs}
}
