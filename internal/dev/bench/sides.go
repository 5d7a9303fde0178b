package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/dev/peers/run"
)

// side is one of the two printers.
type side struct {
	client
	// empty removes all jobs and returns how many bytes they were.
	empty func(context.Context) (jobs int, size int64, err error)
	stop  func()
}

// scoutSide starts the scout in a demo of its own, with further options for it.
func scoutSide(ctx context.Context, bin run.Binaries, dir string, options ...string) (*side, *run.Demo, error) {
	d, err := bin.StartDemo(ctx, filepath.Join(dir, "d"), options...)
	if err != nil {
		return nil, nil, err
	}
	c, err := newClient(d.IPPURL)
	if err != nil {
		d.Stop()
		return nil, nil, err
	}
	agent := control.NewClient(d.Control)
	return &side{c, func(ctx context.Context) (int, int64, error) { return cancelAll(ctx, agent) }, func() {
		agent.Close()
		d.Stop()
	}}, d, nil
}

func cancelAll(ctx context.Context, agent *control.Client) (jobs int, size int64, err error) {
	all, err := agent.Jobs(ctx)
	if err != nil {
		return 0, 0, fmt.Errorf("listing jobs: %w", err)
	}
	for _, j := range all {
		size += j.Bytes
		if _, err := agent.Cancel(ctx, j.ID); err != nil {
			return 0, 0, fmt.Errorf("canceling a job: %w", err)
		}
	}
	return len(all), size, nil
}

// printerSide starts ippeveprinter. It returns nil if that is not on this machine.
func printerSide(ctx context.Context, dir string) (*side, error) {
	p, err := run.StartPrinter(ctx, filepath.Join(dir, "e"))
	if errors.Is(err, run.ErrMissing) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	c, err := newClient(p.URI)
	if err != nil {
		p.Stop()
		return nil, err
	}
	return &side{c, func(context.Context) (int, int64, error) { return p.Empty() }, p.Stop}, nil
}

// printAndEmpty prints a load, checks that all of it has arrived, and removes it.
func (s *side) printAndEmpty(ctx context.Context, l load, k documentKind) (spent, error) {
	took, err := s.printLoad(ctx, l, k)
	if err != nil {
		return took, err
	}
	jobs, size, err := s.empty(ctx)
	if err != nil {
		return took, err
	}
	if jobs < l.count || size < l.totalBytes() {
		return took, fmt.Errorf("%s has %d jobs of %d bytes of the %d of %d that it took", s.URI, jobs, size, l.count, l.totalBytes())
	}
	return took, nil
}
