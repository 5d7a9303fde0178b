package spooler

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// drawer is a shelf that is a Holder.
type drawer struct {
	*shelf
	fail   error    // of its methods
	done   []string // what was asked, in order
	paused bool
}

// note writes down the number that the job of the uuid was parked with.
func (d *drawer) note(what, uuid string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	id := 0
	for _, p := range d.parked {
		if p.ticket.JobUUID == uuid {
			id = p.ticket.JobID
		}
	}
	d.done = append(d.done, fmt.Sprint(what, id))
	return d.fail
}

func (d *drawer) Unhold(uuid string) error { return d.note("unhold ", uuid) }
func (d *drawer) Drop(uuid string) error   { return d.note("drop ", uuid) }

func (d *drawer) Restart(uuid string, held bool) error {
	return d.note(fmt.Sprint("restart ", held, " "), uuid)
}

func (d *drawer) SetPaused(paused bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fail == nil {
		d.paused = paused
	}
	return d.fail
}

func (d *drawer) Condition() Condition {
	c := d.shelf.Condition()
	d.mu.Lock()
	defer d.mu.Unlock()
	c.Paused = d.paused
	return c
}

// asked returns what was asked of it since it was asked last.
func (d *drawer) asked() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	defer func() { d.done = nil }()
	return d.done
}

func holding(c *Config) { c.Intake = &drawer{shelf: c.Intake.(*shelf)} }

const (
	waitsHeld = "job-incoming job-hold-until-specified"
	isDone    = "job-completed-successfully"
)

func (r *rig) held() goipp.Attribute { return ipp.Keyword("job-hold-until", "indefinite") }

// printHeld parks a job that is held.
func (r *rig) printHeld() int {
	r.Helper()
	m := r.request(goipp.OpPrintJob)
	m.Job.Add(r.held())
	id, _ := ipp.Int(r.do(goipp.StatusOk, m, pdf()...).Job, "job-id")
	r.wantState(id, ipp.JobHeld, heldReason)
	return id
}

func TestHeldJobIsParkedAndLetGo(t *testing.T) {
	r := start(t, holding)
	d := r.p.cfg.Intake.(*drawer)
	id := r.printHeld()
	k := r.shelf.only(t).ticket
	var m goipp.Message
	if err := m.DecodeBytes(k.Attributes); err != nil || !k.Held || len(m.Job) != 0 {
		t.Errorf("ticket %+v, of a job with %v, %v", k, m.Job, err)
	}
	job := ipp.Integer("job-id", id)
	r.do(goipp.StatusErrorNotPossible, r.request(goipp.OpSendDocument, job, lastDocument(true)), pdf()...)
	r.do(goipp.StatusOk, r.request(goipp.OpHoldJob, job))
	if n := len(r.do(goipp.StatusOk, r.request(goipp.OpGetJobs)).Groups) - 1; n != 1 || len(d.asked()) != 0 {
		t.Errorf("%d jobs in the queue, %v", n, d.done)
	}
	d.set(func(*shelf) { d.fail = errors.New("disk") })
	r.do(goipp.StatusErrorInternal, r.request(goipp.OpReleaseJob, job))
	r.wantState(id, ipp.JobHeld, heldReason)
	d.set(func(*shelf) { d.fail = nil })
	r.do(goipp.StatusOk, r.request(goipp.OpReleaseJob, job))
	r.wantState(id, ipp.JobCompleted, isDone)
	if got := d.asked(); !slices.Equal(got, []string{"unhold 1", "unhold 1"}) {
		t.Errorf("asked %v", got)
	}
	r.do(goipp.StatusErrorNotPossible, r.request(goipp.OpReleaseJob, job))
	r.do(goipp.StatusErrorNotPossible, r.request(goipp.OpHoldJob, job))
	if open, _ := r.p.jobs.countOpen(); open != 0 {
		t.Errorf("%d jobs are open", open)
	}
}

func TestHeldJobIsCanceled(t *testing.T) {
	r := start(t, holding)
	d := r.p.cfg.Intake.(*drawer)
	job := ipp.Integer("job-id", r.printHeld())
	bob := ipp.NewRequest(ipp.Version20, goipp.OpReleaseJob, r.client.URI)
	bob.Operation.Add(job)
	bob.Operation.Add(ipp.Name("requesting-user-name", "bob"))
	r.do(goipp.StatusErrorNotAuthorized, bob)
	d.set(func(*shelf) { d.fail = errors.New("disk") })
	r.do(goipp.StatusErrorNotPossible, r.request(goipp.OpCancelJob, job))
	r.wantState(1, ipp.JobHeld, heldReason)
	d.set(func(*shelf) { d.fail = nil })
	r.do(goipp.StatusOk, r.request(goipp.OpCancelJob, job))
	r.wantState(1, ipp.JobCanceled, "job-canceled-by-user")
	if got := d.asked(); !slices.Equal(got, []string{"drop 1", "drop 1"}) {
		t.Errorf("asked %v", got)
	}
}

func TestHeldJobThatIsGone(t *testing.T) {
	r := start(t, holding)
	d := r.p.cfg.Intake.(*drawer)
	d.fail = ErrNoJob
	r.printHeld()
	r.do(goipp.StatusErrorNotPossible, r.request(goipp.OpReleaseJob, ipp.Integer("job-id", 1)))
	r.wantState(1, ipp.JobAborted, "aborted-by-system")
	r.printHeld()
	second := d.parked[1].ticket.JobUUID
	r.p.ReportGone(2, "urn:uuid:another")
	r.p.ReportGone(77, second)
	r.wantState(2, ipp.JobHeld, heldReason)
	r.p.ReportGone(2, second)
	r.wantState(2, ipp.JobAborted, "aborted-by-system")
	if open, _ := r.p.jobs.countOpen(); open != 0 {
		t.Errorf("%d jobs are open", open)
	}
}

func TestHoldBeforeTheDocument(t *testing.T) {
	r := start(t, holding)
	job := ipp.Integer("job-id", r.create())
	r.do(goipp.StatusErrorAttributesOrValues, r.request(goipp.OpHoldJob, job, ipp.Keyword("job-hold-until", "night")))
	r.do(goipp.StatusOk, r.request(goipp.OpHoldJob, job))
	r.wantState(1, ipp.JobHeld, waitsHeld)
	r.do(goipp.StatusOk, r.request(goipp.OpReleaseJob, job))
	r.wantState(1, ipp.JobPending, "job-incoming")
	r.do(goipp.StatusErrorNotPossible, r.request(goipp.OpReleaseJob, job))
	set := r.request(goipp.OpSetJobAttributes, job)
	set.Job.Add(r.held())
	r.do(goipp.StatusOk, set)
	r.do(goipp.StatusOk, r.request(goipp.OpSendDocument, job, lastDocument(true)), pdf()...)
	r.wantState(1, ipp.JobHeld, heldReason)
	set.Job = goipp.Attributes{goipp.MakeAttr("job-hold-until", goipp.TagDeleteAttr, goipp.Void{})}
	r.do(goipp.StatusOk, set)
	r.wantState(1, ipp.JobCompleted, isDone)
}

func TestHeldJobWithoutDocumentExpires(t *testing.T) {
	r := start(t, holding, func(c *Config) { c.Limits.JobTimeout = time.Millisecond })
	m := r.request(goipp.OpCreateJob)
	m.Job.Add(r.held())
	r.do(goipp.StatusOk, m)
	for {
		if s, _ := r.state(1); s == ipp.JobAborted {
			return
		}
	}
}

func TestHeldJobsOfBeforeARestart(t *testing.T) {
	past := func(c *Config) { c.Past = []Past{{JobID: 7, JobUUID: "urn:uuid:x", User: "alice", Held: true}} }
	r := start(t, holding, past)
	r.wantState(7, ipp.JobHeld, heldReason)
	r.do(goipp.StatusOk, r.request(goipp.OpReleaseJob, ipp.Integer("job-id", 7)))
	r.wantState(7, ipp.JobCompleted, isDone)
	start(t, past).wantState(7, ipp.JobCompleted, isDone)
}

func TestNothingIsHeldWithoutAHolder(t *testing.T) {
	r := start(t)
	m := r.request(goipp.OpPrintJob)
	m.Job.Add(r.held())
	r.do(goipp.StatusOkIgnoredOrSubstituted, m, pdf()...)
	r.wantState(1, ipp.JobCompleted, isDone)
	r.do(goipp.StatusErrorOperationNotSupported, r.request(goipp.OpHoldJob, ipp.Integer("job-id", 1)))
	if r.shelf.only(t).ticket.Held {
		t.Error("held")
	}
}

func TestSetJobAttributes(t *testing.T) {
	r := start(t)
	job := ipp.Integer("job-id", r.create())
	set := func(want goipp.Status, attrs ...goipp.Attribute) *goipp.Message {
		m := r.request(goipp.OpSetJobAttributes, job)
		m.Job = attrs
		return r.do(want, m)
	}
	set(goipp.StatusErrorBadRequest)
	if a := set(goipp.StatusErrorAttributesNotSettable, ipp.Integer("job-id", 2), ipp.Integer("copies", 3)); len(a.Unsupported) != 1 || a.Unsupported[0].Values[0].T != goipp.TagNotSettable {
		t.Errorf("told %v", a.Unsupported)
	}
	set(goipp.StatusErrorAttributesOrValues, ipp.Integer("copies", 0))
	set(goipp.StatusOk, ipp.Integer("copies", 3), ipp.Keyword("sides", "one-sided"))
	set(goipp.StatusOk, ipp.Integer("copies", 4), goipp.MakeAttr("sides", goipp.TagDeleteAttr, goipp.Void{}))
	r.do(goipp.StatusOk, r.request(goipp.OpSendDocument, job, lastDocument(true)), pdf()...)
	if k := r.shelf.only(t).ticket; k.Copies != 4 || k.Sides != "" {
		t.Errorf("ticket %+v", k)
	}
	set(goipp.StatusErrorNotPossible, ipp.Integer("copies", 5))
}

func TestPassword(t *testing.T) {
	var said bytes.Buffer
	r := start(t, func(c *Config) {
		c.Passwords = true
		c.Log = slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	secret := func(s string) goipp.Attribute {
		return goipp.MakeAttr("job-password", goipp.TagString, goipp.Binary(s))
	}
	none := ipp.Keyword("job-password-encryption", "none")
	r.do(goipp.StatusOk, r.request(goipp.OpPrintJob, secret("4711-x"), none), pdf()...)
	k := r.shelf.only(t).ticket
	if k.Password != "4711-x" {
		t.Error("the password did not come")
	}
	if s := fmt.Sprintf("%v %+v %#v %s", k, k, k, k.Password); bytes.Contains([]byte(s), []byte("4711-x")) {
		t.Errorf("shown: %s", s)
	}
	slog.New(slog.NewTextHandler(&said, nil)).Info("x", "password", k.Password)
	var all []byte
	for want, attrs := range map[goipp.Status][]goipp.Attribute{
		goipp.StatusErrorAttributesOrValues: {secret("4711-x"), ipp.Keyword("job-password-encryption", "md5")},
		goipp.StatusErrorBadRequest:         {secret(""), none},
		goipp.StatusOk:                      {secret("4711-x"), none},
	} {
		b, _ := r.do(want, r.request(goipp.OpCreateJob, attrs...)).EncodeBytes()
		all = append(all, b...)
	}
	b, _ := r.do(goipp.StatusOk, r.request(goipp.OpGetJobAttributes, ipp.Integer("job-id", 1))).EncodeBytes()
	if bytes.Contains(append(all, b...), []byte("4711-x")) || bytes.Contains(said.Bytes(), []byte("4711-x")) {
		t.Error("the password is told")
	}
	plain := start(t)
	a := plain.do(goipp.StatusOkIgnoredOrSubstituted, plain.request(goipp.OpPrintJob, secret("4711-x"), none), pdf()...)
	if k := plain.shelf.only(t).ticket; k.Password != "" || bytes.Contains(bytesOf(t, a), []byte("4711-x")) {
		t.Error("a password is taken, or told, where none is asked for")
	}
}

func TestDocumentOperations(t *testing.T) {
	r := start(t)
	job, one := ipp.Integer("job-id", r.create()), ipp.Integer("document-number", 1)
	if a := r.do(goipp.StatusOk, r.request(goipp.OpGetDocuments, job)); len(a.Groups) != 1 {
		t.Errorf("of a job without document: %v", a.Groups)
	}
	r.do(goipp.StatusErrorNotFound, r.request(goipp.OpGetDocumentAttributes, job, one))
	r.do(goipp.StatusErrorNotFound, r.request(goipp.OpCancelDocument, job, one))
	r.do(goipp.StatusOk, r.request(goipp.OpSendDocument, job, lastDocument(true), ipp.MIME("document-format", "application/pdf")), pdf()...)
	if a := r.do(goipp.StatusOk, r.request(goipp.OpGetDocuments, job)); len(a.Document) != 1 || !a.Document[0].Equal(one) {
		t.Errorf("listed as %v", a.Document)
	}
	a := r.do(goipp.StatusOk, r.request(goipp.OpGetDocumentAttributes, job, one))
	for name, want := range map[string]string{"document-state": "9", "document-format": "application/pdf", "impressions": "3", "k-octets": "1"} {
		if got, _ := ipp.Find(a.Document, name); got.Values.String() != want {
			t.Errorf("%s is %s, want %s", name, got.Values, want)
		}
	}
	r.do(goipp.StatusErrorBadRequest, r.request(goipp.OpGetDocumentAttributes, job))
	r.do(goipp.StatusErrorNotFound, r.request(goipp.OpGetDocumentAttributes, job, ipp.Integer("document-number", 2)))
	r.do(goipp.StatusErrorNotPossible, r.request(goipp.OpCancelDocument, job, one))
	r.do(goipp.StatusOk, r.request(goipp.OpValidateDocument, ipp.MIME("document-format", "image/urf")))
	r.do(goipp.StatusErrorDocumentFormatNotSupported, r.request(goipp.OpValidateDocument, ipp.MIME("document-format", "image/png")))
	r.do(goipp.StatusOk, r.request(opGetUserPrinterAttributes))
}

func TestCancelDocumentWhileItComes(t *testing.T) {
	r := start(t)
	m := r.request(goipp.OpPrintJob)
	coming := make(chan struct{}, 1)
	r.shelf.set(func(s *shelf) {
		s.wrote = func(*parcel) {
			select {
			case coming <- struct{}{}:
			default:
			}
		}
	})
	c := r.dial()
	b := bytesOf(t, m)
	fmt.Fprintf(c, "POST /ipp/print HTTP/1.1\r\nHost: %s\r\nContent-Type: application/ipp\r\nContent-Length: %d\r\n\r\n%s", r.addr, len(b)+2*copySize, b)
	c.Write(make([]byte, copySize))
	<-coming
	r.do(goipp.StatusOk, r.request(goipp.OpCancelDocument, ipp.Integer("job-id", 1), ipp.Integer("document-number", 1)))
	r.wantState(1, ipp.JobCanceled, "job-canceled-by-user")
	if line, err := bufio.NewReader(c).ReadString('\n'); err != nil || line != "HTTP/1.1 200 OK\r\n" {
		t.Errorf("%q, %v", line, err)
	}
}
