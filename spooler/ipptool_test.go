package spooler

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/printscout/printscout/internal/peers"
)

// ipptool runs one of its suites against the printer.
func (r *rig) ipptool(version, suite string) peers.Suite {
	r.Helper()
	s := peers.RunSuite(r, fmt.Sprintf("ipp://localhost:%d/ipp/print", r.port), suite, "-V", version)
	if s.Failed > 0 || s.Passed == 0 {
		r.Errorf("%s:\n%s", suite, s.Output)
	}
	return s
}

func TestIPPToolPrints(t *testing.T) {
	r := start(t)
	for i, suite := range []string{"print-job.test", "print-job-gzip.test", "print-job-deflate.test", "print-job-letter.test", "print-job-and-wait.test"} {
		r.ipptool("2.0", suite)
		_, parked, _ := r.shelf.counts()
		if parked != i+1 || !bytes.Equal(r.shelf.parked[i].Bytes(), peers.PDF(595, 842)) {
			t.Errorf("%s: %d parked", suite, parked)
		}
	}
}

func TestIPPToolSuites(t *testing.T) {
	for _, c := range []struct {
		version, suite string
		passes         int // at least
	}{
		{"1.1", "ipp-1.1.test", 35},
		{"2.0", "ipp-1.1.test", 35},
		{"2.0", "ipp-2.0.test", 36},
		{"2.0", "validate-job.test", 1},
		{"2.0", "get-completed-jobs.test", 1},
		{"2.0", "get-jobs.test", 1},
	} {
		t.Run(c.version+" "+c.suite, func(t *testing.T) {
			s := start(t).ipptool(c.version, c.suite)
			t.Logf("%d pass, %d skip", s.Passed, s.Skipped)
			if s.Passed < c.passes {
				t.Errorf("only %d pass:\n%s", s.Passed, s.Output)
			}
		})
	}
}
