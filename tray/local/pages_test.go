package local

import (
	"bufio"
	"context"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/printscout/printscout/internal/checkup"
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/outcome"
	"github.com/printscout/printscout/internal/web"
	"github.com/printscout/printscout/tray/preferences"
)

func TestMyJobs(t *testing.T) {
	v := enter(t, nil)
	body := v.page("jobs", "2 documents wait to be released.", "Letter &lt;b&gt;", "3 pages", "Waits for you", "PIN needed", "Not certain",
		outcome.Sentence(outcome.ReasonConnection), "Not taken", "It is too large.", "Remove from the list", "Was it printed?")
	if strings.Contains(body, "Letter <b>") {
		t.Error("a title is taken for markup")
	}
	if strings.Contains(body, `id="release-all"`) {
		t.Error("all is offered where one document has no PIN")
	}
	if strings.Contains(body, "refused:") {
		t.Error("that a job was refused is said twice")
	}
}

// TestManyJobs has more than a page shows.
func TestManyJobs(t *testing.T) {
	v := enter(t, nil)
	v.agent.change(func() {
		for i := range 2 * shownJobs {
			j := v.agent.jobs[0]
			j.ID = "m" + strconv.Itoa(i)
			v.agent.jobs = append(v.agent.jobs, j)
		}
	})
	body := v.page("jobs", "602 documents wait", "The newest 300 are shown.", `id="job-m599"`)
	if n := strings.Count(body, "<h2>"); n != shownJobs {
		t.Errorf("%d jobs are shown", n)
	}
}

// TestEachJobOffersWhatCanBeDoneWithIt looks at the page of one job.
func TestEachJobOffersWhatCanBeDoneWithIt(t *testing.T) {
	v := enter(t, nil)
	for id, offers := range map[string][]string{
		"j1": {`id="release"`, `id="cancel"`}, "j2": {`id="release"`, `id="pin"`, `id="cancel"`},
		"j3": {`id="said-printed"`, `id="said-again"`, `id="cancel"`}, "j4": {`id="cancel"`},
	} {
		body := v.page("jobs/"+id, offers...)
		for _, x := range []string{`id="release"`, `id="pin"`, `id="cancel"`, `id="said-printed"`, `id="said-again"`} {
			if strings.Contains(body, x) && !slices.Contains(offers, x) {
				t.Errorf("%s offers %s", id, x)
			}
		}
	}
	v.page("jobs/j3", "the printer took it", "Lobby", "on this computer only")
	if code, body := v.fetch("GET", v.address("jobs/none"), nil); code != http.StatusNotFound || !strings.Contains(body, "It is no longer there.") {
		t.Errorf("a job that is gone: %d\n%s", code, body)
	}
}

// TestReleaseIsFollowed releases a job and sees it wait for paper and arrive.
func TestReleaseIsFollowed(t *testing.T) {
	v := enter(t, nil)
	body := v.post("jobs/j1/release", url.Values{"printer": {"p2"}}, "Being released", "at Annex", "Add paper to tray 2.", "0 of 1 document done", `http-equiv="refresh"`)
	if !strings.Contains(body, `content="2"`) {
		t.Error("it is not refreshed")
	}
	v.page("jobs", "Released from these pages", `http-equiv="refresh"`)
	one := 1
	v.agent.ends <- control.Result{Job: "j1", Printer: "p2", Result: outcome.Result{State: outcome.Delivered, PagesPrinted: &one}}
	v.until("releases/r1", "Delivered")
	body = v.page("releases/r1", "Letter &lt;b&gt;", "The printer counted 1 page.")
	if strings.Contains(body, `http-equiv="refresh"`) {
		t.Error("what is done is refreshed")
	}
	if got := v.agent.released[0]; !slices.Equal(got.Jobs, []string{"j1"}) || got.Printer != "p2" || got.PIN != nil || got.All {
		t.Errorf("released %+v", got)
	}
	// The printer comes first from now on.
	if body := v.page("jobs/j2"); strings.Index(body, "Used last") > strings.Index(body, "Lobby") || !strings.Contains(body, "Used last") {
		t.Errorf("the printer used last is not the first:\n%s", body)
	}
}

func TestReleaseWithAPIN(t *testing.T) {
	v := enter(t, nil)
	v.post("jobs/j2/release", url.Values{"printer": {"p1"}, "pin": {"1234 "}}, "Being released")
	if got := v.agent.released[0]; string(got.PIN) != "1234 " {
		t.Errorf("the PIN is %q", got.PIN)
	}
	v.agent.ends <- control.Result{Job: "j2", Printer: "p1", Result: outcome.Result{State: outcome.NotSent, Reason: outcome.ReasonPINWrong}}
	v.until("releases/r1", outcome.Sentence(outcome.ReasonPINWrong))
	if body := v.page("releases/r1", "Not printed"); strings.Contains(body, "1234") {
		t.Error("a page repeats the PIN")
	}
	if code, _ := v.fetch("POST", v.address("jobs/j2/release"), url.Values{"printer": {"p1"}, "pin": {strings.Repeat("1", 256)}}); code == http.StatusOK || len(v.agent.released) != 1 {
		t.Errorf("too long a PIN: %d", code)
	}
}

// TestReleaseAll leaves out what needs a PIN, and is no button where an
// administrator sees several people's jobs.
func TestReleaseAll(t *testing.T) {
	v := enter(t, nil)
	v.agent.change(func() {
		more := v.agent.jobs[0]
		more.ID, more.Title = "j5", "Invoice"
		v.agent.jobs = append(v.agent.jobs, more)
	})
	v.page("jobs", `id="release-all"`, "Release all 2 documents")
	v.post("jobs/release", url.Values{"printer": {"p1"}}, "0 of 2 documents done")
	if got := v.agent.released[0]; got.All || !slices.Equal(got.Jobs, []string{"j1", "j5"}) {
		t.Errorf("released %+v", got)
	}
	v.agent.change(func() {
		for i := range v.agent.jobs {
			v.agent.jobs[i].State = "parked"
		}
		v.agent.jobs[1].User = "bob"
	})
	if body := v.page("jobs", "of bob"); strings.Contains(body, `id="release-all"`) {
		t.Error("all is offered with another person's job")
	}
	v.post("jobs/release", url.Values{"printer": {"p1"}}, "My jobs")
	if len(v.agent.released) != 1 {
		t.Error("another person's job is released")
	}
}

func TestCancelAsksFirst(t *testing.T) {
	v := enter(t, nil)
	v.page("jobs/j1?ask=cancel", "Forget this document?", `id="cancel-yes"`, `id="cancel-no"`)
	if len(v.agent.jobs) != 4 {
		t.Fatal("it is canceled by the question")
	}
	if body := v.post("jobs/j1/cancel", nil, "My jobs"); strings.Contains(body, "Letter") || len(v.agent.jobs) != 3 {
		t.Errorf("it is still there:\n%s", body)
	}
}

func TestResolve(t *testing.T) {
	v := enter(t, nil)
	v.post("jobs/j3/resolve", url.Values{"said": {control.PrintAgain}}, "My jobs")
	v.post("jobs/j3/resolve", url.Values{"said": {control.Printed}}, "My jobs")
	if !slices.Equal(v.agent.resolved, []string{"j3 print-again", "j3 printed"}) {
		t.Errorf("resolved %q", v.agent.resolved)
	}
	if code, _ := v.fetch("POST", v.address("jobs/j3/resolve"), url.Values{"said": {"maybe"}}); code == http.StatusOK {
		t.Error("maybe is an answer")
	}
}

func TestPrintersAndFavorites(t *testing.T) {
	v := enter(t, nil)
	body := v.page("printers", "3 printers", "encrypted, printer known", "not encrypted", outcome.Sentence(outcome.ReasonStopped))
	order := func(body string) string {
		return strings.Join(regexp.MustCompile(`<h2>(\w+)</h2>`).FindAllString(body, -1), "")
	}
	if got := order(body); got != "<h2>Cellar</h2><h2>Annex</h2><h2>Lobby</h2>" {
		t.Errorf("the order is %s", got)
	}
	body = v.post("printers/p1/favorite", url.Values{"favorite": {"yes"}}, "No longer a favorite")
	if got := order(body); got != "<h2>Lobby</h2><h2>Cellar</h2><h2>Annex</h2>" {
		t.Errorf("with a favorite the order is %s", got)
	}
	if body := v.page("jobs/j1", "Favorites"); strings.Count(body, `value="p1"`) != 1 {
		t.Error("a favorite does not stand once among the printers")
	}
	v.page("jobs", "Release at Lobby")
	body = v.post("printers/p1/favorite", url.Values{"favorite": {"no"}, "q": {"floor lob"}}, "1 printer", "Make it a favorite")
	if got := order(body); got != "<h2>Lobby</h2>" {
		t.Errorf("a query finds %s", got)
	}
	v.page("printers?q=nowhere", "There is no such printer.")
	if code, _ := v.fetch("POST", v.address("printers/none/favorite"), url.Values{"favorite": {"yes"}}); code != http.StatusNotFound {
		t.Errorf("a printer that is not there: %d", code)
	}
}

func TestDiagnosticsAndAbout(t *testing.T) {
	v := enter(t, nil)
	v.page("diagnostics", "Well:", "This computer has joined a site.", "ipp://localhost:1/ipp/print")
	v.agent.change(func() {
		v.agent.status.Connected, v.agent.status.Damaged, v.agent.status.Warnings = false, 2, []string{"The clock has jumped."}
		v.agent.status.Answers = []control.Answer{{Who: "somebody", Message: "It is nc of user bob."}}
	})
	v.page("diagnostics", "Not well:", "It is not connected to the server.", "Jobs were damaged", "The clock has jumped.", "Another program, or none", "It is nc of user bob.")
	v.page("about", "v0", "Apache License 2.0", "Example")
}

// TestCheckupsAreShown wants the results in the person's language, the worst
// first, whether the agent answers or not, and one run for those who ask at once.
func TestCheckupsAreShown(t *testing.T) {
	runs := 0
	v := enter(t, func(c *Config) {
		c.Checkups = func(context.Context) []checkup.Result {
			runs++
			return []checkup.Result{
				{ID: "agent", Title: "The agent answers", State: checkup.Pass, Summary: "It answers <b>."},
				{ID: "queue", Title: "The print queue leads to the agent", State: checkup.Fail, Summary: "There is none.", Fix: "make one"},
				{ID: "future", Title: "Of a later version", State: checkup.Info, Summary: "Nothing to say."},
			}
		}
	})
	body := v.page("diagnostics", "All checkups", "Wrong", "There is none.", "To do:", "make one", "Of a later version", "It answers &lt;b&gt;.", "printscout doctor")
	if strings.Index(body, "There is none.") > strings.Index(body, "It answers") {
		t.Error("what is wrong does not stand first")
	}
	v.agent.fail(control.ErrUnreachable)
	if code, body := v.fetch("GET", v.address("diagnostics"), nil); code != http.StatusBadGateway || !strings.Contains(body, "service does not answer") || !strings.Contains(body, "There is none.") {
		t.Errorf("without an agent: %d\n%s", code, body)
	}
	if runs != 1 {
		t.Errorf("the checkups ran %d times", runs)
	}
	v.agent.fail(nil)
	v.post("language", url.Values{"language": {"de"}, "back": {"diagnostics"}}, "Alle Prüfungen", "Die Druckerwarteschlange führt zum Agenten", "Zu tun:")
}

// TestProblemsAreSaid has the agent say no, or nothing.
func TestProblemsAreSaid(t *testing.T) {
	v := enter(t, nil)
	for _, x := range []struct {
		err  error
		code int
		want string
	}{
		{control.ErrUnreachable, http.StatusBadGateway, "service does not answer"},
		{control.ErrStranger, http.StatusBadGateway, "Another user runs"},
		{&control.Error{Code: control.CodeBusy, Message: "too much", Hint: "wait"}, http.StatusTooManyRequests, "Try again later"},
		{&control.Error{Code: control.CodeForbidden, Message: "by policy"}, http.StatusForbidden, "by policy"},
		{&control.Error{Code: control.CodeFailed, Message: "disk is full"}, http.StatusInternalServerError, "disk is full"},
		{errPlain, http.StatusInternalServerError, "boiler is cold"},
	} {
		v.agent.fail(x.err)
		for _, path := range []string{"jobs", "jobs/j1", "printers", "diagnostics", "setup/register", "setup/queue"} {
			if code, body := v.fetch("GET", v.address(path), nil); code != x.code || !strings.Contains(body, x.want) {
				t.Errorf("%s with %v: %d\n%s", path, x.err, code, body)
			}
		}
		for _, path := range []string{"jobs/j1/cancel", "jobs/j1/release", "jobs/release", "jobs/j1/resolve", "setup/register", "setup/queue", "printers/p1/favorite"} {
			if code, body := v.fetch("POST", v.address(path), url.Values{}); code != x.code || !strings.Contains(body, x.want) {
				t.Errorf("POST %s with %v: %d\n%s", path, x.err, code, body)
			}
		}
		v.page("about", "v0")
	}
}

// TestWithoutASiteThereAreJobs is for a computer that has not joined one.
func TestWithoutASiteThereAreJobs(t *testing.T) {
	v := enter(t, nil)
	v.agent.change(func() { v.agent.printers, v.agent.status.Enrolled = nil, false })
	v.page("jobs", "Letter")
	v.page("jobs/j1", "There is no such printer.")
	v.page("setup/you", "This computer has not joined a site.")
}

// TestLanguages wants each page in each language, by the browser's choice and by
// the person's own, which goes before.
func TestLanguages(t *testing.T) {
	v := enter(t, nil)
	for tag, want := range map[string]string{"de": "Meine Aufträge", "fr": "Mes travaux", "es": "Mis trabajos", "en": "My jobs"} {
		body := v.post("language", url.Values{"language": {tag}, "back": {"jobs"}}, want, `<html lang="`+tag+`">`)
		for _, path := range []string{"printers", "diagnostics", "about", "setup/welcome", "setup/you", "setup/register", "setup/queue", "setup/test", "setup/done", "jobs/j3", "jobs/j1?ask=cancel"} {
			body += v.page(path, `<html lang="`+tag+`">`)
		}
		for _, key := range regexp.MustCompile(`>\s*((?:jobs?|setup|printers|problem|nav|layout|state|result|release|diagnostics|status|about|choice|grade)\.[a-z._]+)`).FindAllString(body, -1) {
			t.Errorf("%s: a page shows the key %s", tag, key)
		}
	}
	v.post("language", url.Values{"language": {"en"}, "back": {"about"}}, "About Print Scout")
	v.post("language", url.Values{"language": {"xx"}, "back": {"about"}}, `<html lang="en">`, "About Print Scout")
	for _, back := range []string{"//evil.example/", "https://evil.example/", "../x", "nothing", "enter", "", "jobs/j1/cancel"} {
		v.post("language", url.Values{"language": {"en"}, "back": {back}}, "My jobs")
	}
}

func TestTheBrowsersLanguageIsTheFirst(t *testing.T) {
	v := enter(t, nil)
	req, err := http.NewRequest("GET", v.address("jobs"), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Language", "fr-CH, fr;q=0.9, en;q=0.8")
	resp, err := v.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if got := resp.Header.Get("Content-Language"); got != "fr" {
		t.Errorf("the page is in %q", got)
	}
}

// TestReasonsAreInTheLanguage has a reason in words of its own, which only
// English readers get as they are.
func TestReasonsAreInTheLanguage(t *testing.T) {
	v := enter(t, nil)
	v.post("language", url.Values{"language": {"de"}, "back": {"jobs"}}, web.For("de").SayReason(outcome.ReasonConnection, ""), `<p class="note" lang="en">It is too large.</p>`)
}

// TestChangesAreTold opens a stream as the script does.
func TestChangesAreTold(t *testing.T) {
	v := enter(t, nil)
	resp, err := v.http.Get(v.address("events"))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if kind := resp.Header.Get("Content-Type"); kind != "text/event-stream" {
		t.Errorf("it is a %s", kind)
	}
	lines := bufio.NewScanner(resp.Body)
	next := func(want string) {
		t.Helper()
		for lines.Scan() {
			if lines.Text() == want {
				return
			}
			if lines.Text() != "" && lines.Text() != "data: " {
				t.Errorf("the stream says %q", lines.Text())
			}
		}
		t.Fatalf("the stream ends: %v", lines.Err())
	}
	next(": open")
	v.agent.events <- control.Event{Name: control.EventJob, Job: new(control.Job)}
	next("event: changed")
	v.post("jobs/j1/release", url.Values{"printer": {"p1"}}, "Being released")
	next("event: changed")
	// The agent goes and comes back: both are told.
	v.agent.events <- control.Event{}
	next("event: changed")
	next("event: changed")
	v.agent.change(func() {
		if v.agent.listening != 2 {
			t.Errorf("the agent was listened to %d times", v.agent.listening)
		}
	})
}

// TestThePagesEndByThemselves has nobody use them for ten minutes, then with a
// page open.
func TestThePagesEndByThemselves(t *testing.T) {
	v := enter(t, nil)
	resp, err := v.http.Get(v.address("events"))
	if err != nil {
		t.Fatal(err)
	}
	first := bufio.NewReader(resp.Body)
	if _, err := first.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	v.clock.pass(idleTime)
	v.clock.ticks <- v.clock.Now()
	v.page("about", "v0")
	resp.Body.Close()
	v.http.CloseIdleConnections()
	// The end of the stream is noticed when it is written to, or at once.
	for !v.server.idle.isClosed() {
		v.server.changes.tell()
	}
	v.clock.pass(idleTime)
	v.clock.ticks <- v.clock.Now()
	if err := <-v.served; err != nil {
		t.Error(err)
	}
	v.served <- nil
}

// isClosed reports whether no page is open.
func (i *idle) isClosed() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.open == 0
}

// TestPreferencesThatCannotBeKept are no reason to fail a release.
func TestPreferencesThatCannotBeKept(t *testing.T) {
	v := enter(t, func(c *Config) { c.Preferences = preferences.New("/dev/null/none") })
	v.post("jobs/j1/release", url.Values{"printer": {"p1"}}, "Being released")
	if code, body := v.fetch("POST", v.address("printers/p1/favorite"), url.Values{"favorite": {"yes"}}); code != http.StatusInternalServerError || !strings.Contains(body, "Something went wrong") {
		t.Errorf("a favorite: %d\n%s", code, body)
	}
}
