package checkup

import (
	"context"
	"errors"
	"io/fs"
)

// Repair is one thing that doctor --fix does. It touches only what belongs to
// Print Scout.
type Repair struct {
	Does string // as it is announced: enable the print queue printscout
	Root bool   // it needs an administrator's rights
	// Do returns an error that is fs.ErrPermission if the rights were missing.
	Do func(context.Context) error
}

// What became of a Repair.
const (
	RepairDone         = "done"
	RepairFailed       = "failed"
	RepairNotPermitted = "not-permitted"
	RepairPlanned      = "planned" // in a dry run
)

// Repaired is what became of a Repair. The field names are stable.
type Repaired struct {
	Does      string `json:"does"`
	State     string `json:"state"` // done, failed, not-permitted, planned
	NeedsRoot bool   `json:"needs_root"`
	Error     string `json:"error,omitempty"`
}

// RepairAll makes the repairs of the results one after another and announces
// each before it is made. It returns by checkup what became of them. In a dry
// run it makes none.
func RepairAll(ctx context.Context, results []Result, dryRun bool, announce func(does string)) map[string][]Repaired {
	made := map[string][]Repaired{}
	for _, r := range results {
		for _, repair := range r.repairs {
			announce(repair.Does)
			made[r.ID] = append(made[r.ID], repair.make(ctx, dryRun))
		}
	}
	return made
}

func (r Repair) make(ctx context.Context, dryRun bool) Repaired {
	made := Repaired{Does: r.Does, State: RepairPlanned, NeedsRoot: r.Root}
	if dryRun {
		return made
	}
	err := r.Do(ctx)
	switch {
	case err == nil:
		made.State = RepairDone
	case errors.Is(err, fs.ErrPermission):
		made.State, made.Error = RepairNotPermitted, err.Error()
	default:
		made.State, made.Error = RepairFailed, err.Error()
	}
	return made
}

// WithRepairs returns the results with what became of their repairs.
func WithRepairs(results []Result, made map[string][]Repaired) []Result {
	out := make([]Result, len(results))
	for i, r := range results {
		r.Repaired = made[r.ID]
		out[i] = r
	}
	return out
}
