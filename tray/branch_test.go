package tray

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/printscout/printscout/internal/control"
)

// drawn is an entry of a menu that a test can read and click on.
type drawn struct {
	title   string
	off     bool
	hidden  bool
	line    bool
	clicked chan struct{}
	up      *drawn
	below   []*drawn
	made    *int // how many entries were made in all
}

func (d *drawn) add(title string) entry {
	*d.made++
	c := &drawn{title: title, clicked: make(chan struct{}), up: d, made: d.made}
	d.below = append(d.below, c)
	return c
}

func (d *drawn) separate()               { d.below = append(d.below, &drawn{line: true}) }
func (d *drawn) rename(title string)     { d.title, d.hidden = title, false } // as on Windows
func (d *drawn) enable(on bool)          { d.off = !on }
func (d *drawn) show(on bool)            { d.hidden = !on }
func (d *drawn) clicks() <-chan struct{} { return d.clicked }
func (d *drawn) remove() {
	d.up.below = slices.DeleteFunc(d.up.below, func(c *drawn) bool { return c == d })
}

// text writes what a person sees, as shownIn does of a menu.
func (d *drawn) text(indent string) string {
	var b strings.Builder
	for _, c := range d.below {
		switch {
		case c.hidden:
		case c.line:
			fmt.Fprintln(&b, indent+"---")
		default:
			fmt.Fprintln(&b, indent+c.title)
			b.WriteString(c.text(indent + "  "))
		}
	}
	return b.String()
}

// find returns the entry below titles that begin so.
func (d *drawn) find(t *testing.T, titles ...string) *drawn {
	t.Helper()
	for _, title := range titles {
		i := slices.IndexFunc(d.below, func(c *drawn) bool { return !c.hidden && strings.HasPrefix(c.title, title) })
		if i < 0 {
			t.Fatalf("there is no entry %q in\n%s", title, d.text(""))
		}
		d = d.below[i]
	}
	return d
}

// board is a menu on the screen of a test.
type board struct {
	slots  slots
	root   branch
	top    *drawn
	clicks chan Action
}

func newBoard(t *testing.T) *board {
	top := &drawn{made: new(int)}
	b := &board{root: branch{entry: top}, top: top, clicks: make(chan Action, 1)}
	t.Cleanup(func() { b.root.drop(func(*branch) bool { return true }) })
	return b
}

func (b *board) shows(s State) {
	b.root.set(b.slots.place(menuOf(s)), func(do Action) { b.clicks <- do })
}

// TestScreenFollowsTheMenu goes through random states and wants to see what
// the menu of each says, whatever was shown before.
func TestScreenFollowsTheMenu(t *testing.T) {
	states := []string{parked, waiting, releasing, uncertain, control.Refused}
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 2))
		b := newBoard(t)
		s := stateOf()
		for range 40 {
			for range r.IntN(6) {
				j := job(fmt.Sprint(r.IntN(40)), states[r.IntN(len(states))])
				j.PINRequired = r.IntN(4) == 0
				s.Jobs[j.ID] = j
			}
			for range r.IntN(4) {
				delete(s.Jobs, fmt.Sprint(r.IntN(40)))
			}
			if s.Printers = nil; r.IntN(4) > 0 {
				printers("a@1", "b@2")(&s)
			}
			if s.Lost = nil; r.IntN(8) == 0 {
				s.Lost = control.ErrStranger
			}
			b.shows(s)
			if got, want := b.top.text(""), shownIn(menuOf(s)); got != want {
				t.Fatalf("seed %d: on the screen is\n%s, not\n%s", seed, got, want)
			}
			enabled(t, b.top, menuOf(s))
		}
	}
}

// enabled wants the entries that do something, or have others below them, to be
// what one can choose.
func enabled(t *testing.T, d *drawn, items []Item) {
	t.Helper()
	items = slices.DeleteFunc(slices.Clone(items), func(i Item) bool { return i.Hidden })
	below := slices.DeleteFunc(slices.Clone(d.below), func(c *drawn) bool { return c.hidden })
	for n, i := range items {
		if !i.Separator && below[n].off != i.Says() {
			t.Fatalf("%q can be chosen: %t", i.Title, !below[n].off)
		}
		enabled(t, below[n], i.Items)
	}
}

// TestMenuThatIsOpenStays: what is there is not made anew when a job comes,
// goes or grows older.
func TestMenuThatIsOpenStays(t *testing.T) {
	b := newBoard(t)
	s := with(stateOf(job("1", parked), job("2", parked), job("3", parked)), printers("lobby@"))
	b.shows(s)
	two, quit, made := b.top.find(t, "Report 2", "Cancel"), b.top.find(t, "Quit"), *b.top.made
	b.shows(s)
	if *b.top.made != made {
		t.Errorf("%d entries were made for nothing", *b.top.made-made)
	}
	delete(s.Jobs, "1")
	s.Jobs["4"] = job("4", parked)
	b.shows(s)
	if b.top.find(t, "Report 2", "Cancel") != two || b.top.find(t, "Quit") != quit {
		t.Error("entries that say the same were made anew")
	}
	if *b.top.made-made > 4 {
		t.Errorf("for one job %d entries were made", *b.top.made-made)
	}
}

// TestClickMeansWhatWasSeen: an entry that a person has before them does not
// come to mean another job.
func TestClickMeansWhatWasSeen(t *testing.T) {
	b := newBoard(t)
	s := stateOf()
	for i := range maxJobs {
		j := job(fmt.Sprintf("%02d", i), parked)
		s.Jobs[j.ID] = j
	}
	b.shows(s)
	seen := b.top.find(t, "Report 05", "Cancel")
	seen.clicked <- struct{}{}
	if got := <-b.clicks; got != (Action{Verb: Cancel, Job: "05"}) {
		t.Errorf("a click does %+v", got)
	}
	for i := range 10 { // all slots are used, so those behind move up
		delete(s.Jobs, fmt.Sprintf("%02d", i))
	}
	s.Jobs["new"] = job("new", parked)
	b.shows(s)
	select {
	case seen.clicked <- struct{}{}:
		t.Errorf("an entry that is gone still does %+v", <-b.clicks)
	default:
	}
	b.top.find(t, "Report 10", "Cancel").clicked <- struct{}{}
	if got := <-b.clicks; got != (Action{Verb: Cancel, Job: "10"}) {
		t.Errorf("a click does %+v", got)
	}
}

// TestMenuKeepsItsShape holds what slots rely on: but for the jobs a menu
// always has the same entries.
func TestMenuKeepsItsShape(t *testing.T) {
	keys := func(s State) (all []string) {
		for _, i := range menuOf(s) {
			if !strings.HasPrefix(i.Key, jobPrefix) {
				all = append(all, i.Key)
			}
		}
		return all
	}
	want := keys(stateOf())
	for _, s := range []State{NewState(), lost(stateOf()), stateOf(job("1", parked)), with(stateOf(), func(s *State) { s.Status.Enrolled = false })} {
		if got := keys(s); !slices.Equal(got, want) {
			t.Errorf("the menu has the entries %q, not %q", got, want)
		}
	}
}
