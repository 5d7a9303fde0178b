package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"time"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/dev/peers/run"
	"github.com/printscout/printscout/internal/ipp"
)

// releaser is a scout of the bench whose site has one printer, with clients that
// release its jobs.
type releaser struct {
	*side
	agent   *control.Client
	program string // the command line's
	socket  string
}

// demoPrinter is what scoutcloud demo calls its printer.
const demoPrinter = "demo"

// newReleaser starts a scout for the printer at a URI.
func newReleaser(ctx context.Context, bin run.Binaries, dir, printer string) (*releaser, error) {
	s, d, err := scoutSide(ctx, bin, dir, "--printer", printer)
	if err != nil {
		return nil, err
	}
	return &releaser{s, control.NewClient(d.Control), bin.Printscout, d.Control}, nil
}

func (r *releaser) close() {
	r.agent.Close()
	r.stop()
}

// parkDocument prints a document at the scout and returns the job that it became.
func (r *releaser) parkDocument(ctx context.Context, d documentFile) (id string, err error) {
	f, err := os.Open(d.path)
	if err != nil {
		return "", fmt.Errorf("opening the document: %w", err)
	}
	defer f.Close()
	job := ipp.PrintJob{Title: "bench", User: r.user, Format: "application/pdf"}
	if _, err := r.Print(ctx, job, ipp.Document{Reader: f, Size: d.size}); err != nil {
		return "", fmt.Errorf("printing at the scout: %w", err)
	}
	all, err := r.agent.Jobs(ctx)
	if err != nil {
		return "", fmt.Errorf("listing jobs: %w", err)
	}
	if len(all) != 1 {
		return "", fmt.Errorf("the scout has %d jobs, not one", len(all))
	}
	return all[0].ID, nil
}

// orderFunc releases a job and waits for its results.
type orderFunc func(ctx context.Context, job string) ([]control.Result, error)

// askAgent asks the agent over an open connection, as a server's order arrives.
func (r *releaser) askAgent(ctx context.Context, job string) ([]control.Result, error) {
	p, err := r.agent.Release(ctx, control.Release{Jobs: []string{job}, Printer: demoPrinter})
	if err == nil {
		p, err = r.agent.Wait(ctx, p.ID, nil)
	}
	return p.Results, err
}

// runCommand runs the command line, as a person at a terminal does.
func (r *releaser) runCommand(ctx context.Context, job string) (results []control.Result, err error) {
	cmd := exec.CommandContext(ctx, r.program, "--control", r.socket, "job", "release", job, "--printer", demoPrinter, "--wait", "--json")
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("printscout job release: %w: %s%s", err, out, said.Bytes())
	}
	if err := json.Unmarshal(out, &results); err != nil {
		return nil, fmt.Errorf("reading what printscout job release printed: %w", err)
	}
	return results, nil
}

// deliveredResult returns the result of the one job, which must be delivered.
func deliveredResult(all []control.Result) (control.Result, error) {
	if len(all) != 1 || all[0].State != "delivered" {
		return control.Result{}, fmt.Errorf("not delivered: %+v", all)
	}
	return all[0], nil
}

// newRunner returns a runner that has the scout send a document to a lane's printer.
func (r *releaser) newRunner(ctx context.Context, l *lane, d documentFile, name string, o orderFunc) runner {
	return runner{name, func() (timing, error) {
		job, err := r.parkDocument(ctx, d)
		if err != nil {
			return timing{}, err
		}
		var result control.Result
		t, err := l.measureSending(ctx, d, func(ctx context.Context) error {
			all, err := o(ctx, job)
			if err == nil {
				result, err = deliveredResult(all)
			}
			return err
		})
		t.reported = firstByte(result)
		return t, err
	}}
}

// newUnseenRunner returns a runner whose document does not pass the forwarder.
func (r *releaser) newUnseenRunner(ctx context.Context, l *lane, d documentFile) runner {
	return runner{byAgent, func() (t timing, err error) {
		ctx, cancel := context.WithTimeout(ctx, orderTime)
		defer cancel()
		job, err := r.parkDocument(ctx, d)
		if err != nil {
			return t, err
		}
		all, err := r.askAgent(ctx, job)
		if err != nil {
			return t, err
		}
		result, err := deliveredResult(all)
		if err != nil {
			return t, err
		}
		_, err = l.awaitDocument(ctx, d)
		return timing{reported: firstByte(result)}, err
	}}
}

func firstByte(r control.Result) time.Duration {
	return time.Duration(r.FirstByteMS) * time.Millisecond
}
