package installer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/printscout/printscout/internal/settings"
)

// run is one run of install or uninstall.
type run struct {
	*Computer
	Options
	layout layout
	values settings.Values
	// settingsChanged is set once this run has changed installer.json, so that an
	// agent that runs must be started again.
	settingsChanged bool
	agent           Agent
}

// ErrNotElevated means that the computer may only be changed by an administrator.
var ErrNotElevated = errors.New("only an administrator may install or uninstall")

// ErrBusy means that another install or uninstall is at work.
var ErrBusy = errors.New("another install or uninstall is at work")

// Install makes the agent part of the computer. The Result is also of use if there
// is an error.
func Install(ctx context.Context, c *Computer, o Options) (*Result, error) {
	r, err := newRun(c, o)
	if err != nil {
		return failedResult(err)
	}
	if o.DryRun {
		return (&engine{steps: r.steps(), tell: o.Tell}).plan(ctx), nil
	}
	return r.locked(func(e *engine) (*Result, error) {
		result, err := e.install(ctx)
		if err != nil && e.record.State == stateRemoved && len(e.record.Steps) == 0 {
			err = errors.Join(err, r.removeRecord())
		}
		return result, err
	})
}

// Uninstall takes the agent off the computer.
func Uninstall(ctx context.Context, c *Computer, o Options) (*Result, error) {
	tolerant := *c
	tolerant.LoadSettings = func() (*settings.Settings, error) { return orDefaults(c.LoadSettings()), nil }
	r, err := newRun(&tolerant, o)
	if err != nil {
		return failedResult(err)
	}
	if o.DryRun {
		return r.planUninstall(ctx)
	}
	return r.locked(func(e *engine) (*Result, error) {
		result := &Result{Outcome: Complete}
		if o.Purge {
			result.JobsDiscarded = r.countJobs(ctx)
			r.leaveSite(ctx, e, result)
		}
		err := e.uninstall(ctx, result, o.Purge)
		if err == nil && len(e.record.Steps) == 0 && result.Outcome == Complete {
			err = r.removeRecord()
		}
		return result, err
	})
}

func failedResult(err error) (*Result, error) { return &Result{Outcome: NotDone}, err }

func newRun(c *Computer, o Options) (*run, error) {
	if !o.DryRun && !c.Elevated() {
		return nil, ErrNotElevated
	}
	r := &run{Computer: c, Options: o, layout: systemLayout()}
	return r, r.readSettings()
}

// orDefaults stands in for a configuration that cannot be read: it must not keep
// uninstall from its work.
func orDefaults(s *settings.Settings, err error) *settings.Settings {
	if err != nil {
		return &settings.Settings{Values: settings.Defaults()}
	}
	return s
}

// readSettings reads the settings in force, as they will be with those of the
// command line.
func (r *run) readSettings() error {
	s, err := r.LoadSettings()
	if err != nil {
		return err
	}
	for _, f := range r.folders() {
		if _, err := r.checkFolder(f); err != nil {
			return err
		}
	}
	kept, err := r.readInstallerFile()
	if err != nil && !errors.Is(err, errInstallerFile) {
		return err
	}
	for name, raw := range kept {
		if s.Origins[name] != settings.FromPolicy {
			_ = s.Assign(name, raw) // the agent reports it, and goes by the default
		}
	}
	for name, raw := range r.Set {
		trial := *s
		if err := trial.Assign(name, raw); err != nil {
			return &UsageError{fmt.Errorf("--set %s: %w", name, err)}
		}
		if s.Origins[name] != settings.FromPolicy {
			*s = trial
		}
	}
	r.values = s.Values
	r.agent = r.Agent(r.values.ControlPath)
	return nil
}

// UsageError is a mistake in what the administrator asks for.
type UsageError struct{ Err error }

func (e *UsageError) Error() string { return e.Err.Error() }
func (e *UsageError) Unwrap() error { return e.Err }

// locked runs a job with the record, while no other install or uninstall can.
func (r *run) locked(job func(*engine) (*Result, error)) (*Result, error) {
	if err := r.makeRecordFolder(); err != nil {
		return failedResult(err)
	}
	unlock, err := r.lockRecord()
	if err != nil {
		return failedResult(err)
	}
	defer unlock()
	record, err := r.readRecord()
	if err != nil {
		return failedResult(err)
	}
	return job(&engine{steps: r.steps(), record: record, tell: r.Tell, fault: r.Fault})
}

func (r *run) recordFile() string { return filepath.Join(r.layout.recordDir, "record.json") }

// readRecord reads the record. A damaged one is set aside: then what is
// recognizably ours counts.
func (r *run) readRecord() (*Record, error) {
	write := func(b []byte) error { return r.writeFile(r.recordFile(), b, 0o600, rootOwner) }
	raw, _, err := r.readFile(r.recordFile(), maxRecord)
	if errors.Is(err, fs.ErrNotExist) {
		return &Record{write: write}, nil
	}
	if err != nil {
		return nil, err
	}
	record, err := parseRecord(raw)
	if errors.Is(err, errDamaged) {
		record, err = new(Record), r.writeFile(r.recordFile()+".damaged", raw, 0o600, rootOwner)
	}
	if err != nil {
		return nil, err
	}
	record.write = write
	return record, nil
}

// removeRecord removes the record and its folder once nothing is left to undo.
func (r *run) removeRecord() error {
	for _, name := range []string{"record.json", "record.json.damaged", confBackup, "lock"} {
		if _, err := r.removeFile(filepath.Join(r.layout.recordDir, name)); err != nil {
			return err
		}
	}
	_, err := r.removeFolder(r.layout.recordDir)
	return err
}

// planUninstall reports what uninstall would undo.
func (r *run) planUninstall(context.Context) (*Result, error) {
	record, err := r.readRecordOnly()
	if err != nil {
		return failedResult(err)
	}
	result := &Result{Outcome: Complete, DryRun: true}
	e := &engine{tell: r.Tell}
	steps := r.steps()
	for i := len(steps) - 1; i >= 0; i-- {
		s := steps[i]
		switch {
		case s.Keep && !r.Purge:
			e.report(result, StepResult{Step: s.Name, State: Kept})
		case record.find(s.Name) == nil:
			e.report(result, StepResult{Step: s.Name, State: Unchanged, Message: "nothing is recorded; what is recognizably Print Scout's would be removed"})
		default:
			e.report(result, StepResult{Step: s.Name, State: WouldChange, Message: "undo what install did"})
		}
	}
	return result, nil
}

// readRecordOnly reads the record and changes nothing.
func (r *run) readRecordOnly() (*Record, error) {
	raw, _, err := r.readFile(r.recordFile(), maxRecord)
	if errors.Is(err, fs.ErrNotExist) {
		return new(Record), nil
	}
	if err != nil {
		return nil, err
	}
	return parseRecord(raw)
}
