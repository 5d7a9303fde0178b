package tray

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/outcome"
)

// The states of a job that this package looks at (docs/job-states.md).
const (
	parked    = "parked"
	waiting   = "waiting"
	releasing = "releasing"
	uncertain = "uncertain"
	delivered = "delivered"
	damaged   = "damaged"
)

// State is what the agent has said last of each thing. It is made of events
// alone: neither the clock nor anything else of this computer is asked.
type State struct {
	Status   control.Status
	Printers []control.Printer
	Jobs     map[string]control.Job
	Ended    map[string]Ended // the jobs that have ended

	// Ready is set once the agent has said how everything is.
	Ready bool
	// Again is set by the one who connects, where this is not the first time.
	Again bool
	// Lost is why the agent cannot be reached, since Since; nil while it can.
	Lost  error
	Since time.Time
}

// Ended is a job that has ended.
type Ended struct {
	control.Gone
	Seen bool // as a job, before it ended
}

// maxEnded bounds what is kept of jobs that have ended: more than anybody
// prints within the hour that the agent says them again.
const maxEnded = 1000

// NewState returns the state in which nothing has been said.
func NewState() State {
	return State{Jobs: map[string]control.Job{}, Ended: map[string]Ended{}}
}

// Add folds an event in. What a later version of the agent says besides is
// left alone.
func (s *State) Add(e control.Event) {
	switch {
	case e.Status != nil:
		s.Status = *e.Status
	case e.Name == control.EventPrinters:
		s.Printers = e.Printers
	case e.Job != nil:
		delete(s.Ended, e.Job.ID)
		s.Jobs[e.Job.ID] = *e.Job
	case e.Gone != nil:
		s.end(*e.Gone)
	case e.Name == control.EventReady:
		s.Ready = true
	}
}

func (s *State) end(g control.Gone) {
	_, seen := s.Jobs[g.ID]
	delete(s.Jobs, g.ID)
	if len(s.Ended) >= maxEnded {
		clear(s.Ended)
	}
	s.Ended[g.ID] = Ended{g, seen || s.Ended[g.ID].Seen}
}

// jobs returns the jobs, oldest first.
func (s State) jobs() []control.Job {
	return slices.SortedFunc(maps.Values(s.Jobs), func(a, b control.Job) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
	})
}

// count returns how many jobs match.
func (s State) count(match func(control.Job) bool) (n int) {
	for _, j := range s.Jobs {
		if match(j) {
			n++
		}
	}
	return n
}

// in matches the jobs in a state.
func in(state string) func(control.Job) bool {
	return func(j control.Job) bool { return j.State == state }
}

// stuck reports whether a printer waits for a person before it goes on with a
// job: the job's reason then says what for, often in the printer's own words.
// What it waits for besides ends by itself.
func stuck(j control.Job) bool {
	return j.State == releasing && j.Reason != "" && (j.ReasonWord == "" || j.ReasonWord == outcome.ReasonStopped)
}

// releasable reports whether a job can be released from a menu: one that needs
// a PIN, or is held in the print queue, cannot.
func releasable(j control.Job) bool {
	return j.State == parked && !j.PINRequired && j.ReasonWord != outcome.ReasonJobHeld
}

// setUp reports whether the computer is of a site and its site knows the
// person, where it wants to.
func (s State) setUp() bool {
	return s.Status.Enrolled && (s.Status.Registered || s.Status.Registration == "off" || s.Status.Registration == "")
}

// printer returns the printer of that id or name, and reports whether it is in
// the directory.
func (s State) printer(id string) (control.Printer, bool) {
	i := slices.IndexFunc(s.Printers, func(p control.Printer) bool { return p.ID == id || p.Name == id })
	if i < 0 {
		return control.Printer{ID: id, Name: id}, false
	}
	return s.Printers[i], true
}
