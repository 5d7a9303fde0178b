package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/dev/peers/run"
)

// backend is the ipp backend of CUPS, run without cupsd.
type backend struct {
	program string
	home    string // folder of its own, for its certificates
}

func newBackend(dir string) (backend, error) {
	program, ok := peers.Find("ipp")
	if !ok {
		return backend{}, fmt.Errorf("the ipp backend of CUPS: %w", run.ErrMissing)
	}
	b := backend{program: program, home: filepath.Join(dir, "cups")}
	if err := os.MkdirAll(b.home, 0o700); err != nil {
		return backend{}, fmt.Errorf("making a folder for the ipp backend: %w", err)
	}
	return b, nil
}

// errNoEnd means that the backend was killed because it took too long.
var errNoEnd = errors.New("the ipp backend of CUPS was still trying")

// printUntilDone runs the backend, and runs it again while it asks for that, as
// cupsd would. It returns every exit status.
func (b backend) printUntilDone(ctx context.Context, uri, document string, pipe bool) (statuses []int, err error) {
	for {
		status, err := b.runOnce(ctx, uri, document, pipe)
		if err != nil {
			return statuses, err
		}
		if statuses = append(statuses, status); status != backendRetry {
			return statuses, nil
		}
	}
}

// runOnce runs the backend with a PDF: a file, or through a pipe as after a filter.
func (b backend) runOnce(ctx context.Context, uri, document string, pipe bool) (status int, err error) {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return 0, fmt.Errorf("opening %s: %w", os.DevNull, err)
	}
	defer null.Close()
	in, err := os.Open(document)
	if err != nil {
		return 0, fmt.Errorf("opening the document: %w", err)
	}
	defer in.Close()
	args := []string{"7", "user", "title", "1", ""}
	if !pipe {
		args = append(args, document)
	}
	cmd := exec.CommandContext(ctx, b.program, args...)
	if pipe {
		cmd.Stdin = struct{ io.Reader }{in} // not the file itself
	}
	cmd.ExtraFiles = []*os.File{null, null} // the back channel and the side channel
	cmd.Env = []string{
		"DEVICE_URI=" + uri, "PRINTER=bench", "CONTENT_TYPE=application/pdf", "FINAL_CONTENT_TYPE=application/pdf",
		"HOME=" + b.home, "TMPDIR=" + b.home, "CUPS_SERVERROOT=" + b.home, "CUPS_SERVER=" + filepath.Join(b.home, "nobody"),
	}
	err = cmd.Run()
	if ctx.Err() != nil {
		return 0, fmt.Errorf("%w: %w", errNoEnd, ctx.Err())
	}
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		return 0, fmt.Errorf("the ipp backend of CUPS: %w", err)
	}
	return cmd.ProcessState.ExitCode(), nil
}
