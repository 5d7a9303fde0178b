package scout

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/printscout/printscout/cloudlink"
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/durable"
)

// leavingFile, in the state folder, says that this computer is leaving its
// site: from when it is written, the next start finishes that.
const leavingFile = "leaving.json"

// leaving is what leavingFile holds.
type leaving struct {
	Scout   string `json:"scout"`
	Server  string `json:"server"`
	Discard bool   `json:"discard"` // the parked jobs are destroyed
}

// leaveTime bounds how long the server is waited for.
const leaveTime = 10 * time.Second

// Unenroll leaves the site (docs/enrollment.md).
func (s localAPI) Unenroll(ctx context.Context, q control.Leaving) (control.Left, error) {
	s.joining.Lock()
	defer s.joining.Unlock()
	e, _ := s.membership.current()
	if e == nil {
		return control.Left{}, asControlError(errNotEnrolled)
	}
	if err := s.mayLeave(); err != nil {
		return control.Left{}, err
	}
	jobs, err := s.checkJobsLeft(q)
	if err != nil {
		return control.Left{}, err
	}
	left := control.Left{Scout: e.Scout, Site: cmp.Or(e.Site.Name, e.Site.Fingerprint()), Server: e.Server}
	mark := leaving{e.Scout, e.Server, q.Jobs == control.DiscardJobs}
	if err := writeJSON(s.membership.filePath(leavingFile), mark); err != nil {
		return control.Left{}, fmt.Errorf("noting that this computer leaves its site: %w", err)
	}
	left.ServerTold = s.tellServerLeaving(ctx)
	if err := s.leaveSite(mark); err != nil {
		return control.Left{}, err
	}
	if mark.Discard {
		left.Discarded = jobs
	} else {
		left.Kept = jobs
	}
	s.log.Info("left the site", "scout", e.Scout, "server", e.Server, "server_told", left.ServerTold, "kept", left.Kept, "discarded", left.Discarded)
	s.siteChanged()
	return left, nil
}

// checkJobsLeft returns how many jobs are parked, or why they do not let this
// computer leave.
func (s *Scout) checkJobsLeft(q control.Leaving) (jobs int, err error) {
	busy := 0
	s.table.forEachJob(func(j *job) {
		jobs++
		if j.note.State == Releasing {
			busy++
		}
	})
	switch {
	case busy > 0:
		return 0, &control.Error{Code: control.CodeConflict, Message: fmt.Sprintf("%d jobs are being printed", busy), Hint: "wait until they are, or cancel them: printscout job list"}
	case jobs > 0 && q.Jobs == "":
		return 0, &control.Error{Code: control.CodeConflict, Message: fmt.Sprintf("%d jobs are parked on this computer", jobs),
			Hint: "release them first, or say --keep-jobs, which leaves them parked until this computer joins a site again or they expire, or --discard-jobs, which destroys them"}
	}
	return jobs, nil
}

// tellServerLeaving reports whether the server has said that it no longer
// knows this computer.
func (s *Scout) tellServerLeaving(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, leaveTime)
	defer cancel()
	link := s.currentLink()
	if link == nil {
		return false
	}
	err := link.Leave(ctx)
	if err != nil && !errors.Is(err, cloudlink.ErrOffline) {
		s.log.Warn("the server has not answered that this computer left", "error", err)
	}
	return err == nil
}

// leaveStep is one step of leaving. Each may be done again after an
// interruption.
type leaveStep struct {
	name string
	do   func(leaving) error
}

// leaveSteps are what follows once leavingFile is written, in this order.
func (s *Scout) leaveSteps() []leaveStep {
	m := s.membership
	return []leaveStep{
		{"the jobs", s.discardJobs},
		{"the scout's key", func(leaving) error { return s.removeSecret(signKey) }},
		{"the key of an unfinished attempt to join", func(leaving) error { return s.removeSecret(joiningKey) }},
		{"the directory", func(leaving) error { return m.removeFile(directoryFile) }},
		{"the orders", func(leaving) error { return s.orders.forgetFinished() }},
		{"the enrollment", func(leaving) error { return m.removeFile(enrollmentFile) }},
		{"the key of the enrollment", func(leaving) error { return s.keys.Save(bindingKey, randomKey()) }},
		{"the note", func(leaving) error { return m.removeFile(leavingFile) }},
	}
}

// leaveSite removes what belongs to the site.
func (s *Scout) leaveSite(l leaving) error {
	for _, step := range s.leaveSteps() {
		if err := step.do(l); err != nil {
			return &control.Error{Code: control.CodeFailed, Message: fmt.Sprintf("leaving the site: removing %s: %v", step.name, err),
				Hint: "the next start of the agent goes on with it; if it cannot, its log says why"}
		}
	}
	s.membership.forget()
	return nil
}

// discardJobs destroys the parked jobs, if that was asked for.
func (s *Scout) discardJobs(l leaving) error {
	if !l.Discard {
		return nil
	}
	for _, j := range s.table.matchingJobs(func(j *job) bool { return j.note.State != Releasing }) {
		s.examiner.stopReading(j.id)
		s.pins.forgetJob(j.id)
		if err := s.table.removeJob(j.id, Canceled); err != nil {
			return err
		}
		s.tellQueue(j)
	}
	return nil
}

// finishLeaving finishes what an interruption has left of leaving the site.
func (s *Scout) finishLeaving() error {
	var l leaving
	noted, err := readKept(s.membership.filePath(leavingFile), func(raw []byte) error { return json.Unmarshal(raw, &l) })
	if err != nil || !noted {
		return err
	}
	s.log.Warn("this computer was leaving its site when the agent stopped, and has left it now; whether the server knows is not certain: an administrator looks there with scoutcloud scout list",
		"scout", l.Scout, "server", l.Server)
	return s.leaveSite(l)
}

// removeFile removes a file of the state folder for good; it need not be there.
func (m *membership) removeFile(name string) error {
	path := m.filePath(name)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return durable.SyncFolder(filepath.Dir(path))
}

// forget makes this computer one that has joined no site; what is on disk is
// the caller's.
func (m *membership) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.enrollment, m.directory = nil, nil
}

// forgetFinished forgets all orders that are not being carried out.
func (l *orderLog) forgetFinished() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, e := range l.orders {
		if e.Result != nil {
			delete(l.orders, id)
		}
	}
	return l.compact()
}
