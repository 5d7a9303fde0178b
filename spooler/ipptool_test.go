package spooler

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// ipptool runs one of its suites against the printer.
func (r *testPrinter) ipptool(version, suite string) peers.Suite {
	r.Helper()
	s := peers.RunSuite(r, fmt.Sprintf("ipp://localhost:%d/ipp/print", r.port), suite, "-V", version)
	if s.Failed > 0 || s.Passed == 0 {
		r.Errorf("%s:\n%s", suite, s.Output)
	}
	return s
}

func TestIPPToolPrints(t *testing.T) {
	r := startPrinter(t)
	for i, suite := range []string{"print-job.test", "print-job-gzip.test", "print-job-deflate.test", "print-job-letter.test", "print-job-and-wait.test"} {
		r.ipptool("2.0", suite)
		_, parked, _ := r.intake.counts()
		if parked != i+1 || !bytes.Equal(r.intake.parked[i].Bytes(), peers.PDF(595, 842)) {
			t.Errorf("%s: %d parked", suite, parked)
		}
	}
}

// fullIntake is an Intake with all optional interfaces.
type fullIntake struct {
	*identifierIntake
	*holderIntake
}

func (e fullIntake) Condition() Condition { return e.holderIntake.Condition() }

func (e fullIntake) Begin(ctx context.Context, t Ticket) (Parking, error) {
	return e.holderIntake.Begin(ctx, t)
}

// withAllAbilities offers all that can be offered.
func withAllAbilities(c *Config) {
	s := c.Intake.(*memoryIntake)
	c.Intake = fullIntake{&identifierIntake{s, make(chan string, 100)}, &holderIntake{memoryIntake: s}}
	c.Passwords, c.Resources, c.Finishings = true, both, []int{4, 20}
}

// withModestAbilities offers all operations, gray, and one side.
func withModestAbilities(c *Config) {
	withAllAbilities(c)
	c.Monochrome, c.Simplex = true, true
}

func TestIPPToolSuites(t *testing.T) {
	for _, c := range []struct {
		version, suite string
		skips          int // at most; ippeveprinter 2.4.2 has 27, 27 and 350
	}{
		{"1.1", "ipp-1.1.test", 25},
		{"2.0", "ipp-1.1.test", 25},
		{"2.0", "ipp-2.0.test", 25},
		{"2.0", "ipp-everywhere.test", 349},
		{"2.0", "validate-job.test", 0},
		{"2.0", "get-completed-jobs.test", 0},
		{"2.0", "get-jobs.test", 0},
		{"2.0", "print-job-hold.test", 0},
		{"2.0", "print-job-password.test", 0},
		{"2.0", "identify-printer.test", 0},
		{"2.0", "identify-printer-multiple.test", 0},
	} {
		t.Run(c.version+" "+c.suite, func(t *testing.T) {
			s := startPrinter(t, withAllAbilities).ipptool(c.version, c.suite)
			t.Logf("%d pass, %d skip", s.Passed, s.Skipped)
			if s.Skipped > c.skips {
				t.Errorf("%d are skipped:\n%s", s.Skipped, s.Output)
			}
		})
	}
	for _, suite := range []string{"ipp-1.1.test", "ipp-2.0.test", "ipp-everywhere.test"} {
		t.Run("modest "+suite, func(t *testing.T) {
			s := startPrinter(t, withModestAbilities).ipptool("2.0", suite)
			t.Logf("%d pass, %d skip", s.Passed, s.Skipped)
		})
	}
}
