package installer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
)

// The states of a record: docs/installer.md, The record.
const (
	stateInstalling = "installing"
	stateInstalled  = "installed"
	stateRemoving   = "removing"
	stateRemoved    = "removed"
)

const recordVersion = 1

// maxRecord is the maximum size of a record; files that were replaced are in it.
const maxRecord = 4 << 20

// Record is what install has done and uninstall has not undone.
type Record struct {
	Version int      `json:"version"`
	State   string   `json:"state"`
	Steps   []*Entry `json:"steps"`

	write func([]byte) error
}

// Entry is what undoing one step has to know.
type Entry struct {
	Step   string            `json:"step"`
	Done   bool              `json:"done"`
	Files  []FileBefore      `json:"files,omitempty"`
	Values map[string]string `json:"values,omitempty"`

	record *Record // nil: nothing is written down
}

// FileBefore is a file that a step wrote, and what was there before.
type FileBefore struct {
	Path   string  `json:"path"`
	Before *string `json:"before,omitempty"` // nil: there was no file
	Mode   uint32  `json:"mode,omitempty"`
}

// errDamaged means that a record cannot be read.
var errDamaged = errors.New("the record of the installation is damaged")

// parseRecord reads a record.
func parseRecord(raw []byte) (*Record, error) {
	r := new(Record)
	if len(raw) > maxRecord {
		return nil, fmt.Errorf("%w: it is larger than %d bytes", errDamaged, maxRecord)
	}
	if err := json.Unmarshal(raw, r); err != nil {
		return nil, fmt.Errorf("%w: %w", errDamaged, err)
	}
	states := []string{stateInstalling, stateInstalled, stateRemoving, stateRemoved}
	if r.Version != recordVersion || !slices.Contains(states, r.State) || slices.Contains(r.Steps, nil) {
		return nil, fmt.Errorf("%w: it has version %d and state %q", errDamaged, r.Version, r.State)
	}
	for _, e := range r.Steps {
		e.record = r
	}
	return r, nil
}

// save makes the record durable.
func (r *Record) save() error {
	r.Version = recordVersion
	raw, err := json.MarshalIndent(r, "", "  ")
	if err == nil {
		err = r.write(append(raw, '\n'))
	}
	if err != nil {
		return fmt.Errorf("writing the record of the installation: %w", err)
	}
	return nil
}

// setState makes a state durable.
func (r *Record) setState(state string) error {
	r.State = state
	return r.save()
}

// find returns the entry of a step, nil if there is none.
func (r *Record) find(step string) *Entry {
	for _, e := range r.Steps {
		if e.Step == step {
			return e
		}
	}
	return nil
}

// begin returns the entry of a step, and makes it durable that the step begins.
func (r *Record) begin(step string) (*Entry, error) {
	e := r.find(step)
	if e == nil {
		e = &Entry{Step: step, record: r}
		r.Steps = append(r.Steps, e)
	}
	return e, r.save()
}

// drop makes it durable that a step is undone.
func (r *Record) drop(step string) error {
	r.Steps = slices.DeleteFunc(r.Steps, func(e *Entry) bool { return e.Step == step })
	return r.save()
}

// keep makes a value durable, unless an earlier run has: what counts is what was
// there before the first.
func (e *Entry) keep(name, value string) error {
	if _, ok := e.Values[name]; ok {
		return nil
	}
	if e.Values == nil {
		e.Values = map[string]string{}
	}
	e.Values[name] = value
	return e.save()
}

// keepFile makes durable what a file was before the first run.
func (e *Entry) keepFile(path string, before []byte, mode fs.FileMode) error {
	if slices.ContainsFunc(e.Files, func(f FileBefore) bool { return f.Path == path }) {
		return nil
	}
	f := FileBefore{Path: path}
	if before != nil {
		text := string(before)
		f.Before, f.Mode = &text, uint32(mode.Perm())
	}
	e.Files = append(e.Files, f)
	return e.save()
}

func (e *Entry) save() error {
	if e.record == nil {
		return nil
	}
	return e.record.save()
}
