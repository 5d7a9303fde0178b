package tray

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/outcome"
)

// Kind is what a notification is of.
type Kind string

// The kinds, which are also the ends of the keys of texts.
const (
	kindParked    Kind = "parked"
	kindDelivered Kind = "delivered"
	kindStuck     Kind = "stuck"
	kindUncertain Kind = "uncertain"
	kindExpires   Kind = "expires"
	kindRefused   Kind = "refused"
	kindFailed    Kind = "failed"
	kindDamaged   Kind = "damaged"
	kindError     Kind = "error"
	kindSettings  Kind = "settings"
)

// Key names a notification: what is said once is not said again under it.
type Key struct {
	Kind   Kind
	Job    string
	Detail string
}

// Notice is a notification.
type Notice struct {
	Key     Key
	Title   string
	Body    string
	Low     bool // nothing is to be done
	Buttons []Button
	Click   Action // of the notification itself

	at   time.Time // when it came to be, where that is known
	past bool      // it was so before the tray knew of it
}

// Button is a button of a notification.
type Button struct {
	Label  string
	Action Action
}

// Notices returns what there is to say of a state, said before or not. While
// the agent cannot be reached that is nothing.
func Notices(s State, now time.Time, t Texts, p Preferred) []Notice {
	if s.Lost != nil || !s.Ready {
		return nil
	}
	c := scene{s, now, t, p}
	var all []Notice
	for _, j := range c.jobs() {
		all = append(all, c.notices(j)...)
	}
	for _, e := range c.Ended {
		switch e.State {
		case delivered:
			all = append(all, c.ended(kindDelivered, e, "Printer", c.printerName(e.Printer)))
		case damaged:
			all = append(all, c.ended(kindDamaged, e))
		}
	}
	if n, ok := c.settingsChanged(); ok {
		all = append(all, n)
	}
	return all
}

// settingsChanged returns the notice of the last change of settings, if policy
// made it. What an administrator does on this computer by hand is not told.
func (s scene) settingsChanged() (Notice, bool) {
	c := s.Status.SettingsChanged
	if c == nil || len(c.Policy) == 0 {
		return Notice{}, false
	}
	return Notice{
		Key:   Key{Kind: kindSettings, Detail: c.At.String()},
		Title: cmp.Or(short(s.Status.ManagedBy, maxTitle), s.say("tray.note.settingstitle")),
		Body:  s.say("tray.note.settings", "Names", short(strings.Join(c.Policy, ", "), maxSentence)),
		Low:   true, Click: open(PageDiagnostics), at: c.At,
	}, true
}

// notices returns what there is to say of a job that has not ended.
func (s scene) notices(j control.Job) (all []Notice) {
	switch {
	case j.State == uncertain:
		all = append(all, s.uncertain(j))
	case j.State == control.Refused:
		all = append(all, s.notice(kindRefused, j, s.reasonOf(j), s.show(j)))
	case stuck(j):
		all = append(all, s.stuck(j))
	case failed(j):
		body := s.say("tray.note.failed", "Printer", s.printerName(j.Printer), "Reason", s.reasonOf(j))
		all = append(all, s.notice(kindFailed, j, body, s.again(j)...))
	case j.State == parked:
		all = append(all, s.parked(j))
	}
	if at := warning(j); !at.IsZero() && !s.now.Before(at) {
		body := s.say("tray.note.expires", "Time", moment(s.texts, j.Expires, s.now))
		all = append(all, s.notice(kindExpires, j, body, s.again(j)...))
	}
	return all
}

func (s scene) notice(kind Kind, j control.Job, body string, buttons ...Button) Notice {
	return Notice{Key: Key{Kind: kind, Job: j.ID}, Title: titleOf(j, s.texts), Body: body, Buttons: buttons, Click: open(JobPage(j.ID)), at: j.Created}
}

func (s scene) parked(j control.Job) Notice {
	if j.PINRequired {
		return s.notice(kindParked, j, s.say("tray.note.parkedpin"), s.show(j))
	}
	return s.notice(kindParked, j, s.say("tray.note.parked"), s.again(j)...)
}

func (s scene) stuck(j control.Job) Notice {
	what := s.reasonOf(j)
	body := s.say("tray.note.stuck", "Title", titleOf(j, s.texts), "Printer", s.printerName(j.Printer))
	n := s.notice(kindStuck, j, body, Button{s.say("tray.note.cancel"), Action{Verb: Cancel, Job: j.ID}})
	n.Title, n.Key.Detail = what, what
	return n
}

func (s scene) uncertain(j control.Job) Notice {
	return s.notice(kindUncertain, j, s.say("tray.note.uncertain", "Printer", s.printerName(j.Printer)),
		Button{s.say("tray.note.printed"), Action{Verb: Printed, Job: j.ID}},
		Button{s.say("tray.note.again"), Action{Verb: PrintAgain, Job: j.ID}})
}

// ended is of a job of which the tray need not have known: it is told once more
// of what ended within the last hour.
func (s scene) ended(kind Kind, e Ended, args ...any) Notice {
	return Notice{
		Key: Key{Kind: kind, Job: e.ID}, Title: title(e.Title, s.texts), Body: s.say("tray.note."+string(kind), args...),
		Low: kind == kindDelivered, Click: open(PageJobs), past: !e.Seen && !s.Again,
	}
}

func (s scene) show(j control.Job) Button {
	return Button{s.say("tray.note.show"), open(JobPage(j.ID))}
}

// again returns the buttons of a job that can be released: the printer used
// last, and its page.
func (s scene) again(j control.Job) (all []Button) {
	if p, ok := s.lastUsed(); ok && releasable(j) {
		all = append(all, Button{short(p.Name, maxTitle), Action{Verb: Release, Job: j.ID, Printer: p.ID}})
	}
	return append(all, s.show(j))
}

func (s scene) lastUsed() (control.Printer, bool) {
	for _, id := range s.preferred.Recent {
		if p, ok := s.printer(id); ok {
			return p, true
		}
	}
	return control.Printer{}, false
}

// notFailed are the reasons of parked jobs of which no release has failed.
var notFailed = []string{"", outcome.ReasonJobHeld, outcome.ReasonJobWaiting, outcome.ReasonPrintAgain}

// failed reports whether a job is parked because its release was not sent.
func failed(j control.Job) bool {
	return j.State == parked && !slices.Contains(notFailed, j.ReasonWord)
}

// warnBefore is how long before its end a job's owner is warned, or half its
// time where that is shorter.
const warnBefore = 2 * time.Hour

// warning returns when the owner of a job is warned that it expires, zero for
// never.
func warning(j control.Job) time.Time {
	if j.State != parked && j.State != waiting && j.State != uncertain || j.Expires.IsZero() {
		return time.Time{}
	}
	return j.Expires.Add(-min(warnBefore, j.Expires.Sub(j.Created)/2))
}
