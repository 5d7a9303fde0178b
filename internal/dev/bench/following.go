package main

import (
	"context"
	"errors"
	"path/filepath"
	"sync"

	"github.com/printscout/printscout/internal/dev/peers/run"
)

// lateGoal is how many milliseconds after the end of a job the scout should know of
// it.
const lateGoal = 300

// measureFollowing times how long after the end of a job of three seconds the scout
// and the backend of CUPS know of it. They run at the same time, each with its own
// printer, since they mostly wait.
func (m *measurement) measureFollowing(ctx context.Context) error {
	d, err := m.makeDocument(m.delivered[0])
	if err != nil {
		return err
	}
	var scout, cups []float64
	var failed [2]error
	var wg sync.WaitGroup
	wg.Go(func() { scout, failed[0] = m.measureLates(ctx, "l1", d, m.followScout) })
	wg.Go(func() { cups, failed[1] = m.measureLates(ctx, "l2", d, m.followCUPS) })
	wg.Wait()
	if err := errors.Join(failed[:]...); err != nil {
		return err
	}
	m.reportLate("a job of 3 s: its end is known to the scout after", scout, lateGoal)
	m.reportLate("the same, the ipp backend of CUPS", cups, 0)
	m.logDone("following")
	return nil
}

func (m *measurement) reportLate(what string, late []float64, goal float64) {
	if len(late) > 0 {
		m.report.addFigure(what, medianOf(late), "ms", goal)
	}
}

// measureLates has a sender follow jobs of three seconds and returns how late it
// noticed their ends; nil if a program is not on this machine.
func (m *measurement) measureLates(ctx context.Context, name string, d documentFile, follow func(context.Context, *lane, documentFile) ([]timing, error)) ([]float64, error) {
	l, err := openLane(ctx, filepath.Join(m.dir, name), slowly)
	if err == nil {
		defer l.close()
		var all []timing
		if all, err = follow(ctx, l, d); err == nil {
			return lateTimes(all), nil
		}
	}
	if errors.Is(err, run.ErrMissing) {
		return nil, nil
	}
	return nil, err
}

func (m *measurement) followScout(ctx context.Context, l *lane, d documentFile) ([]timing, error) {
	r, err := newReleaser(ctx, m.bin, filepath.Join(m.dir, "f"), l.forwarder.uri())
	if err != nil {
		return nil, err
	}
	defer r.close()
	return m.followJobs(r.newRunner(ctx, l, d, byAgent, r.askAgent))
}

func (m *measurement) followCUPS(ctx context.Context, l *lane, d documentFile) ([]timing, error) {
	b, err := newBackend(m.dir)
	if err != nil {
		return nil, err
	}
	return m.followJobs(b.newRunner(ctx, l, d))
}

func (m *measurement) followJobs(r runner) ([]timing, error) {
	all, err := inTurn(m.followed, []func() (timing, error){r.run})
	if err != nil {
		return nil, err
	}
	return all[0], nil
}
