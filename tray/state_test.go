package tray

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/printscout/printscout/internal/control"
)

// noon is when the tests' jobs are looked at.
var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

// job makes a job that was printed five minutes before noon.
func job(id, state string, change ...func(*control.Job)) control.Job {
	pages := 3
	j := control.Job{
		ID: id, Title: "Report " + id, State: state, Pages: &pages, PagesCertainty: "exact",
		Created: noon.Add(-5 * time.Minute), Expires: noon.Add(24 * time.Hour),
	}
	for _, c := range change {
		c(&j)
	}
	return j
}

// healthy is the status of an agent that everything is well with.
var healthy = control.Status{Enrolled: true, Registered: true, Connected: true, Accepting: true, Site: "Example", Registration: "off"}

// stateOf is what one has once an agent has said these things.
func stateOf(jobs ...control.Job) State {
	s := NewState()
	s.Add(control.Event{Name: control.EventStatus, Status: &healthy})
	for i := range jobs {
		s.Add(control.Event{Name: control.EventJob, Job: &jobs[i]})
	}
	s.Add(control.Event{Name: control.EventReady})
	return s
}

func with(s State, change func(*State)) State {
	change(&s)
	return s
}

func lost(s State) State {
	return with(s, func(s *State) { s.Lost, s.Since = errors.New("no"), noon.Add(-time.Hour) })
}

// randomEvents returns events of few jobs, so that many are of the same.
func randomEvents(r *rand.Rand, n int) (all []control.Event) {
	states := []string{parked, waiting, releasing, uncertain, control.Refused}
	for i := range n {
		id := fmt.Sprint(r.IntN(6))
		switch r.IntN(6) {
		case 0:
			st := healthy
			st.Jobs = i
			all = append(all, control.Event{Name: control.EventStatus, Status: &st})
		case 1:
			all = append(all, control.Event{Name: control.EventPrinters, Printers: []control.Printer{{ID: id}}})
		case 2:
			all = append(all, control.Event{Name: control.EventGone, Gone: &control.Gone{ID: id, State: delivered, Message: fmt.Sprint(i)}})
		case 3:
			all = append(all, control.Event{Name: "of a later version"})
		default:
			j := job(id, states[r.IntN(len(states))])
			j.Title = fmt.Sprint(i)
			all = append(all, control.Event{Name: control.EventJob, Job: &j})
		}
	}
	return all
}

// subject is what an event is about.
func subject(e control.Event) string {
	switch {
	case e.Job != nil:
		return "job " + e.Job.ID
	case e.Gone != nil:
		return "job " + e.Gone.ID
	}
	return e.Name
}

// TestStateFollowsFromTheLastEvents wants the same state of all events as of
// the last one of each subject alone, in whatever order these come.
func TestStateFollowsFromTheLastEvents(t *testing.T) {
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 1))
		all := randomEvents(r, r.IntN(60))
		s := NewState()
		last := map[string]control.Event{}
		for _, e := range all {
			s.Add(e)
			last[subject(e)] = e
		}
		var lasts []control.Event
		for _, e := range last {
			lasts = append(lasts, e)
		}
		r.Shuffle(len(lasts), func(i, k int) { lasts[i], lasts[k] = lasts[k], lasts[i] })
		want := NewState()
		for _, e := range lasts {
			want.Add(e)
		}
		forget := func(s State) { // what was seen of a job before is of the past
			for id, e := range s.Ended {
				e.Seen = false
				s.Ended[id] = e
			}
		}
		forget(s)
		forget(want)
		if !reflect.DeepEqual(s, want) {
			t.Fatalf("seed %d: all events lead to %+v, the last ones to %+v", seed, s, want)
		}
	}
}

// TestEndedJobsAreBounded holds what an agent that never ends can make a tray
// keep.
func TestEndedJobsAreBounded(t *testing.T) {
	s := NewState()
	for i := range 3 * maxEnded {
		s.Add(control.Event{Name: control.EventGone, Gone: &control.Gone{ID: fmt.Sprint(i), State: delivered}})
	}
	if len(s.Ended) > maxEnded {
		t.Errorf("%d jobs that have ended are kept", len(s.Ended))
	}
}

func TestIcon(t *testing.T) {
	stopped := func(j *control.Job) { j.Reason = "Add paper to tray 2." }
	for name, c := range map[string]struct {
		state State
		want  Icon
	}{
		"before anything is known":     {NewState(), Offline},
		"nothing waits":                {stateOf(), Connected},
		"a job is parked":              {stateOf(job("1", parked)), JobsWait},
		"a job is being printed":       {stateOf(job("1", releasing)), Connected},
		"a printer waits":              {stateOf(job("1", releasing, stopped), job("2", parked)), NeedsYou},
		"a job is uncertain":           {stateOf(job("1", parked), job("2", uncertain)), NeedsYou},
		"a job was refused":            {stateOf(job("1", control.Refused)), NeedsYou},
		"a job waits for registration": {stateOf(job("1", waiting)), NeedsYou},
		"not enrolled":                 {with(stateOf(), func(s *State) { s.Status.Enrolled = false }), NeedsYou},
		"not registered":               {with(stateOf(), func(s *State) { s.Status.Registration, s.Status.Registered = "self", false }), NeedsYou},
		"the server is away":           {with(stateOf(), func(s *State) { s.Status.Connected = false }), Connected},
		"the agent is away":            {lost(stateOf(job("1", uncertain))), Offline},
	} {
		if got := IconOf(c.state); got != c.want {
			t.Errorf("%s: the icon is %d, not %d", name, got, c.want)
		}
	}
}
