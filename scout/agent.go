package scout

import (
	"cmp"
	"context"
	"errors"
	"iter"

	"github.com/google/uuid"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/outcome"
	"github.com/printscout/printscout/vault"
)

// localAPI implements the local API: the agent as the command line and the
// tray see it.
type localAPI struct{ *Scout }

// Status returns the state of the agent, and counts only the caller's own
// jobs.
func (s localAPI) Status(c control.Caller) control.Status {
	st := s.statusWithoutAnswers(c)
	st.Answers = s.portAnswers(s.releasing)
	return st
}

// statusWithoutAnswers is Status without a check of who answers on the port.
func (s localAPI) statusWithoutAnswers(c control.Caller) control.Status {
	e, d := s.membership.current()
	condition := intake(s).Condition()
	st := control.Status{
		Version: s.cfg.Version, Started: s.started, PrinterURIs: s.printerURIs(),
		Accepting: condition.Accepting, Message: condition.Message,
		Damaged: len(s.vault.Damaged()), Warnings: s.statusWarnings(), KeysAtRest: string(s.keys.Rest().How),
	}
	if len(st.PrinterURIs) > 0 {
		st.PrinterURI = st.PrinterURIs[0]
	}
	mine := ownedBy(c)
	s.table.forEachJob(func(j *job) {
		if !mine(j) {
			return
		}
		st.Jobs++
		if j.note.State == Waiting {
			st.Waiting++
		}
		st.Bytes += j.sealed
	})
	if d != nil {
		st.DirectoryRevision, st.Printers = d.Revision, len(d.Printers)
	}
	if e != nil {
		st.Enrolled, st.Scout, st.Site, st.Server = true, e.Scout, cmp.Or(e.Site.Name, e.Site.Fingerprint()), e.Server
		st.ServerPin = e.ServerPin
		st.SiteEpoch, st.SiteFingerprint = e.Site.Epoch, e.Site.Fingerprint()
	}
	st.Registration, st.Registered = s.liveSettings().Registration, s.people.isRegistered(userOf(c))
	s.addSettings(&st)
	if st.Waiting > 0 {
		st.WaitingFor = "registration"
	}
	st.Identify = s.recentIdentify()
	if link := s.currentLink(); link != nil {
		l := link.Status()
		st.Connected, st.Since, st.LastError, st.Pending = l.Connected, l.Since, l.LastError, l.Pending
	}
	s.statusOfBundle(&st)
	return st
}

// recentIdentify returns what a client asked the printer to show within
// identifyTime, "" for nothing.
func (s *Scout) recentIdentify() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.identified.at.IsZero() || s.now().Sub(s.identified.at) > identifyTime {
		return ""
	}
	return s.identified.message
}

// Jobs lists the caller's jobs; for an administrator, all jobs.
func (s localAPI) Jobs(c control.Caller) iter.Seq[control.Job] {
	mine := s.table.eachMatching(ownedBy(c))
	return func(yield func(control.Job) bool) {
		more := true
		mine(func(j job) bool { more = yield(s.controlJob(&j)); return more })
		for _, j := range s.refused.listFor(c) {
			if more = more && yield(j.controlJob()); !more {
				return
			}
		}
	}
}

// Job returns one of the caller's jobs.
func (s localAPI) Job(c control.Caller, id string) (control.Job, error) {
	j, err := s.table.findOwned(c, id)
	if r, ok := s.refused.findFor(c, id); err != nil && ok {
		return r.controlJob(), nil
	}
	return s.controlJob(&j), err
}

// Cancel forgets one of the caller's jobs. A job that is being sent is
// canceled at the printer, if the printer allows it.
func (s localAPI) Cancel(_ context.Context, c control.Caller, id string) (control.Job, error) {
	j, err := s.table.findOwned(c, id)
	if r, ok := s.refused.findFor(c, id); err != nil && ok {
		s.refused.dismiss(r.id)
		return r.controlJob(), nil
	}
	if err != nil {
		return control.Job{}, err
	}
	if j.cancel != nil {
		j.cancel(errCanceledByPerson)
		return j.controlJob(), nil
	}
	if err := s.table.endJob(j.id, Canceled); err != nil {
		return control.Job{}, asControlError(err)
	}
	s.log.Info("job canceled", "job", j.id)
	s.forgetJob(j.id, Canceled)
	s.tellQueue(j)
	j.note = note{State: Canceled, Info: j.note.Info, Found: j.note.Found}
	return j.controlJob(), nil
}

// Release starts printing jobs of the caller. An uncertain job has to be
// resolved first.
func (s localAPI) Release(c control.Caller, req control.Release) (control.Report, error) {
	printer, err := s.membership.findPrinter(req.Printer)
	if err != nil {
		return control.Report{}, asControlError(err)
	}
	ids, err := s.jobsToRelease(c, req)
	if err != nil {
		return control.Report{}, err
	}
	r := &release{id: "local-" + uuid.NewString(), begun: s.now(), done: make(chan struct{}), owner: c.UID, results: make([]control.Result, len(ids))}
	if err := s.releases.add(r); err != nil {
		return control.Report{}, err
	}
	if !s.beginWork() {
		close(r.done)
		return control.Report{}, &control.Error{Code: control.CodeFailed, Message: "the agent is stopping", Hint: "try again in a moment"}
	}
	for i, id := range ids {
		r.setResult(i, s.initialResult(id, printer.Name, req.PIN))
	}
	go func() {
		defer s.working.Done()
		s.runRelease(r, ids, printer)
	}()
	return r.report(), nil
}

// initialResult returns the first result of a job's release, which is final if
// the job needs a PIN that was not given. No PIN is checked once the agent is
// stopping.
func (s localAPI) initialResult(id uuid.UUID, printer string, given []byte) control.Result {
	if j, ok := s.table.jobByID(id); ok && !s.isStopping() {
		if refused := s.checkPIN(&j, printer, given, false); refused != nil {
			return *refused
		}
	}
	return control.Result{Job: id.String(), Printer: printer, Result: outcome.Result{State: control.Releasing}, Evidence: []string{}}
}

// jobsToRelease returns the ids of the jobs that a request names, if the
// caller may release all of them.
func (s localAPI) jobsToRelease(c control.Caller, req control.Release) ([]uuid.UUID, error) {
	if req.All == (len(req.Jobs) > 0) {
		return nil, &control.Error{Code: control.CodeUsage, Message: "name the jobs to release, or say all"}
	}
	if req.All {
		mine := ownedBy(c)
		return s.table.matchingIDs(func(j *job) bool {
			return mine(j) && j.note.State == Parked && s.mayRelease(c, j) == nil
		}), nil
	}
	for _, id := range req.Jobs {
		if r, ok := s.refused.findFor(c, id); ok {
			return nil, &control.Error{Code: control.CodeConflict, Message: "job " + r.id.String() + " was refused, and nothing of it is here", Hint: "print it again"}
		}
	}
	ids, err := s.table.resolveNames(c, req.Jobs)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		j, ok := s.table.jobByID(id)
		if !ok {
			return nil, noSuchJob(id.String())
		}
		if err := s.mayRelease(c, &j); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// Wait returns the state of one of the caller's releases once it is done or
// ctx ends.
func (s localAPI) Wait(ctx context.Context, c control.Caller, id string) (control.Report, error) {
	r := s.releases.findFor(c, id)
	if r == nil {
		return control.Report{}, &control.Error{Code: control.CodeNotFound, Message: "there is no such release of yours", Hint: "printscout job list shows what became of your jobs"}
	}
	select {
	case <-r.done:
	case <-ctx.Done():
	}
	return r.report(), nil
}

// Printers lists the site's directory, with what the last release of the
// caller's jobs has shown of each printer.
func (s localAPI) Printers(c control.Caller) (iter.Seq[control.Printer], error) {
	e, d := s.membership.current()
	if e == nil {
		return nil, asControlError(errNotEnrolled)
	}
	return func(yield func(control.Printer) bool) {
		if d == nil {
			return
		}
		for _, p := range d.Printers {
			v := controlPrinter(p)
			v.Last = s.hub.lastSeen(ownName(c), p.ID)
			if !yield(v) {
				return
			}
		}
	}, nil
}

func controlPrinter(p directory.Printer) control.Printer {
	return control.Printer{
		ID: p.ID, Name: p.Name, Location: p.Location, URIs: p.URIs, Pinned: p.Pin != "", Floor: string(p.Floor),
		Pin: p.Pin, Formats: p.Formats, UUID: p.UUID, Serial: p.Serial, OldTLS: p.OldTLS, SNMP: p.SNMP,
	}
}

// asControlError gives an error of the agent a code that a command line can
// act on.
func asControlError(err error) error {
	switch {
	case errors.Is(err, errNotEnrolled):
		return &control.Error{Code: control.CodeNotEnrolled, Message: err.Error(), Hint: "ask your administrator for a bundle and run: printscout enroll FILE"}
	case errors.Is(err, directory.ErrNoPrinter):
		return &control.Error{Code: control.CodeNotFound, Message: err.Error(), Hint: "printscout printer list shows the printers of your site"}
	case errors.Is(err, errState):
		return &control.Error{Code: control.CodeConflict, Message: err.Error()}
	case errors.Is(err, vault.ErrNotFound):
		return &control.Error{Code: control.CodeNotFound, Message: err.Error()}
	}
	return err
}
