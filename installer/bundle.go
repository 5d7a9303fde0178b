package installer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/printscout/printscout/internal/control"
)

// maxBundle is the maximum size of a bundle.
const maxBundle = 64 << 10

// bundlePath is where the agent takes a bundle: the setting BundleFile.
func (r *run) bundlePath() string { return filepath.Join(r.layout.stateDir, "bundle.json") }

// errNoBundle is why the steps of a bundle have nothing to do.
var errNoBundle = &note{message: "no bundle was given"}

// bundleStep copies the bundle to where the agent takes it. The original is deleted
// once the agent runs, so that a failed installation does not lose it.
func (r *run) bundleStep() Step {
	return Step{
		Name: "bundle",
		Plan: func(context.Context) (string, error) {
			if r.Bundle == "" {
				return "", errNoBundle
			}
			if _, err := r.readBundle(); err != nil {
				return "", err
			}
			return "move the bundle to " + r.bundlePath(), nil
		},
		Do: func(_ context.Context, e *Entry) (string, error) {
			if r.Bundle == "" {
				return "", errNoBundle
			}
			raw, err := r.readBundle()
			if err != nil {
				return "", err
			}
			return "copied the bundle to " + r.bundlePath(), r.writeOwn(r.bundlePath(), raw)
		},
		Undo: func(context.Context, *Entry) (string, error) {
			removed, err := r.removeOwn(r.bundlePath())
			if !removed {
				return "", err
			}
			return "removed " + r.bundlePath(), err
		},
	}
}

// readBundle reads the bundle that the administrator gave. It must not be one that
// somebody else could have put there.
func (r *run) readBundle() ([]byte, error) {
	raw, err := readPrivate(r.Bundle, maxBundle)
	if err != nil {
		return nil, fmt.Errorf("reading the bundle: %w", err)
	}
	if !json.Valid(raw) {
		return nil, &Problem{Err: fmt.Errorf("%s is not a bundle", r.Bundle), Hint: "a bundle is what 'scoutcloud token new' prints: ask your administrator for one"}
	}
	return raw, nil
}

// enrollmentStep waits until the computer has joined the site of the bundle, and
// deletes the original.
func (r *run) enrollmentStep() Step {
	return Step{
		Name:     "enrollment",
		Optional: true,
		Plan: func(context.Context) (string, error) {
			if r.Bundle == "" {
				return "", errNoBundle
			}
			return "join the site of the bundle", nil
		},
		Do:   r.awaitEnrollment,
		Undo: func(context.Context, *Entry) (string, error) { return "", nil },
	}
}

func (r *run) awaitEnrollment(ctx context.Context, _ *Entry) (string, error) {
	if r.Bundle == "" {
		return "", errNoBundle
	}
	if err := os.Remove(r.Bundle); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("deleting the bundle: %w", err)
	}
	var last control.Status
	err := r.await(ctx, func(ctx context.Context) (bool, error) {
		status, err := r.agent.Status(ctx)
		last = status
		return err == nil && status.Enrolled, nil
	})
	if errors.Is(err, errLate) {
		return "", &Problem{
			Err:  fmt.Errorf("the computer has not joined its site after %s%s", r.Timeout, colon(last.LastError)),
			Hint: "the agent has the bundle and goes on trying: see 'printscout status'",
		}
	}
	if err != nil {
		return "", err
	}
	return "joined " + last.Site, nil
}

// colon returns a text after a colon, or nothing.
func colon(text string) string {
	if text == "" {
		return ""
	}
	return ": " + text
}

// errLate means that something did not happen within the timeout.
var errLate = errors.New("it took too long")

// awaitEvery is how often a condition is looked at.
const awaitEvery = 200 * time.Millisecond

// await looks until a condition holds, there is an error, or the timeout is over.
func (r *run) await(ctx context.Context, holds func(context.Context) (bool, error)) error {
	bounded, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	again := time.NewTicker(awaitEvery)
	defer again.Stop()
	for {
		ok, err := holds(bounded)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil || ok:
			return err
		}
		select {
		case <-again.C:
		case <-bounded.Done():
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return errLate
		}
	}
}
