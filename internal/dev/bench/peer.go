package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/dev/peers/run"
)

// peerRunners returns runners for the peers on this machine.
func (m *measurement) peerRunners(ctx context.Context, l *lane, d documentFile) (all []runner, err error) {
	tool, err := newTool(m.dir)
	switch {
	case err == nil:
		all = append(all, tool.newRunner(ctx, l, d))
	case errors.Is(err, run.ErrMissing):
		m.report.addMissing("ipptool")
	default:
		return nil, err
	}
	b, err := newBackend(m.dir)
	switch {
	case err == nil:
		all = append(all, b.newRunner(ctx, l, d))
	case errors.Is(err, run.ErrMissing):
		m.report.addMissing(byCUPS)
	default:
		return nil, err
	}
	return all, nil
}

// tool is ipptool with the folder of its suites.
type tool struct{ program, suites string }

func newTool(dir string) (tool, error) {
	program, ok := peers.Find("ipptool")
	if !ok {
		return tool{}, fmt.Errorf("ipptool: %w", run.ErrMissing)
	}
	t := tool{program, filepath.Join(dir, "suites")}
	if err := os.MkdirAll(t.suites, 0o700); err != nil {
		return t, fmt.Errorf("making a folder for ipptool: %w", err)
	}
	return t, peers.WriteSuites(t.suites)
}

// newRunner returns a runner that prints with ipptool, which ends when the printer
// has the document.
func (t tool) newRunner(ctx context.Context, l *lane, d documentFile) runner {
	return runner{byTool, func() (timing, error) {
		return l.measureSending(ctx, d, func(ctx context.Context) error {
			cmd := exec.CommandContext(ctx, t.program, "-q", "-f", d.path, l.forwarder.uri(), "print-job.test")
			cmd.Dir = t.suites
			if err := cmd.Run(); err != nil {
				return fmt.Errorf("ipptool print-job.test: %w", err)
			}
			return nil
		})
	}}
}

// newRunner returns a runner that prints with the backend, which ends when the job
// is completed.
func (b backend) newRunner(ctx context.Context, l *lane, d documentFile) runner {
	return runner{byCUPS, func() (timing, error) {
		return l.measureSending(ctx, d, func(ctx context.Context) error {
			statuses, err := b.printUntilDone(ctx, l.forwarder.uri(), d.path, false)
			if err == nil && statuses[len(statuses)-1] != backendOK {
				err = fmt.Errorf("the ipp backend of CUPS: exit %v", statuses)
			}
			return err
		})
	}}
}
