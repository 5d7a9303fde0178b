package installer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// engine runs steps and writes down what they did.
type engine struct {
	steps  []Step
	record *Record
	// tell is told the result of each step as it ends; may be nil.
	tell func(StepResult)
	// fault is called around each step and ends the process' work at that point if
	// it returns errKilled. Only tests set it.
	fault func(point string) error
}

// errKilled stands for a process that is killed: nothing is undone or written.
var errKilled = errors.New("killed")

// undoTime is how long undoing may take after an interruption.
const undoTime = 5 * time.Minute

// install runs all steps. After a failure it undoes what this run did, and what an
// earlier run did that did not come to its end.
func (e *engine) install(ctx context.Context) (*Result, error) {
	r := &Result{Outcome: Complete}
	unfinished := e.record.State != stateInstalled && e.record.State != stateRemoved
	before := map[string]bool{}
	for _, entry := range e.record.Steps {
		before[entry.Step] = entry.Done && !unfinished
	}
	if e.record.State != stateInstalled {
		if err := e.record.setState(stateInstalling); err != nil {
			return r, err
		}
	}
	for _, s := range e.steps {
		err := e.do(ctx, r, s)
		if errors.Is(err, errKilled) {
			return r, err
		}
		if err == nil {
			continue
		}
		r.Outcome = NotDone
		if ctx.Err() != nil {
			r.Outcome = Interrupted
		}
		return r, errors.Join(err, e.undoRun(ctx, r, before))
	}
	return r, e.record.setState(stateInstalled)
}

// do runs one step. It returns an error only if the installation cannot go on.
func (e *engine) do(ctx context.Context, r *Result, s Step) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	done := func() bool { entry := e.record.find(s.Name); return entry != nil && entry.Done }()
	entry, err := e.record.begin(s.Name)
	if err != nil {
		return err
	}
	if err := e.at("before " + s.Name); err != nil {
		return err
	}
	did, err := s.Do(ctx, entry)
	if errors.Is(err, errKilled) {
		return err
	}
	if n, ok := errors.AsType[*note](err); ok {
		return e.leaveOut(r, s, n, done)
	}
	if err != nil {
		return e.doFailed(ctx, r, s, err)
	}
	if err := e.at("after " + s.Name); err != nil {
		return err
	}
	entry.Done = true
	if err := entry.save(); err != nil {
		return err
	}
	state := Changed
	if did == "" {
		state = Unchanged
	}
	e.report(r, StepResult{Step: s.Name, State: state, Message: did})
	return nil
}

// leaveOut reports a step that had nothing to do. What an earlier run did stays in
// the record.
func (e *engine) leaveOut(r *Result, s Step, n *note, done bool) error {
	e.report(r, StepResult{Step: s.Name, State: Skipped, Message: n.message, Hint: n.hint})
	if n.part {
		r.degrade()
	}
	if done {
		return nil
	}
	return e.record.drop(s.Name)
}

// doFailed undoes an optional step that failed, and reports it. The failure of
// another step is returned.
func (e *engine) doFailed(ctx context.Context, r *Result, s Step, err error) error {
	e.report(r, StepResult{Step: s.Name, State: Failed, Message: err.Error(), Hint: hintOf(err)})
	p, _ := errors.AsType[*Problem](err)
	if !s.Optional || p != nil && p.Fatal || ctx.Err() != nil {
		return fmt.Errorf("%s: %w", s.Name, err)
	}
	r.degrade()
	entry := e.record.find(s.Name)
	if entry.Done {
		return nil
	}
	_, uerr := s.Undo(ctx, entry)
	if uerr != nil {
		e.report(r, StepResult{Step: s.Name, State: Failed, Message: "undoing it: " + uerr.Error(), Hint: hintOf(uerr)})
		return nil
	}
	return e.record.drop(s.Name)
}

// undoRun undoes what a failed run did: all steps but those that were done before.
func (e *engine) undoRun(ctx context.Context, r *Result, before map[string]bool) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTime)
	defer cancel()
	var failed error
	for _, s := range slices.Backward(e.steps) {
		if before[s.Name] || e.record.find(s.Name) == nil {
			continue
		}
		if err := e.undo(ctx, r, s); err != nil {
			failed = errors.Join(failed, err)
		}
	}
	if failed != nil || e.record.State == stateInstalled {
		return failed
	}
	return e.record.setState(stateRemoved)
}

// undo undoes one step and reports it.
func (e *engine) undo(ctx context.Context, r *Result, s Step) error {
	if err := e.at("before undoing " + s.Name); err != nil {
		return err
	}
	entry := e.record.find(s.Name)
	recorded := entry != nil
	if !recorded {
		entry = &Entry{Step: s.Name}
	}
	did, err := s.Undo(ctx, entry)
	n, kept := errors.AsType[*note](err)
	switch {
	case errors.Is(err, errKilled):
		return err
	case kept:
		e.report(r, StepResult{Step: s.Name, State: Kept, Message: n.message, Hint: n.hint})
		return nil
	case err != nil:
		e.report(r, StepResult{Step: s.Name, State: Failed, Message: err.Error(), Hint: hintOf(err)})
		return fmt.Errorf("undoing %s: %w", s.Name, err)
	}
	if err := e.at("after undoing " + s.Name); err != nil {
		return err
	}
	if recorded {
		if err := e.record.drop(s.Name); err != nil {
			return err
		}
	}
	state := Undone
	if did == "" {
		state = Unchanged
	}
	e.report(r, StepResult{Step: s.Name, State: state, Message: did})
	return nil
}

// uninstall undoes all steps, the last first; those that only purge undoes only
// with it. A failure does not keep the others from being undone.
func (e *engine) uninstall(ctx context.Context, r *Result, purge bool) error {
	if err := e.record.setState(stateRemoving); err != nil {
		return err
	}
	for _, s := range slices.Backward(e.steps) {
		if ctx.Err() != nil {
			r.Outcome = Interrupted
			return ctx.Err()
		}
		if s.Keep && !purge {
			e.report(r, StepResult{Step: s.Name, State: Kept})
			continue
		}
		err := e.undo(ctx, r, s)
		if errors.Is(err, errKilled) {
			return err
		}
		if err != nil {
			r.degrade()
		}
	}
	if r.Outcome == Partial {
		return nil
	}
	return e.record.setState(stateRemoved)
}

// plan reports what install would do.
func (e *engine) plan(ctx context.Context) *Result {
	r := &Result{Outcome: Complete, DryRun: true}
	for _, s := range e.steps {
		todo, err := s.Plan(ctx)
		n, skipped := errors.AsType[*note](err)
		switch {
		case skipped:
			e.report(r, StepResult{Step: s.Name, State: Skipped, Message: n.message, Hint: n.hint})
			if n.part {
				r.degrade()
			}
		case err != nil:
			e.report(r, StepResult{Step: s.Name, State: Failed, Message: err.Error(), Hint: hintOf(err)})
			r.degrade()
		case todo == "":
			e.report(r, StepResult{Step: s.Name, State: Unchanged})
		default:
			e.report(r, StepResult{Step: s.Name, State: WouldChange, Message: todo})
		}
	}
	return r
}

func (e *engine) report(r *Result, s StepResult) {
	r.add(s)
	if e.tell != nil {
		e.tell(s)
	}
}

func (e *engine) at(point string) error {
	if e.fault == nil {
		return nil
	}
	return e.fault(point)
}
