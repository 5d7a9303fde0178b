package tray

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/printscout/printscout/internal/control"
)

// Item is an entry of the menu. Entries that stand above each other have
// different keys. An entry never comes to do something else: one that does
// another thing, or the same to another job, is another entry.
type Item struct {
	Key       string
	Title     string
	Action    Action // Nothing for one that only says something, or has items below it
	Hidden    bool
	Separator bool
	Items     []Item
}

// Says reports whether an entry can only be read.
func (i Item) Says() bool { return i.Action == Action{} && len(i.Items) == 0 }

// jobPrefix begins the keys of the entries of jobs. All others are always
// there, in the same order, some hidden.
const jobPrefix = "job/"

// maxJobs is how many jobs the menu shows; the page has room for all.
const maxJobs = 20

// scene is what icon, menu and notifications follow from.
type scene struct {
	State
	now       time.Time
	texts     Texts
	preferred Preferred
}

// Menu returns the menu of a state.
func Menu(s State, now time.Time, t Texts, p Preferred) []Item {
	return scene{s, now, t, p}.menu()
}

func (s scene) menu() []Item {
	all := s.reachable()
	title, todo := s.headline()
	items := []Item{
		{Key: "state", Title: title},
		{Key: "todo", Title: todo, Hidden: todo == ""},
		{Key: "above", Separator: true},
	}
	for _, j := range all[:min(len(all), maxJobs)] {
		items = append(items, s.job(j))
	}
	return append(items,
		Item{Key: "more", Title: s.say("tray.menu.more", "Count", len(all)), Action: open(PageJobs), Hidden: len(all) <= maxJobs},
		s.releaseAll(),
		Item{Key: "below", Separator: true},
		Item{Key: "jobs", Title: s.say("tray.menu.jobs"), Action: open(PageJobs)},
		Item{Key: "setup", Title: s.say("tray.menu.setup"), Action: open(PageSetup)},
		Item{Key: "diagnostics", Title: s.say("tray.menu.diagnose"), Action: open(PageDiagnostics)},
		Item{Key: "managed", Title: s.say("tray.menu.managed", "Name", short(s.Status.ManagedBy, maxTitle)), Hidden: s.Status.ManagedBy == ""},
		Item{Key: "about", Title: s.say("tray.menu.about"), Action: open(PageAbout)},
		Item{Key: "quit", Title: s.say("tray.menu.quit"), Action: Action{Verb: Quit}},
	)
}

// reachable returns the jobs, none while nothing can be done with them.
func (s scene) reachable() []control.Job {
	if s.Lost != nil {
		return nil
	}
	return s.jobs()
}

func (s scene) say(key string, args ...any) string { return s.texts.Say(key, args...) }

func (s scene) releaseAll() Item {
	i := Item{Key: "all", Title: s.say("tray.menu.releaseall")}
	if s.Lost != nil || s.count(releasable) == 0 {
		i.Hidden = true
		return i
	}
	i.Items = s.printers(Action{Verb: ReleaseAll}, PageJobs)
	return i
}

// job returns the entry of one job.
func (s scene) job(j control.Job) Item {
	return Item{Key: jobPrefix + j.ID, Title: s.jobTitle(j), Items: s.jobItems(j)}
}

// jobTitle returns title, pages, age and what else there is to know, on one line.
func (s scene) jobTitle(j control.Job) string {
	parts := []string{title(j.Title, s.texts), s.pages(j), age(s.texts, s.now.Sub(j.Created))}
	switch j.State {
	case waiting, uncertain, control.Refused:
		parts = append(parts, s.say("tray.job."+j.State))
	case releasing:
		parts = append(parts, s.say("tray.job.releasing", "Printer", s.printerName(j.Printer)))
	}
	if j.State != control.Refused && j.State != releasing {
		parts = append(parts, s.say("tray.job.expires", "Time", moment(s.texts, j.Expires, s.now)))
	}
	if j.OnlyHere {
		parts = append(parts, s.say("tray.job.onlyhere"))
	}
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), " · ")
}

func (s scene) pages(j control.Job) string {
	if j.Pages == nil {
		return ""
	}
	if j.PagesCertainty == "exact" {
		return s.say("tray.job.pages", "Count", *j.Pages)
	}
	return s.say("tray.job.about", "Count", *j.Pages)
}

// jobItems returns what can be done with a job.
func (s scene) jobItems(j control.Job) (items []Item) {
	if why := s.reasonOf(j); why != "" {
		items = append(items, Item{Key: "reason", Title: why})
	}
	do := func(key, text string, verb Verb) Item {
		return Item{Key: key, Title: s.say(text), Action: Action{Verb: verb, Job: j.ID}}
	}
	switch {
	case j.State == control.Refused:
		return append(items, do("forget", "tray.job.forget", Cancel))
	case j.State == uncertain:
		items = append(items, Item{Key: "resolve", Title: s.say("tray.job.wasit"), Items: []Item{
			do("yes", "tray.job.yes", Printed), do("no", "tray.job.no", PrintAgain),
		}})
	case j.State == waiting:
		items = append(items, Item{Key: "register", Title: s.say("tray.job.register"), Action: open(PageSetup)})
	case releasable(j):
		items = append(items, Item{Key: "release", Title: s.say("tray.job.releaseat"), Items: s.printers(Action{Verb: Release, Job: j.ID}, JobPage(j.ID))})
	case j.State == parked && j.PINRequired:
		items = append(items, Item{Key: "pin", Title: s.say("tray.job.withpin"), Action: open(JobPage(j.ID))})
	}
	return append(items, do("cancel", "tray.job.cancel", Cancel))
}

func (s scene) reasonOf(j control.Job) string {
	if j.State == releasing {
		return short(j.Reason, maxSentence)
	}
	return short(reason(s.texts, j.ReasonWord, j.Reason), maxSentence)
}

// headline returns how things stand on one line, and what to do where that is
// not below it.
func (s scene) headline() (title, todo string) {
	switch {
	case s.Lost != nil:
		return s.lost()
	case !s.Ready:
		return s.say("tray.state.starting"), ""
	case !s.Status.Enrolled:
		return s.say("tray.state.setup"), s.say("tray.todo.enroll")
	}
	for _, h := range []struct {
		key   string
		match func(control.Job) bool
	}{
		{"uncertain", in(uncertain)},
		{"refused", in(control.Refused)},
	} {
		if n := s.count(h.match); n > 0 {
			return s.say("tray.state."+h.key, "Count", n), ""
		}
	}
	if j, ok := s.firstStuck(); ok {
		return s.reasonOf(j), ""
	}
	return s.settled()
}

// settled is the headline where no job needs a person.
func (s scene) settled() (title, todo string) {
	if n := s.count(in(waiting)); n > 0 {
		return s.say("tray.state.register", "Count", n), s.howToRegister()
	}
	if !s.setUp() {
		return s.say("tray.state.setup"), s.howToRegister()
	}
	if !s.Status.Accepting {
		todo = cmp.Or(short(s.Status.Message, maxSentence), s.say("tray.state.accepting"))
	} else if s.Status.Pending {
		todo = s.say("tray.todo.pending")
	}
	for _, h := range []struct {
		key   string
		match func(control.Job) bool
	}{
		{"wait", in(parked)},
		{"releasing", in(releasing)},
	} {
		if n := s.count(h.match); n > 0 {
			return s.say("tray.state."+h.key, "Count", n), todo
		}
	}
	if !s.Status.Connected {
		return s.say("tray.state.server"), todo
	}
	if s.Status.Pending {
		return s.say("tray.state.pending"), todo
	}
	return s.say("tray.state.connected", "Site", short(s.Status.Site, maxTitle)), todo
}

func (s scene) howToRegister() string {
	if s.Status.Registration == "administrator" {
		return s.say("tray.todo.registeredby")
	}
	return s.say("tray.todo.register")
}

func (s scene) firstStuck() (control.Job, bool) {
	all := s.jobs()
	i := slices.IndexFunc(all, stuck)
	if i < 0 {
		return control.Job{}, false
	}
	return all[i], true
}

// Tooltip returns the text of the icon.
func Tooltip(s State, now time.Time, t Texts) string {
	title, todo := scene{State: s, now: now, texts: t}.headline()
	if todo != "" {
		title += ". " + todo
	}
	return fmt.Sprintf("%s: %s", t.Say("tray.name"), title)
}
