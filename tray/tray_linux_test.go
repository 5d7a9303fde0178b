package tray

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/dev/peers"
)

// desktopOf starts a session with a panel, notifications, an agent and a tray.
func desktopOf(t *testing.T) (*session, *panel, *server, *agent, *running) {
	t.Helper()
	s := newSession(t)
	p, n, a := newPanel(s), newServer(s, "actions", "body", "body-markup"), newAgent(t, s.dir)
	r := s.tray(a.path)
	p.meet()
	return s, p, n, a, r
}

func (a *agent) wasAsked(what string) {
	a.t.Helper()
	peers.Await(a.t, "the agent is asked "+what, func() bool { return slices.Contains(a.heard(), what) })
}

// TestWayOfAJob in a session: printed, seen, released, delivered.
func TestWayOfAJob(t *testing.T) {
	_, p, n, a, r := desktopOf(t)
	if id := property[string](p, "Id"); id != "Print Scout" {
		t.Errorf("the icon calls itself %q", id)
	}
	p.shows("Connected to Example")
	peers.Await(t, "the icon is Connected", func() bool { return p.icon() == Connected })
	a.has(printed("1", "Letter_of_<b>May</b>"))
	p.shows("1 document waits")
	p.shows("Letter_of_<b>May</b> · 3 pages · just now")
	peers.Await(t, "the icon is JobsWait", func() bool { return p.icon() == JobsWait })
	if got, want := p.tip(), "Print Scout: 1 document waits"; got != want {
		t.Errorf("the icon says %q, not %q", got, want)
	}
	if _, one := n.shows("It waits, sealed"); one.urgency != urgencyMid || one.title != "Letter_of_<b>May</b>" || !slices.Contains(one.actions, "Show") {
		t.Errorf("the notification is %+v", one)
	}
	p.click("Letter_of", "Release at", "lobby · Ground floor")
	a.wasAsked("release [1] at id-lobby")
	p.shows("Letter_of_<b>May</b> · 3 pages · just now · being printed at lobby")
	n.lacks("It waits, sealed")
	a.end("1", delivered)
	p.lacks("Letter_of")
	if _, one := n.shows("Printed at lobby"); one.urgency != urgencyLow {
		t.Errorf("that a job was delivered is said as urgently as others: %+v", one)
	}
	// The printer used last has a button now.
	a.has(printed("2", "Invoice"))
	n.press("Invoice", "lobby")
	a.wasAsked("release [2] at id-lobby")
	p.click("Quit")
	<-r.over
	if code := r.ProcessState.ExitCode(); code != 0 {
		t.Errorf("the tray ended with %d", code)
	}
}

// TestWasItPrinted is asked by the menu and by a notification.
func TestWasItPrinted(t *testing.T) {
	_, p, n, a, _ := desktopOf(t)
	p.shows("Connected to Example")
	for _, c := range []struct {
		id     string
		answer func()
		want   string
	}{
		{"1", func() { p.click("Report 1", "Was it printed?", "Yes") }, "resolve 1: printed"},
		{"2", func() { p.click("Report 2", "Was it printed?", "No, print it again") }, "resolve 2: print-again"},
		{"3", func() { n.press("Report 3", "It was printed") }, "resolve 3: printed"},
		{"4", func() { n.press("Report 4", "Print it again") }, "resolve 4: print-again"},
	} {
		j := printed(c.id, "Report "+c.id)
		j.State, j.Printer = uncertain, "id-lobby"
		a.has(j)
		peers.Await(t, "the icon is NeedsYou", func() bool { return p.icon() == NeedsYou })
		c.answer()
		a.wasAsked(c.want)
		p.lacks("Report " + c.id)
	}
}

// TestRestOfTheMenu: cancel, forget, release all, pages and the wizard.
func TestRestOfTheMenu(t *testing.T) {
	s, p, n, a, _ := desktopOf(t)
	p.shows("Connected to Example")
	a.has(printed("1", "One"))
	a.has(printed("2", "Two"))
	a.has(printed("3", "Three"))
	n.shows("3 documents wait")
	p.click("One", "Cancel")
	a.wasAsked("cancel 1")
	p.lacks("One")
	p.click("Release all at", "attic · Second floor")
	a.wasAsked("release [2 3] at id-attic")
	refused := printed("4", "Four")
	refused.State, refused.Reason = control.Refused, "refused: The disk is full."
	a.has(refused)
	if e := p.shows("Four", "The disk is full."); e.on {
		t.Error("a reason can be chosen")
	}
	p.click("Four", "Forget")
	a.wasAsked("cancel 4")
	for _, c := range []struct{ title, page string }{
		{"My jobs", PageJobs}, {"Set up again", PageSetup}, {"Diagnostics", PageDiagnostics}, {"About", PageAbout},
	} {
		p.click(c.title)
		peers.Await(t, "the page "+c.page+" is opened", func() bool { return slices.Contains(s.pages(), c.page) })
	}
	stuck := printed("5", "Five")
	stuck.State, stuck.Printer, stuck.Reason = releasing, "id-lobby", "Add paper to tray 2."
	a.has(stuck)
	p.shows("Add paper to tray 2.")
	n.press("Add paper to tray 2. | Five, at lobby.", "Cancel")
	a.wasAsked("cancel 5")
	waits := printed("6", "Six")
	waits.State = waiting
	a.has(waits)
	peers.Await(t, "the wizard opens by itself", func() bool { return strings.Join(s.pages(), " ") == "jobs setup diagnostics about setup" })
}

// TestSurvivesOthers: the agent, the panel and the program that shows
// notifications are started anew, and nothing is said twice.
func TestSurvivesOthers(t *testing.T) {
	s, p, n, a, _ := desktopOf(t)
	p.shows("Connected to Example")
	a.has(printed("1", "One"))
	n.shows("It waits, sealed")
	a.stop()
	p.shows("The agent has not answered since")
	peers.Await(t, "the icon is Offline", func() bool { return p.icon() == Offline })
	a.start()
	p.shows("One")
	p.conn.Close()
	again := newPanel(s)
	again.meet()
	again.shows("One")
	n.conn.Close()
	m := newServer(s)
	a.has(printed("2", "Two <&>"))
	id, one := m.shows("It waits, sealed")
	if one.title != "Two <&>" || len(one.actions) != 0 {
		t.Errorf("one without buttons is %+v", one)
	}
	if m.count() != 1 {
		t.Errorf("%d notifications after all were started anew, not 1", m.count())
	}
	m.emit(m.conn, id, defaultKey)
	peers.Await(t, "the job's page is opened", func() bool { return slices.Contains(s.pages(), JobPage("2")) })
}

// TestButtonsOfOthers: another program of the session names a button of ours.
func TestButtonsOfOthers(t *testing.T) {
	s, p, n, a, _ := desktopOf(t)
	p.shows("Connected to Example")
	j := printed("1", "One")
	j.State = uncertain
	a.has(j)
	id, _ := n.shows("One")
	n.emit(s.dial(), id, buttonKey(0))
	n.emit(n.conn, id+1, buttonKey(0))
	n.conn.Emit(notesPath, notesPress, "not a number")
	n.conn.Emit(notesPath, notesPress)
	n.press("One", "Print it again")
	a.wasAsked("resolve 1: print-again")
	if got := a.heard(); len(got) != 1 {
		t.Errorf("the agent was asked %q", got)
	}
}

// TestOnePerSession: a second one says so.
func TestOnePerSession(t *testing.T) {
	s, p, _, a, r := desktopOf(t)
	p.shows("Connected to Example")
	second := s.tray(a.path)
	<-second.over
	if !strings.Contains(second.said(), ErrRunning.Error()) {
		t.Errorf("a second tray says %q", second.said())
	}
	r.end()
	s.tray(a.path)
	p.meet()
	p.shows("Connected to Example")
}

// TestEndsWithTheSession and not by a panic of the libraries'.
func TestEndsWithTheSession(t *testing.T) {
	s := newSession(t)
	a := newAgent(t, s.dir)
	p := newPanel(s)
	r := s.tray(a.path)
	p.meet()
	p.shows("Connected to Example")
	s.bus.Process.Kill()
	select {
	case <-r.over:
	case <-time.After(time.Minute):
		t.Fatal("the tray goes on without a session")
	}
	if code := r.ProcessState.ExitCode(); code != 0 || strings.Contains(r.said(), "panic") {
		t.Errorf("it ended with %d: %s", code, r.said())
	}
}
