package installer

import "errors"

// The states of a step in a Result.
const (
	Changed     = "changed"
	Unchanged   = "unchanged"
	Skipped     = "skipped"
	Failed      = "failed"
	Undone      = "undone"
	Kept        = "kept"
	WouldChange = "would-change"
)

// The outcomes of a Result.
const (
	Complete    = "complete"
	Partial     = "partial"
	NotDone     = "failed"
	Interrupted = "interrupted"
)

// Result is what install or uninstall did. The field names are stable.
type Result struct {
	Outcome string       `json:"outcome"` // Complete, Partial, NotDone, Interrupted
	DryRun  bool         `json:"dry_run"`
	Steps   []StepResult `json:"steps"`
	// JobsDiscarded is how many parked jobs --purge removes.
	JobsDiscarded int `json:"jobs_discarded,omitempty"`
}

// StepResult is what became of one step.
type StepResult struct {
	Step    string `json:"step"`
	State   string `json:"state"`
	Message string `json:"message"` // a sentence, "" where there is nothing to say
	Hint    string `json:"hint,omitempty"`
}

// Problem is an error with what to do about it.
type Problem struct {
	Err  error
	Hint string
	// Fatal problems of an optional step end the installation.
	Fatal bool
}

func (p *Problem) Error() string { return p.Err.Error() }
func (p *Problem) Unwrap() error { return p.Err }

// note is why a step had nothing to do. Where part is set, somebody has to do
// something before the installation is whole.
type note struct {
	message string
	hint    string
	part    bool
}

func (n *note) Error() string { return n.message }

// hintOf returns what to do about an error, "" if that is not known.
func hintOf(err error) string {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p.Hint
	}
	return ""
}

// add appends the result of a step.
func (r *Result) add(s StepResult) { r.Steps = append(r.Steps, s) }

// degrade makes a complete result a partial one.
func (r *Result) degrade() {
	if r.Outcome == Complete {
		r.Outcome = Partial
	}
}
