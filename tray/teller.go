package tray

import (
	"slices"
	"time"
)

// together is how long a notification is held back for others of its kind,
// which it then is one with.
const together = 2 * time.Second

// remember is how long it is known of a job that is gone what was said of it:
// longer than the agent says that it is gone.
const remember = 2 * time.Hour

// lasting reports whether what is said of a kind stays true.
func lasting(k Kind) bool { return k == kindDelivered || k == kindDamaged || k == kindError }

// teller decides which notices are new. What was said is not said again, also
// when everything is said anew after a reconnection.
type teller struct {
	started time.Time
	met     bool // a first state has been seen
	said    map[Key]time.Time
	open    map[Key]bool // told, and not yet over
	held    []Notice
	due     time.Time // of those held
}

func newTeller(started time.Time) *teller {
	return &teller{started: started, said: map[Key]time.Time{}, open: map[Key]bool{}}
}

// transient kinds may come to be again while their job lives.
var transient = []Kind{kindStuck, kindFailed, kindUncertain}

// see takes what there is to say of a state, and returns what was said before
// and holds no longer.
func (t *teller) see(s State, all []Notice, now time.Time) (over []Key) {
	if s.Lost != nil || !s.Ready {
		return nil
	}
	wanted := map[Key]bool{}
	for _, n := range all {
		wanted[n.Key] = true
		if _, known := t.said[n.Key]; !known && !t.past(n) {
			t.hold(n, now)
		}
		t.said[n.Key] = now
	}
	t.met = true
	t.held = slices.DeleteFunc(t.held, func(n Notice) bool { return !lasting(n.Key.Kind) && !wanted[n.Key] })
	return t.forget(s, wanted, now)
}

// past reports whether something was so before the tray was started: icon and
// menu show it. That a job expires soon is said in any case.
func (t *teller) past(n Notice) bool {
	return n.past || !t.met && n.Key.Kind != kindExpires && n.at.Before(t.started)
}

func (t *teller) hold(n Notice, now time.Time) {
	if len(t.held) == 0 {
		t.due = now.Add(together)
	}
	t.held = append(t.held, n)
}

func (t *teller) forget(s State, wanted map[Key]bool, now time.Time) (over []Key) {
	for k, last := range t.said {
		if wanted[k] {
			continue
		}
		if t.open[k] && !lasting(k.Kind) {
			delete(t.open, k)
			over = append(over, k)
		}
		if _, lives := s.Jobs[k.Job]; lives {
			t.said[k] = now
		} else if now.Sub(last) > remember {
			delete(t.said, k)
		}
		if slices.Contains(transient, k.Kind) {
			delete(t.said, k)
		}
	}
	return over
}

// again lets it be said once more that the release of these jobs failed.
func (t *teller) again(jobs []string) {
	for _, id := range jobs {
		delete(t.said, Key{Kind: kindFailed, Job: id})
	}
}

// take returns what is to be said now: of each kind one notification.
func (t *teller) take(now time.Time, texts Texts) (out []Notice) {
	if len(t.held) == 0 || now.Before(t.due) {
		return nil
	}
	held := t.held
	t.held = nil
	for len(held) > 0 {
		kind := held[0].Key.Kind
		same := slices.Collect(func(yield func(Notice) bool) {
			for _, n := range held {
				if n.Key.Kind == kind && !yield(n) {
					return
				}
			}
		})
		held = slices.DeleteFunc(held, func(n Notice) bool { return n.Key.Kind == kind })
		n := one(same, texts)
		t.open[n.Key] = n.Key.Job != "" && !lasting(kind)
		out = append(out, n)
	}
	return out
}

// one returns one notification for several of a kind.
func one(same []Notice, t Texts) Notice {
	if len(same) == 1 {
		return same[0]
	}
	first := same[0]
	return Notice{
		Key: Key{Kind: first.Key.Kind}, Title: t.Say("tray.group."+string(first.Key.Kind), "Count", len(same)),
		Low: first.Low, Click: open(PageJobs), Buttons: []Button{{t.Say("tray.note.show"), open(PageJobs)}},
	}
}
