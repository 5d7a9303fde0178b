package scout

import (
	"context"
	"iter"
	"reflect"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/identity"
	"github.com/printscout/printscout/internal/outcome"
)

// ownName returns the name by which a caller owns jobs, "" for none.
func ownName(c control.Caller) string { return identity.Canonical(userOf(c)) }

// Events returns what changes, only of the caller's own jobs: an administrator
// hears no more than others.
func (s localAPI) Events(ctx context.Context, c control.Caller) iter.Seq[control.Event] {
	c.Admin = false
	return func(yield func(control.Event) bool) {
		l, ended := s.hub.listen(ownName(c))
		defer s.hub.leave(l)
		f := &feed{localAPI: s, caller: c, say: func(e control.Event) bool { return ctx.Err() == nil && yield(e) }}
		if !f.first(ended) {
			return
		}
		for {
			select {
			case <-ctx.Done():
				return
			case <-f.again:
				f.again = nil
				if !f.status() {
					return
				}
			case <-l.wake:
				if !f.rest(s.hub.take(l)) {
					return
				}
			}
		}
	}
}

// feed tells one reader what has changed. Its methods report whether the reader
// wants more.
type feed struct {
	localAPI
	caller control.Caller
	say    func(control.Event) bool
	said   control.Status // the last one, without counts and times
	again  <-chan time.Time
}

// first tells the present state, and what ended lately.
func (f *feed) first(ended []control.Gone) bool {
	if !f.status() || !f.printers() {
		return false
	}
	for j := range f.Jobs(f.caller) {
		if !f.say(control.Event{Name: control.EventJob, Job: &j}) {
			return false
		}
	}
	if !f.say(control.Event{Name: control.EventReady}) {
		return false
	}
	for _, g := range ended {
		if !f.say(control.Event{Name: control.EventGone, Gone: &g}) {
			return false
		}
	}
	return true
}

// rest tells what has changed since. A reader that has missed something has to
// begin anew.
func (f *feed) rest(c changes) bool {
	if c.lost || c.status && !f.status() || c.printers && !f.printers() {
		return false
	}
	for _, id := range c.jobs {
		if !f.job(id, c.gone[id]) {
			return false
		}
	}
	return true
}

func (f *feed) job(id uuid.UUID, gone *control.Gone) bool {
	if gone != nil {
		return f.say(control.Event{Name: control.EventGone, Gone: gone})
	}
	if j, ok := f.table.jobByID(id); ok && ownedBy(f.caller)(&j) {
		return f.say(control.Event{Name: control.EventJob, Job: new(f.controlJob(&j))})
	}
	if r, ok := f.refused.findFor(f.caller, id.String()); ok {
		return f.say(control.Event{Name: control.EventJob, Job: new(r.controlJob())})
	}
	return true // it is gone, which is among the next changes
}

// status tells the agent's status, if it has changed.
func (f *feed) status() bool {
	st := f.statusWithoutAnswers(f.caller)
	if st.Identify != "" && f.again == nil {
		f.again = f.cfg.After(identifyTime) // then it is over
	}
	steady := st
	steady.Started, steady.Since = time.Time{}, time.Time{}
	steady.Jobs, steady.Bytes, steady.Waiting, steady.Damaged = 0, 0, 0, 0
	if reflect.DeepEqual(steady, f.said) {
		return true
	}
	f.said = steady
	return f.say(control.Event{Name: control.EventStatus, Status: &st})
}

func (f *feed) printers() bool {
	all := []control.Printer{}
	if each, err := f.Printers(f.caller); err == nil { // else there is no site
		all = slices.AppendSeq(all, each)
	}
	return f.say(control.Event{Name: control.EventPrinters, Printers: all})
}

// jobChanged tells a job's owner that it is new or has changed.
func (h *hub) jobChanged(j *job) { h.changed(j.owner, j.id) }

// jobGone tells a job's owner what has become of it.
func (h *hub) jobGone(j *job, why string) {
	g := control.Gone{ID: j.id.String(), Title: j.displayTitle(j.documentInfo()), State: why, Printer: j.note.Printer}
	if r := j.result; r != nil && string(r.State) == why {
		g.Printer, g.PagesPrinted, g.Message, g.ReasonWord = r.Printer, r.PagesPrinted, r.Message, r.Reason
	} else if word := "job-" + why; why != string(Delivered) && outcome.IsReason(word) {
		g.Message, g.ReasonWord = outcome.Sentence(word), word
	}
	h.left(j.owner, j.id, g)
}

func (h *hub) refusedChanged(j refusedJob) { h.changed(j.owner, j.id) }

func (h *hub) refusedGone(j refusedJob) {
	h.left(j.owner, j.id, control.Gone{ID: j.id.String(), Title: j.Title, State: control.Refused})
}

// keepResult keeps the result of a job's release, and what that has shown of the
// printer.
func (t *jobTable) keepResult(id uuid.UUID, printer string, r control.Result) {
	t.mu.Lock()
	defer t.mu.Unlock()
	j, ok := t.jobs[id]
	if !ok {
		return
	}
	j.result = &r
	t.tell.saw(j.owner, printer, control.Seen{At: t.now(), Grade: r.Grade, State: string(r.State), ReasonWord: r.Reason})
}

// reasonWord returns the word for what reasonSentence says, "" if there is none.
func (j *job) reasonWord() string {
	switch {
	case j.isHeld():
		return outcome.ReasonJobHeld
	case j.note.State == Waiting:
		return outcome.ReasonJobWaiting
	case j.note.State == Releasing:
		return j.waitsFor
	case outcome.IsReason(j.note.Reason):
		return j.note.Reason
	}
	return ""
}
