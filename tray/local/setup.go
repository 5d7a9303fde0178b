package local

import (
	"net/http"
	"slices"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/web"
)

// step is one page of the wizard.
type step struct {
	name, title string
	// show fills in what the page of the step shows; do is what its button does
	// and, where that went well, leads on by itself.
	show func(*Server, *http.Request, *setupData) error
	do   func(*Server, http.ResponseWriter, *http.Request)
}

// steps are the wizard's, in their order.
func steps() []step {
	return []step{
		{"welcome", "setup.welcome", (*Server).showWelcome, nil},
		{"you", "setup.you", (*Server).showYou, nil},
		{"register", "setup.register", (*Server).showRegister, (*Server).doRegister},
		{"queue", "setup.queue", (*Server).showQueue, (*Server).doQueue},
		{"test", "setup.test", (*Server).showTest, (*Server).doTest},
		{"done", "setup.done", (*Server).showDone, nil},
	}
}

// stepLink is a step in the list of them: those before this one can be gone
// back to.
type stepLink struct {
	Text, Href string
	Here       bool
}

// setupData is what the pages of the wizard show.
type setupData struct {
	*web.Texts
	Steps    []stepLink
	Rows     []row
	Findings []finding

	goesOn  bool // to the next step
	skips   bool // the step may be left out
	waiting bool // something goes on

	Next, Skip, Again string

	Button           bool   // there is something to do
	Command, Refused string // of the queue
	Print            string // button of the test page
	Choice           choice
	Results          []resultView
	Resolve          bool
}

func (d *setupData) find(well bool, text string) {
	d.Findings = append(d.Findings, finding{Well: well, Text: text})
}

// stepOf returns the step that a request is for.
func stepOf(r *http.Request) (at int, ok bool) {
	at = slices.IndexFunc(steps(), func(s step) bool { return s.name == r.PathValue("step") })
	return at, at >= 0
}

// setupPage shows a step.
func (s *Server) setupPage(w http.ResponseWriter, r *http.Request) {
	at, ok := stepOf(r)
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	all := steps()
	p := s.page(r, all[at].title)
	d := &setupData{Texts: p.Texts}
	if err := all[at].show(s, r, d); err != nil {
		s.fail(w, r, "setup/"+all[at].name, err)
		return
	}
	for i, one := range all {
		l := stepLink{Text: p.Say(one.title), Here: i == at}
		if i < at {
			l.Href = s.base + "setup/" + one.name
		}
		d.Steps = append(d.Steps, l)
	}
	if at+1 < len(all) {
		next := s.base + "setup/" + all[at+1].name
		switch {
		case d.goesOn:
			d.Next = next
		case d.skips:
			d.Skip = next
		}
		if !d.goesOn && !d.waiting {
			d.Again = s.base + "setup/" + all[at].name
		}
	}
	if d.waiting {
		p.Refresh = refreshEvery
	}
	p.Data = d
	s.write(w, http.StatusOK, all[at].name, p)
}

// setupDo does what the button of a step does.
func (s *Server) setupDo(w http.ResponseWriter, r *http.Request) {
	at, ok := stepOf(r)
	if !ok || steps()[at].do == nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	steps()[at].do(s, w, r)
}

func (s *Server) showWelcome(_ *http.Request, d *setupData) error {
	d.goesOn = true
	return nil
}

// showYou says who the kernel says this is, and how the agent is.
func (s *Server) showYou(r *http.Request, d *setupData) error {
	ctx, cancel := asking(r)
	defer cancel()
	d.Rows = rows(row{d.Say("setup.you.account"), s.account})
	st, err := s.agent.Status(ctx)
	if err != nil {
		x, _ := explain(d.Texts, err)
		d.find(false, x.Text)
		return nil
	}
	d.goesOn = true
	d.Rows = append(d.Rows, rows(row{d.Say("setup.you.site"), st.Site})...)
	d.find(true, d.Say("setup.you.answers"))
	switch {
	case !st.Enrolled:
		d.find(false, d.Say("problem.enrolled"))
	case !st.Connected:
		d.find(false, d.Say("setup.you.offline"))
	case st.Pending:
		d.find(false, d.Say("tray.todo.pending"))
	default:
		d.find(true, d.Say("setup.you.connected"))
	}
	return nil
}

// showRegister says what the setting Registration asks of this person.
func (s *Server) showRegister(r *http.Request, d *setupData) error {
	ctx, cancel := asking(r)
	defer cancel()
	st, err := s.agent.Status(ctx)
	if err != nil {
		return err
	}
	switch {
	case st.Registered:
		d.find(true, d.Say("setup.register.already"))
	case st.Registration == "self":
		d.find(false, d.Say("setup.register.self"))
		d.Button = true
	case st.Registration == "administrator":
		d.find(false, d.Say("setup.register.administrator", "Name", s.account))
	default:
		d.find(true, d.Say("setup.register.off"))
	}
	d.goesOn = st.Registered || st.Registration != "self" && st.Registration != "administrator"
	if st.WaitingFor == "registration" && st.Waiting > 0 && !d.goesOn {
		d.find(false, d.Say("setup.register.waiting", "Count", st.Waiting))
	}
	return nil
}

func (s *Server) doRegister(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := asking(r)
	defer cancel()
	if _, err := s.agent.Register(ctx, control.Registration{}); err != nil {
		s.fail(w, r, "setup/register", err)
		return
	}
	s.changes.tell()
	s.goOn(w, r, "setup/register")
}

// showQueue looks for a print queue that leads to the agent.
func (s *Server) showQueue(r *http.Request, d *setupData) error {
	ctx, cancel := asking(r)
	defer cancel()
	st, err := s.agent.Status(ctx)
	if err != nil {
		return err
	}
	d.skips = true
	if why := s.refusedQueue.Load(); why != nil {
		d.Refused = *why
	}
	name, err := s.queues.Find(ctx, st.PrinterURIs)
	if err == nil && name != "" {
		d.goesOn, d.Refused = true, ""
		d.find(true, d.Say("setup.queue.found", "Name", name))
		return nil
	}
	if err != nil {
		s.log.Debug("print queues could not be looked for", "error", err)
		d.find(false, d.Say("setup.queue.unknown"))
	} else {
		d.find(false, d.Say("setup.queue.none"))
	}
	if st.PrinterURI != "" {
		d.Button, d.Command = true, s.queues.Command(st.PrinterURI)
	}
	return nil
}

func (s *Server) doQueue(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := asking(r)
	defer cancel()
	st, err := s.agent.Status(ctx)
	if err != nil {
		s.fail(w, r, "setup/queue", err)
		return
	}
	if err := s.queues.Make(ctx, st.PrinterURI); err != nil {
		s.refusedQueue.Store(new(err.Error()))
	} else {
		s.refusedQueue.Store(nil)
	}
	s.goOn(w, r, "setup/queue")
}

func (s *Server) showDone(*http.Request, *setupData) error { return nil }
