package tray

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/outcome"
)

// used are preferences that do not change.
type used struct{}

func (used) Recent() []string    { return nil }
func (used) Favorites() []string { return nil }
func (used) Used(string) error   { return nil }

func menuOf(s State) []Item { return Menu(s, noon, inEnglish, Preferred{}) }

// shownIn writes the entries that are shown, each on a line, those below an
// entry further right.
func shownIn(items []Item) string {
	var b strings.Builder
	var write func([]Item, string)
	write = func(items []Item, indent string) {
		for _, i := range items {
			switch {
			case i.Hidden:
			case i.Separator:
				fmt.Fprintln(&b, indent+"---")
			default:
				fmt.Fprintln(&b, indent+i.Title)
				write(i.Items, indent+"  ")
			}
		}
	}
	write(items, "")
	return b.String()
}

const foot = "---\nMy jobs\nSet up again\nDiagnostics\nAbout\nQuit\n"

func printers(names ...string) func(*State) {
	return func(s *State) {
		for _, n := range names {
			name, location, _ := strings.Cut(n, "@")
			s.Printers = append(s.Printers, control.Printer{ID: "id-" + name, Name: name, Location: location})
		}
	}
}

func TestMenu(t *testing.T) {
	for name, c := range map[string]struct {
		state State
		want  string
	}{
		"at first":      {NewState(), "Asking the agent …\n---\n" + foot},
		"nothing waits": {stateOf(), "Connected to Example\n---\n" + foot},
		"parked": {with(stateOf(job("1", parked)), printers("lobby@Ground floor")), `1 document waits
---
Report 1 · 3 pages · 5 min ago · expires Nov 29, 12:00
  Release at
    lobby · Ground floor
  Cancel
Release all at
  lobby · Ground floor
` + foot},
		"only here, with a PIN, pages estimated": {stateOf(job("1", parked, func(j *control.Job) {
			j.OnlyHere, j.PINRequired, j.PagesCertainty = true, true, "estimated"
			j.Expires = noon.Add(3 * time.Hour)
		})), `1 document waits
---
Report 1 · about 3 pages · 5 min ago · expires 15:00 · only on this computer
  Release with its PIN …
  Cancel
` + foot},
		"was not sent": {stateOf(job("1", parked, func(j *control.Job) { j.ReasonWord = outcome.ReasonUnreachable })), `1 document waits
---
Report 1 · 3 pages · 5 min ago · expires Nov 29, 12:00
  No address of the printer answered.
  Release at
    The directory has no printers yet
  Cancel
Release all at
  The directory has no printers yet
` + foot},
		"held": {stateOf(job("1", parked, func(j *control.Job) { j.ReasonWord = outcome.ReasonJobHeld })), `1 document waits
---
Report 1 · 3 pages · 5 min ago · expires Nov 29, 12:00
  The job is held in the print queue.
  Cancel
` + foot},
		"uncertain": {stateOf(job("1", uncertain), job("2", releasing, func(j *control.Job) { j.Printer = "lobby" })), `Was it printed? 1 document needs your answer
---
Report 1 · 3 pages · 5 min ago · was it printed? · expires Nov 29, 12:00
  Was it printed?
    Yes
    No, print it again
  Cancel
Report 2 · 3 pages · 5 min ago · being printed at lobby
  Cancel
` + foot},
		"a printer waits": {stateOf(job("2", releasing, func(j *control.Job) { j.Printer, j.Reason = "lobby", "Add paper to tray 2." })), `Add paper to tray 2.
---
Report 2 · 3 pages · 5 min ago · being printed at lobby
  Add paper to tray 2.
  Cancel
` + foot},
		"refused": {stateOf(job("1", control.Refused, func(j *control.Job) { j.Reason = "refused: The disk is full." })), `1 document was not taken
---
Report 1 · 3 pages · 5 min ago · not taken
  The disk is full.
  Forget
` + foot},
		"waits for registration": {stateOf(job("1", waiting)), `1 document waits until you have registered
Your site wants to know you before it prints for you
---
Report 1 · 3 pages · 5 min ago · waits until you have registered · expires Nov 29, 12:00
  Register …
  Cancel
` + foot},
		"not enrolled": {with(stateOf(), func(s *State) { s.Status.Enrolled = false }), "Set-up is not done\nThis computer has not joined a site yet\n---\n" + foot},
		"an administrator registers": {with(stateOf(), func(s *State) { s.Status.Registration, s.Status.Registered = "administrator", false }),
			"Set-up is not done\nAsk an administrator to register you\n---\n" + foot},
		"takes nothing":                   {with(stateOf(), func(s *State) { s.Status.Accepting = false }), "Connected to Example\nNew documents are not taken at the moment\n---\n" + foot},
		"the computer waits for approval": {with(stateOf(), func(s *State) { s.Status.Pending = true }), "Waits for its administrator's approval\nUntil this computer is approved, release here; panels and phones do not see your jobs\n---\n" + foot},
		"the server is away":              {with(stateOf(), func(s *State) { s.Status.Connected = false }), "No connection to the server; you can release here\n---\n" + foot},
		"the agent is away": {lost(stateOf(job("1", parked))),
			"The agent has not answered since 11:00\nStart the service printscout, or ask whoever looks after this computer\n---\n" + foot},
		"a stranger answers": {with(lost(stateOf()), func(s *State) { s.Lost = control.ErrStranger }),
			"Another program answers in the agent's place\nNothing was said to it; ask whoever looks after this computer\n---\n" + foot},
	} {
		if got := shownIn(menuOf(c.state)); got != c.want {
			t.Errorf("%s: the menu is\n%s, not\n%s", name, got, c.want)
		}
	}
}

// TestTitlesCannotPretend wants what a document says of itself to stay one line
// of bounded length that turns nothing beside it.
func TestTitlesCannotPretend(t *testing.T) {
	for in, want := range map[string]string{
		"a\nQuit":                "a Quit",
		"  a\t b ":               "a b",
		"\u202egnp.exe":          "gnp.exe",
		"a\x00\x1b[31mb":         "a[31mb",
		"":                       "Untitled",
		"\u2066\u2069":           "Untitled",
		strings.Repeat("ä", 100): strings.Repeat("ä", maxTitle-1) + "…",
	} {
		if got := title(in, inEnglish); got != want {
			t.Errorf("the title %q is shown as %q, not %q", in, got, want)
		}
	}
}

func TestPrinters(t *testing.T) {
	seen := &control.Seen{At: noon.Add(-time.Hour), Grade: "ipps-pinned", State: delivered}
	few := with(stateOf(job("1", parked)), printers("lobby@Ground floor", "attic@Second floor", "cellar@"))
	few.Printers[1].Last = seen
	many := with(stateOf(job("1", parked)), printers("a@1", "b@1", "c@2", "d@2", "e@", "f@3", "g@3", "h@3", "i@3"))
	crowd := stateOf(job("1", parked), job("2", parked))
	for i := range 100 {
		printers(fmt.Sprintf("p%d@1", i))(&crowd)
	}
	for name, c := range map[string]struct {
		state State
		used  Preferred
		want  string
	}{
		"few": {few, Preferred{}, "cellar\nlobby · Ground floor\nattic · Second floor · encrypted, certificate checked · printed 11:00\n"},
		"recent and favorite ones first": {few, Preferred{[]string{"id-attic", "id-gone"}, []string{"id-lobby", "id-attic"}},
			"★ attic · Second floor · encrypted, certificate checked · printed 11:00\n★ lobby · Ground floor\ncellar\n"},
		"by location": {many, Preferred{Recent: []string{"id-d", "id-c", "id-b", "id-a"}},
			"d · 2\nc · 2\nb · 1\nWithout a location\n  e\n1\n  a\n  b\n2\n  c\n  d\n3\n  f\n  g\n  h\n  i\n"},
		"too many": {crowd, Preferred{Recent: []string{"id-p7"}}, "p7 · 1\nOther printers …\n"},
	} {
		got := shownIn(scene{c.state, noon, inEnglish, c.used}.printers(Action{Verb: Release, Job: "1"}, JobPage("1")))
		if got != c.want {
			t.Errorf("%s: the printers are\n%s, not\n%s", name, got, c.want)
		}
	}
}

// TestMenuIsBounded holds how large a menu can become, and that nothing in it
// does what another entry does under the same key.
func TestMenuIsBounded(t *testing.T) {
	for _, n := range []int{0, 1, 5, 30, 1000} {
		for _, p := range []int{0, 1, 9, 40, 1000} {
			s := stateOf()
			for i := range n {
				j := job(fmt.Sprint(i), parked)
				s.Jobs[j.ID] = j
			}
			for i := range p {
				printers(fmt.Sprintf("p%d@%d", i, i%5))(&s)
			}
			entries := 0
			var count func([]Item)
			count = func(items []Item) {
				keys := map[string]bool{}
				for _, i := range items {
					if entries++; keys[i.Key] {
						t.Fatalf("%d jobs, %d printers: two entries have the key %s", n, p, i.Key)
					}
					keys[i.Key] = true
					count(i.Items)
				}
			}
			menu := menuOf(s)
			count(menu)
			if most := maxEntries + (maxRecent+maxFavorites+9)*(maxJobs+1); entries > most {
				t.Errorf("%d jobs, %d printers: the menu has %d entries", n, p, entries)
			}
			if more := menu[slices.IndexFunc(menu, func(i Item) bool { return i.Key == "more" })]; more.Hidden != (n <= maxJobs) {
				t.Errorf("%d jobs: the entry for all of them is hidden: %t", n, more.Hidden)
			}
		}
	}
}

// TestEveryTextIsThere wants a text of each key that the code names.
func TestEveryTextIsThere(t *testing.T) {
	for _, k := range []Kind{kindParked, kindDelivered, kindStuck, kindUncertain, kindExpires, kindRefused, kindFailed, kindDamaged, kindError} {
		if key := "tray.group." + string(k); inEnglish.Say(key, "Count", 2) == key {
			t.Errorf("there is no text %s", key)
		}
	}
	for _, word := range []string{"delivered", "not_sent", "uncertain", "canceled"} {
		if key := "tray.last." + word; inEnglish.Say(key) == key {
			t.Errorf("there is no text %s", key)
		}
	}
	for _, word := range []string{"ipps-pinned", "ipps", "ipp", "raw"} {
		if key := "tray.grade." + word; inEnglish.Say(key) == key {
			t.Errorf("there is no text %s", key)
		}
	}
}

func TestTooltip(t *testing.T) {
	for want, s := range map[string]State{
		"Print Scout: Connected to Example": stateOf(),
		"Print Scout: The agent has not answered since 11:00. Start the service printscout, or ask whoever looks after this computer": lost(stateOf()),
	} {
		if got := Tooltip(s, noon, inEnglish); got != want {
			t.Errorf("the icon says %q, not %q", got, want)
		}
	}
}
