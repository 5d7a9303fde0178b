package local

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/internal/outcome"
)

// offers reports whether a page of the wizard leads on.
func offers(body, id string) bool { return strings.Contains(body, `id="`+id+`"`) }

func TestWizardBegins(t *testing.T) {
	v := enter(t, func(c *Config) { c.First = FirstSetup })
	if body := v.page("setup/welcome", "Print from any app", `aria-current="step"`); !offers(body, "next") {
		t.Error("welcome does not go on")
	}
	if body := v.page("setup/you", "Your account", v.server.account, "Example"); !offers(body, "next") {
		t.Error("you does not go on")
	}
	v.agent.fail(control.ErrUnreachable)
	if body := v.page("setup/you", "service does not answer"); offers(body, "next") || !offers(body, "again") {
		t.Error("without an agent it goes on, or cannot be tried again")
	}
}

// TestRegistration has each value of the setting, before and after.
func TestRegistration(t *testing.T) {
	v := enter(t, nil)
	for _, x := range []struct {
		registration     string
		registered       bool
		want             string
		goesOn, hasThing bool
	}{
		{"off", false, "Nobody has to register", true, false}, {"", false, "Nobody has to register", true, false},
		{"self", false, "waits until you have registered", false, true}, {"self", true, "You have registered.", true, false},
		{"administrator", false, "name of your account: " + v.server.account, false, false}, {"administrator", true, "You have registered.", true, false},
	} {
		v.agent.change(func() {
			v.agent.status.Registration, v.agent.status.Registered = x.registration, x.registered
			v.agent.status.Waiting, v.agent.status.WaitingFor = 2, "registration"
		})
		body := v.page("setup/register", x.want)
		if offers(body, "next") != x.goesOn || offers(body, "register") != x.hasThing {
			t.Errorf("%s, registered %v: goes on %v, button %v", x.registration, x.registered, offers(body, "next"), offers(body, "register"))
		}
		if strings.Contains(body, "2 documents wait for it.") == x.goesOn {
			t.Errorf("%s, registered %v: what waits is said or not:\n%s", x.registration, x.registered, body)
		}
	}
	v.agent.change(func() { v.agent.status.Registration, v.agent.status.Registered = "self", false })
	v.post("setup/register", nil, "You have registered.")
	if v.agent.registered != 1 {
		t.Errorf("registered %d times", v.agent.registered)
	}
}

func TestQueueStep(t *testing.T) {
	v := enter(t, nil)
	body := v.page("setup/queue", "No print queue", "sudo make-queue ipp://localhost:1/ipp/print")
	if !offers(body, "make-queue") || !offers(body, "skip") || offers(body, "next") {
		t.Errorf("without a queue:\n%s", body)
	}
	v.queues.err = errors.New("lpadmin: Forbidden")
	v.post("setup/queue", nil, "did not let you", "lpadmin: Forbidden", "sudo make-queue")
	v.queues.err = nil
	body = v.post("setup/queue", nil, "Apps print at the queue PrintScout.")
	if !offers(body, "next") || offers(body, "make-queue") || strings.Contains(body, "Forbidden") || v.queues.made != "ipp://localhost:1/ipp/print" {
		t.Errorf("with a queue, made for %q:\n%s", v.queues.made, body)
	}
}

// printer is one that takes the test page and makes a job of it, as the agent
// would.
func printer(t *testing.T, a *fakeAgent, state string) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m := new(goipp.Message)
		if err := m.Decode(r.Body); err != nil {
			t.Error(err)
		}
		doc, err := io.ReadAll(r.Body)
		if err != nil || string(doc) != string(testPage) || goipp.Op(m.Code) != goipp.OpPrintJob {
			t.Errorf("%v with %d bytes, %v", goipp.Op(m.Code), len(doc), err)
		}
		a.change(func() {
			j := a.jobs[0]
			j.ID, j.State, j.Title = "test", state, ipp.String(m.Operation, "job-name")
			a.jobs = append(a.jobs, j)
		})
		answer := ipp.NewResponse(m, goipp.StatusOk)
		answer.Job.Add(goipp.MakeAttr("job-id", goipp.TagInteger, goipp.Integer(1)))
		ipp.WriteResponse(w, answer)
	}))
	t.Cleanup(s.Close)
	a.change(func() {
		a.status.PrinterURI = strings.Replace(s.URL, "http:", "ipp:", 1) + "/ipp/print"
	})
}

// TestTestPageGoesTheWholeWay prints it, sees it parked, has it refused by one
// printer, uncertain at another, and delivered.
func TestTestPageGoesTheWholeWay(t *testing.T) {
	v := enter(t, nil)
	printer(t, v.agent, "parked")
	if body := v.page("setup/test", "A test page shows the whole way"); !offers(body, "print-test") || !offers(body, "skip") {
		t.Errorf("at first:\n%s", body)
	}
	if body := v.post("setup/test", url.Values{"do": {"print"}}, "Nothing came out anywhere"); !offers(body, "release-test") || offers(body, "next") {
		t.Errorf("parked:\n%s", body)
	}
	release := url.Values{"do": {"release"}, "printer": {"p1"}}
	v.post("setup/test", release, "on its way to the printer", `http-equiv="refresh"`)
	ended := func(state outcome.State, reason, becomes string) {
		v.agent.change(func() {
			i, err := v.agent.at("test")
			if err != nil {
				t.Fatal(err)
			}
			v.agent.jobs[i].State = becomes
		})
		v.agent.ends <- control.Result{Job: "test", Printer: "p1", Result: outcome.Result{State: state, Reason: reason}}
	}
	ended(outcome.NotSent, outcome.ReasonUnreachable, "parked")
	v.until("setup/test", outcome.Sentence(outcome.ReasonUnreachable))
	v.page("setup/test", "Not printed", `id="release-test"`)

	v.post("setup/test", release)
	ended(outcome.Uncertain, outcome.ReasonConnection, "uncertain")
	v.until("setup/test", "was it printed?")
	v.post("setup/test", url.Values{"do": {control.PrintAgain}})
	v.agent.change(func() {
		i, _ := v.agent.at("test")
		v.agent.jobs[i].State = "parked"
	})
	v.post("setup/test", release)
	ended(outcome.Delivered, "", "releasing")
	v.until("setup/test", "The printer has the whole test page.")
	if body := v.page("setup/test"); !offers(body, "next") || offers(body, "skip") || !offers(body, "print-test") {
		t.Errorf("delivered:\n%s", body)
	}
	v.page("setup/done", "printscout open")
}

func TestTestPageOfAnUnregisteredPerson(t *testing.T) {
	v := enter(t, nil)
	printer(t, v.agent, "waiting")
	v.post("setup/test", url.Values{"do": {"print"}}, "waits until you have registered")
	v.agent.change(func() { v.agent.jobs = nil })
	v.page("setup/test", "The test page is no longer there.", "Print another test page")
}

// TestTestPageThatCannotBePrinted has no printer at the address.
func TestTestPageThatCannotBePrinted(t *testing.T) {
	v := enter(t, nil)
	if code, body := v.fetch("POST", v.address("setup/test"), url.Values{"do": {"print"}}); code != http.StatusInternalServerError || !strings.Contains(body, "printing the test page") {
		t.Errorf("%d\n%s", code, body)
	}
}
