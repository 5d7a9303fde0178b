package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/printscout/printscout/internal/dev/peers/run"
)

// measurement is one run of the program.
type measurement struct {
	plan
	dir    string
	log    io.Writer
	bin    run.Binaries
	ours   *side
	theirs *side // nil if it is not on this machine
	kinds  []documentKind
	report report
}

func runMeasurement(ctx context.Context, p plan, dir string, log io.Writer) (r report, err error) {
	m := &measurement{plan: p, dir: dir, log: log, kinds: documentKinds(), report: newReport()}
	if m.bin, err = run.Build(ctx, dir); err != nil {
		return r, err
	}
	for _, step := range m.plannedSteps() {
		if err := step(ctx); err != nil {
			return r, err
		}
	}
	return m.report, nil
}

// plannedSteps returns the steps of the requested parts.
func (m *measurement) plannedSteps() (all []func(context.Context) error) {
	if m.part == 0 || m.part == 1 {
		all = append(all, m.sideBySide, m.measureBinary)
	}
	if m.part == 0 || m.part == 2 {
		all = append(all, m.measureSealing, m.measureVaultMemory, m.measureStarts, m.measureRotation)
	}
	if m.part == 0 || m.part == 3 {
		all = append(all, m.measureDelivery, m.measureSNMP, m.measureFollowing, m.measureTroubles)
	}
	if m.part == 0 || m.part == 4 {
		all = append(all, m.measureDesktop)
	}
	return all
}

// sideBySide measures all that needs the scout's demo and ippeveprinter.
func (m *measurement) sideBySide(ctx context.Context) error {
	ours, demo, err := scoutSide(ctx, m.bin, m.dir)
	if err != nil {
		return err
	}
	defer ours.stop()
	m.ours = ours
	// Before anything else has passed through, so that the peak is of this load.
	if err := m.measureAgentMemory(ctx, demo.ScoutPID); err != nil {
		return err
	}
	if m.theirs, err = printerSide(ctx, m.dir); err != nil {
		return err
	}
	if m.theirs == nil {
		m.report.addNote("ippeveprinter is not on this machine: nothing to compare with.")
	} else {
		defer m.theirs.stop()
	}
	for _, k := range m.kinds {
		for _, l := range m.loads {
			if err := m.measureCapture(ctx, l, k); err != nil {
				return err
			}
		}
		if err := m.measureCopying(ctx, k); err != nil {
			return err
		}
	}
	return nil
}

// measureCapture prints a load at both, in turn.
func (m *measurement) measureCapture(ctx context.Context, l load, k documentKind) error {
	runs := []func() (spent, error){func() (spent, error) { return m.ours.printAndEmpty(ctx, l, k) }}
	if m.theirs != nil {
		runs = append(runs, func() (spent, error) { return m.theirs.printAndEmpty(ctx, l, k) })
	}
	got, err := m.inTurn(runs...)
	if err != nil {
		return err
	}
	m.logDone("capture of %s, %s, %d at a time", l, k.name, l.clients)
	m.report.addRow(row{What: l.String(), Document: k.name, Clients: l.clients, Against: "ippeveprinter", Bytes: l.totalBytes(), Goal: l.goal}, got)
	return nil
}

// measureCopying prints the largest load and copies the same bytes, in turn.
func (m *measurement) measureCopying(ctx context.Context, k documentKind) error {
	c, err := newCopier(ctx, m.dir, m.copied, k)
	if c == nil {
		return err
	}
	defer c.removeSource()
	got, err := m.inTurn(func() (spent, error) { return m.ours.printAndEmpty(ctx, m.copied, k) }, func() (spent, error) { return c.copyOnce(ctx) })
	if err != nil {
		return err
	}
	m.logDone("cp of %s, %s", m.copied, k.name)
	m.report.addRow(row{What: m.copied.String(), Document: k.name, Clients: 1, Against: "cp and fsync", Bytes: m.copied.totalBytes(), Goal: m.copied.goal}, got)
	return nil
}

// inTurn returns the median of what each of them took in the rounds.
func (m *measurement) inTurn(runs ...func() (spent, error)) ([]spent, error) {
	all, err := inTurn(m.rounds, runs)
	if err != nil {
		return nil, err
	}
	medians := make([]spent, len(runs))
	for i, s := range all {
		medians[i] = medianSpent(s)
	}
	return medians, nil
}

func medianSpent(all []spent) spent {
	slices.SortFunc(all, func(a, b spent) int { return int(a.time - b.time) })
	return all[len(all)/2]
}

// measureAgentMemory measures the scout's resident memory before a large document
// of each kind, and at its peak.
func (m *measurement) measureAgentMemory(ctx context.Context, pid int) error {
	idle, _, err := residentMemory(pid)
	if errors.Is(err, os.ErrNotExist) {
		m.report.addNote("Resident memory cannot be read on this system.")
		return nil
	}
	if err != nil {
		return err
	}
	for _, k := range m.kinds {
		if _, err := m.ours.printAndEmpty(ctx, m.copied, k); err != nil {
			return err
		}
	}
	_, peak, err := residentMemory(pid)
	if err != nil {
		return err
	}
	m.report.addFigure("agent's resident memory, idle", float64(idle)/mB, "MB", 32)
	m.report.addFigure("the same at its peak while "+m.copied.String()+" goes through", float64(peak)/mB, "MB", 64)
	return nil
}

// measureStarts measures how long a scout that has jobs takes to accept the next
// one.
func (m *measurement) measureStarts(ctx context.Context) error {
	for i, parked := range m.parked {
		if err := m.measureStartWith(ctx, filepath.Join(m.dir, fmt.Sprint("start", i)), parked); err != nil {
			return err
		}
	}
	return nil
}

func (m *measurement) measureStartWith(ctx context.Context, dir string, parked startPlan) error {
	defer os.RemoveAll(dir)
	s, demo, err := scoutSide(ctx, m.bin, dir)
	if err != nil {
		return err
	}
	err = m.parkJobs(ctx, s, parked.jobs)
	s.stop()
	if err != nil {
		return err
	}
	got, err := m.inTurn(func() (spent, error) { return m.timeStart(ctx, demo, s.client) })
	if err != nil {
		return err
	}
	m.logDone("start with %d jobs", parked.jobs)
	m.report.addFigure(fmt.Sprintf("start to accepting jobs with %d parked", parked.jobs), inMS(got[0]), "ms", parked.goal)
	return nil
}

// parkJobs prints small jobs, in rounds, since each round has a time limit.
func (m *measurement) parkJobs(ctx context.Context, s *side, jobs int) error {
	for ; jobs > 0; jobs -= 500 {
		if _, err := s.printLoad(ctx, load{count: min(jobs, 500), size: 2 * kB, clients: 8}, m.kinds[1]); err != nil {
			return err
		}
	}
	return nil
}

func inMS(s spent) float64 { return float64(s.time.Microseconds()) / 1000 }

func (m *measurement) timeStart(ctx context.Context, demo *run.Demo, c client) (spent, error) {
	begin := time.Now()
	scout, err := m.bin.StartScout(demo)
	if err != nil {
		return spent{}, err
	}
	defer scout.Stop()
	err = scout.Until(ctx, time.Millisecond, func() bool { return c.isAccepting(ctx) })
	return spent{time: time.Since(begin)}, err
}

func (m *measurement) measureBinary(context.Context) error {
	info, err := os.Stat(m.bin.Printscout)
	if err != nil {
		return fmt.Errorf("looking at the binary: %w", err)
	}
	m.report.addFigure("printscout binary, stripped", float64(info.Size())/mB, "MB", 25)
	return nil
}

func (m *measurement) logDone(format string, args ...any) {
	fmt.Fprintf(m.log, "bench: done: "+format+"\n", args...)
}
