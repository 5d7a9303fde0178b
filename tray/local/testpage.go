package local

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/ipp"
)

// testPage is one page of A4 in the four languages; testpage_test.go makes it.
//
//go:embed testpage.pdf
var testPage []byte

// testTitle is what the job of the test page is called.
const testTitle = "Print Scout test page"

// testPrint is the test page that was printed last.
type testPrint struct {
	mu  sync.Mutex
	job string // "" before one was printed
}

func (t *testPrint) set(job string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.job = job
}

func (t *testPrint) get() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.job
}

// showTest follows the test page from print to paper.
func (s *Server) showTest(r *http.Request, d *setupData) error {
	ctx, cancel := asking(r)
	defer cancel()
	d.skips = true
	id := s.test.get()
	if id == "" {
		d.Print = d.Say("setup.test.print")
		return nil
	}
	printers, err := s.printers(ctx)
	if err != nil {
		return err
	}
	one, released := s.releases.ofJob(id)
	if released {
		d.Results = s.resultViews(d.Texts, one, printers)
	}
	j, err := s.agent.Job(ctx, id)
	if e, ok := errors.AsType[*control.Error](err); ok && e.Code == control.CodeNotFound {
		s.showTestEnded(one, d)
		return nil
	}
	if err != nil {
		return err
	}
	s.showTestJob(j, printers, d)
	return nil
}

// showTestEnded is for a test page that is no longer there.
func (s *Server) showTestEnded(one release, d *setupData) {
	id := s.test.get()
	if slices.ContainsFunc(one.progress.Results, func(x control.Result) bool { return x.Job == id && x.State == "delivered" }) {
		d.goesOn = true
		d.find(true, d.Say("setup.test.delivered"))
	} else if d.waiting = one.id != "" && !one.done(); !d.waiting {
		d.goesOn = true
		d.find(true, d.Say("setup.test.gone"))
	}
	if !d.waiting {
		d.Print = d.Say("setup.test.another")
	}
}

// showTestJob is for one that is still with the agent.
func (s *Server) showTestJob(j control.Job, printers []control.Printer, d *setupData) {
	switch j.State {
	case "parked":
		d.find(true, d.Say("setup.test.parked", "Time", d.SayTime(j.Created)))
		if d.Choice = s.choose(d.Texts, printers); len(printers) == 0 {
			d.find(false, d.Say("printers.none"))
		}
	case "waiting":
		d.find(false, d.Say("setup.test.waiting"))
	case "uncertain":
		d.Resolve = true
	default:
		d.waiting = true
		d.find(true, d.Say("setup.test.releasing"))
	}
}

func (s *Server) doTest(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := asking(r)
	defer cancel()
	var err error
	switch do := r.PostFormValue("do"); do {
	case "print":
		err = s.printTest(ctx)
	case "release":
		_, err = s.release(ctx, control.Release{Jobs: []string{s.test.get()}, Printer: r.PostFormValue("printer")})
	case control.Printed, control.PrintAgain:
		_, err = s.agent.Resolve(ctx, s.test.get(), do)
	}
	if err != nil {
		s.fail(w, r, "setup/test", err)
		return
	}
	s.changes.tell()
	s.goOn(w, r, "setup/test")
}

// printTest prints the test page as an app would, and finds the job that came
// of it.
func (s *Server) printTest(ctx context.Context) error {
	st, err := s.agent.Status(ctx)
	if err != nil {
		return err
	}
	before, err := s.agent.Jobs(ctx)
	if err != nil {
		return err
	}
	if err := sendTest(ctx, st.PrinterURI, s.account); err != nil {
		return err
	}
	after, err := s.agent.Jobs(ctx)
	if err != nil {
		return err
	}
	for _, j := range slices.Backward(after) {
		if j.Title == testTitle && !slices.ContainsFunc(before, func(b control.Job) bool { return b.ID == j.ID }) {
			s.test.set(j.ID)
			return nil
		}
	}
	return errors.New("the printer took the test page, but it is not among the jobs")
}

// sendTest prints at the agent's own printer. The connection is this process's,
// by which the kernel tells the agent whose the job is.
func sendTest(ctx context.Context, uri, account string) error {
	transport := &http.Transport{DisableKeepAlives: true, ResponseHeaderTimeout: askTime, IdleConnTimeout: time.Second}
	defer transport.CloseIdleConnections()
	printer := &ipp.Client{HTTP: &http.Client{Transport: transport}, URI: uri}
	doc := ipp.Document{Reader: bytes.NewReader(testPage), Size: int64(len(testPage))}
	if _, err := printer.Print(ctx, ipp.PrintJob{Title: testTitle, User: account, Format: "application/pdf"}, doc); err != nil {
		return fmt.Errorf("printing the test page: %w", err)
	}
	return nil
}
