package tray

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/outcome"
)

func gone(s State, id, state string, seen bool) State {
	s.Ended[id] = Ended{control.Gone{ID: id, Title: "Report " + id, State: state, Printer: "lobby"}, seen}
	return s
}

// text writes a notification on one line.
func (n Notice) text() string {
	buttons := make([]string, len(n.Buttons))
	for i, b := range n.Buttons {
		buttons[i] = fmt.Sprintf("[%s]", b.Label)
	}
	low := ""
	if n.Low {
		low = " (low)"
	}
	return strings.TrimSpace(fmt.Sprintf("%s | %s %s%s", n.Title, n.Body, strings.Join(buttons, ""), low))
}

// changedSettings has settings changed, those that are named by policy.
func changedSettings(by string, policy ...string) func(*State) {
	return func(s *State) {
		s.Status.ManagedBy = by
		s.Status.SettingsChanged = &control.SettingsChange{At: noon, Changed: []string{"Site", "UserJobs"}, Policy: policy}
	}
}

func TestNotices(t *testing.T) {
	soon := func(d time.Duration) func(*control.Job) {
		return func(j *control.Job) { j.Created, j.Expires = noon.Add(-24*time.Hour), noon.Add(d) }
	}
	short := func(j *control.Job) { j.Created, j.Expires = noon.Add(-30*time.Minute), noon.Add(30*time.Minute) }
	at := func(printer, word, reason string) func(*control.Job) {
		return func(j *control.Job) { j.Printer, j.ReasonWord, j.Reason = printer, word, reason }
	}
	const (
		waits = "Report 1 | It waits, sealed. Release it at a printer, or from this icon. [lobby][Show]"
		hall  = "Ground floor"
	)
	for name, c := range map[string]struct {
		state State
		want  []string
	}{
		"parked":               {stateOf(job("1", parked)), []string{waits}},
		"with a PIN":           {stateOf(job("1", parked, func(j *control.Job) { j.PINRequired = true })), []string{"Report 1 | It waits, sealed. Its release needs the PIN that it was printed with. [Show]"}},
		"waits":                {stateOf(job("1", waiting)), nil},
		"two hours are left":   {stateOf(job("1", parked, soon(2*time.Hour))), []string{waits, "Report 1 | It expires at 14:00 unless it is released. [lobby][Show]"}},
		"more than two hours":  {stateOf(job("1", parked, soon(2*time.Hour+time.Second))), []string{waits}},
		"half its time":        {stateOf(job("1", parked, short)), []string{waits, "Report 1 | It expires at 12:30 unless it is released. [lobby][Show]"}},
		"uncertain":            {stateOf(job("1", uncertain, at("lobby", "", ""))), []string{"Report 1 | It may have come out at lobby. Please look there before it is printed again. [It was printed][Print it again]"}},
		"a printer waits":      {stateOf(job("1", releasing, at("id-lobby", "", "Add paper to tray 2."))), []string{"Add paper to tray 2. | Report 1, at lobby. [Cancel]"}},
		"a printer has words":  {stateOf(job("1", releasing, at("lobby", outcome.ReasonStopped, "Add paper to tray 2."))), []string{"Add paper to tray 2. | Report 1, at lobby. [Cancel]"}},
		"a printer is busy":    {stateOf(job("1", releasing, at("lobby", outcome.ReasonBusy, "Busy."))), nil},
		"damaged":              {gone(stateOf(), "1", damaged, true), []string{"Report 1 | It was damaged on this computer and cannot be printed any more. Print it again from its app."}},
		"is being printed":     {stateOf(job("1", releasing)), nil},
		"refused":              {stateOf(job("1", control.Refused, at("", "", "refused: The disk is full."))), []string{"Report 1 | The disk is full. [Show]"}},
		"was not sent":         {stateOf(job("1", parked, at("lobby", outcome.ReasonUnreachable, "No."))), []string{"Report 1 | Not printed at lobby: No address of the printer answered. It waits as before. [lobby][Show]"}},
		"is to be printed":     {stateOf(job("1", parked, at("lobby", outcome.ReasonPrintAgain, "Yes."))), []string{waits}},
		"policy has changed":   {with(stateOf(), changedSettings("", "Site", "UserJobs")), []string{"Settings were changed | An administrator has changed how Print Scout works here: Site, UserJobs  (low)"}},
		"of an organization":   {with(stateOf(), changedSettings("Example", "Site")), []string{"Example | An administrator has changed how Print Scout works here: Site  (low)"}},
		"the file has changed": {with(stateOf(), changedSettings("Example")), nil},
		"delivered":            {gone(stateOf(), "1", delivered, true), []string{"Report 1 | Printed at lobby.  (low)"}},
		"canceled":             {gone(stateOf(), "1", "canceled", true), nil},
		"expired":              {gone(stateOf(), "1", "expired", true), nil},
		"the agent is away":    {lost(stateOf(job("1", parked))), nil},
		"before all is known":  {with(stateOf(job("1", parked)), func(s *State) { s.Ready = false }), nil},
		"a title with control": {stateOf(job("1", control.Refused, func(j *control.Job) { j.Title = "a\n\u202eb" })), []string{"a b |  [Show]"}},
	} {
		printers("lobby@" + hall)(&c.state)
		var got []string
		for _, n := range Notices(c.state, noon, inEnglish, Preferred{Recent: []string{"id-gone", "id-lobby"}}) {
			got = append(got, n.text())
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: what is said is %q, not %q", name, got, c.want)
		}
	}
}

// desk is a teller with the clock of its test.
type desk struct {
	*teller
	t   *testing.T
	now time.Time
}

func newDesk(t *testing.T) *desk {
	return &desk{newTeller(noon.Add(-time.Minute)), t, noon}
}

// sees shows it a state and wants this to be said of it within two seconds.
func (d *desk) sees(s State, want ...string) (over []Key) {
	d.t.Helper()
	over = d.see(s, Notices(s, d.now, inEnglish, Preferred{}), d.now)
	if early := d.take(d.now.Add(together-time.Millisecond), inEnglish); early != nil {
		d.t.Errorf("it did not wait for others of its kind: %v", early)
	}
	d.now = d.now.Add(together)
	var got []string
	for _, n := range d.take(d.now, inEnglish) {
		got = append(got, n.text())
	}
	if !reflect.DeepEqual(got, want) {
		d.t.Errorf("it says %q, not %q", got, want)
	}
	return over
}

const parked1 = "Report 1 | It waits, sealed. Release it at a printer, or from this icon. [Show]"

// TestNothingIsSaidTwice goes through a job's life with reconnections.
func TestNothingIsSaidTwice(t *testing.T) {
	d := newDesk(t)
	d.sees(stateOf())
	again := func(s State) State { return with(s, func(s *State) { s.Again = true }) }
	d.sees(stateOf(job("1", parked)), parked1)
	d.sees(stateOf(job("1", parked)))
	d.sees(lost(stateOf(job("1", parked))))
	d.sees(again(stateOf(job("1", parked))))
	if over := d.sees(again(stateOf(job("1", releasing)))); len(over) != 1 || over[0].Kind != kindParked {
		t.Errorf("%v is taken back, not that the job is parked", over)
	}
	if over := d.sees(again(stateOf(job("1", releasing)))); over != nil {
		t.Errorf("%v is taken back once more", over)
	}
	failure := job("1", parked, func(j *control.Job) { j.Printer, j.ReasonWord = "lobby", outcome.ReasonUnreachable })
	d.sees(again(stateOf(failure)), "Report 1 | Not printed at lobby: No address of the printer answered. It waits as before. [Show]")
	d.sees(again(stateOf(failure)))
	d.sees(again(stateOf(job("1", releasing))))
	d.sees(again(stateOf(failure)), "Report 1 | Not printed at lobby: No address of the printer answered. It waits as before. [Show]")
	doubt := job("1", uncertain, func(j *control.Job) { j.Printer = "lobby" })
	for range 2 { // printed again on the person's word, and uncertain again
		d.sees(again(stateOf(doubt)), "Report 1 | It may have come out at lobby. Please look there before it is printed again. [It was printed][Print it again]")
		d.sees(again(stateOf(job("1", parked, func(j *control.Job) { j.ReasonWord = outcome.ReasonPrintAgain }))))
		d.sees(again(stateOf(job("1", releasing))))
	}
	d.sees(again(gone(stateOf(), "1", delivered, true)), "Report 1 | Printed at lobby.  (low)")
	d.now = d.now.Add(59 * time.Minute)
	d.sees(again(stateOf()))
	d.sees(again(gone(stateOf(), "1", delivered, false)))
}

// TestWhatWasBefore is silent about what the tray finds when it starts, but not
// about what came meanwhile.
func TestWhatWasBefore(t *testing.T) {
	d := newDesk(t)
	young := job("2", parked, func(j *control.Job) { j.Created = noon })
	late := job("3", parked, func(j *control.Job) { j.Created, j.Expires = noon.Add(-24*time.Hour), noon.Add(time.Hour) })
	d.sees(stateOf(job("1", parked), young, late, job("4", uncertain)),
		"Report 3 | It expires at 13:00 unless it is released. [Show]", strings.Replace(parked1, "1", "2", 1))
	d.sees(gone(stateOf(job("1", parked), young, late, job("4", uncertain)), "5", delivered, false))
	d.sees(with(gone(stateOf(job("1", parked), young, late, job("4", uncertain)), "6", delivered, false), func(s *State) { s.Again = true }),
		"Report 6 | Printed at lobby.  (low)")
}

// TestSeveralAreOne of each kind.
func TestSeveralAreOne(t *testing.T) {
	d := newDesk(t)
	d.sees(stateOf())
	d.sees(gone(stateOf(job("1", parked), job("2", parked), job("3", parked), job("4", uncertain, func(j *control.Job) { j.Printer = "lobby" })), "5", delivered, true),
		"3 documents wait |  [Show]",
		"Report 4 | It may have come out at lobby. Please look there before it is printed again. [It was printed][Print it again]",
		"Report 5 | Printed at lobby.  (low)")
}

// TestHeldBackIsDropped where it is no longer so.
func TestHeldBackIsDropped(t *testing.T) {
	d := newDesk(t)
	d.sees(stateOf())
	one := stateOf(job("1", parked))
	d.see(one, Notices(one, d.now, inEnglish, Preferred{}), d.now)
	d.sees(stateOf(job("1", releasing)))
}

// TestTellerForgets what is of jobs long gone.
func TestTellerForgets(t *testing.T) {
	d := newDesk(t)
	d.sees(stateOf())
	for i := range 100 {
		d.sees(stateOf(job(fmt.Sprint(i), parked)), strings.Replace(parked1, "1", fmt.Sprint(i), 1))
	}
	d.now = d.now.Add(remember + time.Second)
	d.sees(stateOf())
	if len(d.said) != 0 {
		t.Errorf("%d are remembered", len(d.said))
	}
}
