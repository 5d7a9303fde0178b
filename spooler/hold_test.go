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

// holderIntake is a memoryIntake that is a Holder.
type holderIntake struct {
	*memoryIntake
	fail   error    // of its methods
	done   []string // what was asked, in order
	paused bool
}

// note writes down the number that the job of the uuid was parked with.
func (d *holderIntake) note(what, uuid string) error {
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

func (d *holderIntake) Unhold(uuid string) error { return d.note("unhold ", uuid) }
func (d *holderIntake) Drop(uuid string) error   { return d.note("drop ", uuid) }

func (d *holderIntake) Restart(uuid string, held bool) error {
	return d.note(fmt.Sprint("restart ", held, " "), uuid)
}

func (d *holderIntake) SetPaused(paused bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fail == nil {
		d.paused = paused
	}
	return d.fail
}

func (d *holderIntake) Condition() Condition {
	c := d.memoryIntake.Condition()
	d.mu.Lock()
	defer d.mu.Unlock()
	c.Paused = d.paused
	return c
}

// takeCalls returns the calls since the last takeCalls.
func (d *holderIntake) takeCalls() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	defer func() { d.done = nil }()
	return d.done
}

func withHolder(c *Config) { c.Intake = &holderIntake{memoryIntake: c.Intake.(*memoryIntake)} }

const (
	waitsHeld = "job-incoming job-hold-until-specified"
	isDone    = "job-completed-successfully"
)

func (r *testPrinter) holdAttribute() goipp.Attribute {
	return ipp.Keyword("job-hold-until", "indefinite")
}

// printHeld parks a held job.
func (r *testPrinter) printHeld() int {
	r.Helper()
	m := r.newRequest(goipp.OpPrintJob)
	m.Job.Add(r.holdAttribute())
	id, _ := ipp.Int(r.mustDo(goipp.StatusOk, m, threePages()...).Job, "job-id")
	r.wantState(id, ipp.JobHeld, heldReason)
	return id
}

func TestHeldJobIsParkedAndLetGo(t *testing.T) {
	r := startPrinter(t, withHolder)
	d := r.p.cfg.Intake.(*holderIntake)
	id := r.printHeld()
	k := r.intake.onlyParked(t).ticket
	var m goipp.Message
	if err := m.DecodeBytes(k.Attributes); err != nil || !k.Held || len(m.Job) != 0 {
		t.Errorf("ticket %+v, of a job with %v, %v", k, m.Job, err)
	}
	job := ipp.Integer("job-id", id)
	r.mustDo(goipp.StatusErrorNotPossible, r.newRequest(goipp.OpSendDocument, job, lastDocument(true)), threePages()...)
	r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpHoldJob, job))
	if n := len(r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpGetJobs)).Groups) - 1; n != 1 || len(d.takeCalls()) != 0 {
		t.Errorf("%d jobs in the queue, %v", n, d.done)
	}
	d.setFaults(func(*memoryIntake) { d.fail = errors.New("disk") })
	r.mustDo(goipp.StatusErrorInternal, r.newRequest(goipp.OpReleaseJob, job))
	r.wantState(id, ipp.JobHeld, heldReason)
	d.setFaults(func(*memoryIntake) { d.fail = nil })
	r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpReleaseJob, job))
	r.wantState(id, ipp.JobCompleted, isDone)
	if got := d.takeCalls(); !slices.Equal(got, []string{"unhold 1", "unhold 1"}) {
		t.Errorf("asked %v", got)
	}
	r.mustDo(goipp.StatusErrorNotPossible, r.newRequest(goipp.OpReleaseJob, job))
	r.mustDo(goipp.StatusErrorNotPossible, r.newRequest(goipp.OpHoldJob, job))
	if open, _ := r.p.jobs.countOpen(); open != 0 {
		t.Errorf("%d jobs are open", open)
	}
}

func TestHeldJobIsCanceled(t *testing.T) {
	r := startPrinter(t, withHolder)
	d := r.p.cfg.Intake.(*holderIntake)
	job := ipp.Integer("job-id", r.printHeld())
	bob := ipp.NewRequest(ipp.Version20, goipp.OpReleaseJob, r.client.URI)
	bob.Operation.Add(job)
	bob.Operation.Add(ipp.Name("requesting-user-name", "bob"))
	r.mustDo(goipp.StatusErrorNotAuthorized, bob)
	d.setFaults(func(*memoryIntake) { d.fail = errors.New("disk") })
	r.mustDo(goipp.StatusErrorNotPossible, r.newRequest(goipp.OpCancelJob, job))
	r.wantState(1, ipp.JobHeld, heldReason)
	d.setFaults(func(*memoryIntake) { d.fail = nil })
	r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpCancelJob, job))
	r.wantState(1, ipp.JobCanceled, "job-canceled-by-user")
	if got := d.takeCalls(); !slices.Equal(got, []string{"drop 1", "drop 1"}) {
		t.Errorf("asked %v", got)
	}
}

func TestHeldJobThatIsGone(t *testing.T) {
	r := startPrinter(t, withHolder)
	d := r.p.cfg.Intake.(*holderIntake)
	d.fail = ErrNoJob
	r.printHeld()
	r.mustDo(goipp.StatusErrorNotPossible, r.newRequest(goipp.OpReleaseJob, ipp.Integer("job-id", 1)))
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
	r := startPrinter(t, withHolder)
	job := ipp.Integer("job-id", r.createJob())
	r.mustDo(goipp.StatusErrorAttributesOrValues, r.newRequest(goipp.OpHoldJob, job, ipp.Keyword("job-hold-until", "night")))
	r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpHoldJob, job))
	r.wantState(1, ipp.JobHeld, waitsHeld)
	r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpReleaseJob, job))
	r.wantState(1, ipp.JobPending, "job-incoming")
	r.mustDo(goipp.StatusErrorNotPossible, r.newRequest(goipp.OpReleaseJob, job))
	set := r.newRequest(goipp.OpSetJobAttributes, job)
	set.Job.Add(r.holdAttribute())
	r.mustDo(goipp.StatusOk, set)
	r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpSendDocument, job, lastDocument(true)), threePages()...)
	r.wantState(1, ipp.JobHeld, heldReason)
	set.Job = goipp.Attributes{goipp.MakeAttr("job-hold-until", goipp.TagDeleteAttr, goipp.Void{})}
	r.mustDo(goipp.StatusOk, set)
	r.wantState(1, ipp.JobCompleted, isDone)
}

func TestHeldJobWithoutDocumentExpires(t *testing.T) {
	r := startPrinter(t, withHolder, func(c *Config) { c.Limits.JobTimeout = time.Millisecond })
	m := r.newRequest(goipp.OpCreateJob)
	m.Job.Add(r.holdAttribute())
	r.mustDo(goipp.StatusOk, m)
	for {
		if s, _ := r.jobState(1); s == ipp.JobAborted {
			return
		}
	}
}

func TestHeldJobsOfBeforeARestart(t *testing.T) {
	past := func(c *Config) { c.Past = []Past{{JobID: 7, JobUUID: "urn:uuid:x", User: "alice", Held: true}} }
	r := startPrinter(t, withHolder, past)
	r.wantState(7, ipp.JobHeld, heldReason)
	r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpReleaseJob, ipp.Integer("job-id", 7)))
	r.wantState(7, ipp.JobCompleted, isDone)
	startPrinter(t, past).wantState(7, ipp.JobCompleted, isDone)
}

func TestNothingIsHeldWithoutAHolder(t *testing.T) {
	r := startPrinter(t)
	m := r.newRequest(goipp.OpPrintJob)
	m.Job.Add(r.holdAttribute())
	r.mustDo(goipp.StatusOkIgnoredOrSubstituted, m, threePages()...)
	r.wantState(1, ipp.JobCompleted, isDone)
	r.mustDo(goipp.StatusErrorOperationNotSupported, r.newRequest(goipp.OpHoldJob, ipp.Integer("job-id", 1)))
	if r.intake.onlyParked(t).ticket.Held {
		t.Error("held")
	}
}

func TestSetJobAttributes(t *testing.T) {
	r := startPrinter(t)
	job := ipp.Integer("job-id", r.createJob())
	set := func(want goipp.Status, attrs ...goipp.Attribute) *goipp.Message {
		m := r.newRequest(goipp.OpSetJobAttributes, job)
		m.Job = attrs
		return r.mustDo(want, m)
	}
	set(goipp.StatusErrorBadRequest)
	if a := set(goipp.StatusErrorAttributesNotSettable, ipp.Integer("job-id", 2), ipp.Integer("copies", 3)); len(a.Unsupported) != 1 || a.Unsupported[0].Values[0].T != goipp.TagNotSettable {
		t.Errorf("told %v", a.Unsupported)
	}
	set(goipp.StatusErrorAttributesOrValues, ipp.Integer("copies", 0))
	set(goipp.StatusOk, ipp.Integer("copies", 3), ipp.Keyword("sides", "one-sided"))
	set(goipp.StatusOk, ipp.Integer("copies", 4), goipp.MakeAttr("sides", goipp.TagDeleteAttr, goipp.Void{}))
	r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpSendDocument, job, lastDocument(true)), threePages()...)
	if k := r.intake.onlyParked(t).ticket; k.Copies != 4 || k.Sides != "" {
		t.Errorf("ticket %+v", k)
	}
	set(goipp.StatusErrorNotPossible, ipp.Integer("copies", 5))
}

func TestPassword(t *testing.T) {
	var said bytes.Buffer
	r := startPrinter(t, func(c *Config) {
		c.Passwords = true
		c.Log = slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	secret := func(s string) goipp.Attribute {
		return goipp.MakeAttr("job-password", goipp.TagString, goipp.Binary(s))
	}
	none := ipp.Keyword("job-password-encryption", "none")
	r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpPrintJob, secret("4711-x"), none), threePages()...)
	k := r.intake.onlyParked(t).ticket
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
		b, _ := r.mustDo(want, r.newRequest(goipp.OpCreateJob, attrs...)).EncodeBytes()
		all = append(all, b...)
	}
	b, _ := r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpGetJobAttributes, ipp.Integer("job-id", 1))).EncodeBytes()
	if bytes.Contains(append(all, b...), []byte("4711-x")) || bytes.Contains(said.Bytes(), []byte("4711-x")) {
		t.Error("the password is told")
	}
	plain := startPrinter(t)
	a := plain.mustDo(goipp.StatusOkIgnoredOrSubstituted, plain.newRequest(goipp.OpPrintJob, secret("4711-x"), none), threePages()...)
	if k := plain.intake.onlyParked(t).ticket; k.Password != "" || bytes.Contains(bytesOf(t, a), []byte("4711-x")) {
		t.Error("a password is taken, or told, where none is asked for")
	}
}

func TestDocumentOperations(t *testing.T) {
	r := startPrinter(t)
	job, one := ipp.Integer("job-id", r.createJob()), ipp.Integer("document-number", 1)
	if a := r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpGetDocuments, job)); len(a.Groups) != 1 {
		t.Errorf("of a job without document: %v", a.Groups)
	}
	r.mustDo(goipp.StatusErrorNotFound, r.newRequest(goipp.OpGetDocumentAttributes, job, one))
	r.mustDo(goipp.StatusErrorNotFound, r.newRequest(goipp.OpCancelDocument, job, one))
	r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpSendDocument, job, lastDocument(true), ipp.MIME("document-format", "application/pdf")), threePages()...)
	if a := r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpGetDocuments, job)); len(a.Document) != 1 || !a.Document[0].Equal(one) {
		t.Errorf("listed as %v", a.Document)
	}
	a := r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpGetDocumentAttributes, job, one))
	for name, want := range map[string]string{"document-state": "9", "document-format": "application/pdf", "impressions": "3", "k-octets": "1"} {
		if got, _ := ipp.Find(a.Document, name); got.Values.String() != want {
			t.Errorf("%s is %s, want %s", name, got.Values, want)
		}
	}
	r.mustDo(goipp.StatusErrorBadRequest, r.newRequest(goipp.OpGetDocumentAttributes, job))
	r.mustDo(goipp.StatusErrorNotFound, r.newRequest(goipp.OpGetDocumentAttributes, job, ipp.Integer("document-number", 2)))
	r.mustDo(goipp.StatusErrorNotPossible, r.newRequest(goipp.OpCancelDocument, job, one))
	r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpValidateDocument, ipp.MIME("document-format", "image/urf")))
	r.mustDo(goipp.StatusErrorDocumentFormatNotSupported, r.newRequest(goipp.OpValidateDocument, ipp.MIME("document-format", "image/png")))
	r.mustDo(goipp.StatusOk, r.newRequest(opGetUserPrinterAttributes))
}

func TestCancelDocumentWhileItComes(t *testing.T) {
	r := startPrinter(t)
	m := r.newRequest(goipp.OpPrintJob)
	coming := make(chan struct{}, 1)
	r.intake.setFaults(func(s *memoryIntake) {
		s.onWrite = func(*memoryParking) {
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
	r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpCancelDocument, ipp.Integer("job-id", 1), ipp.Integer("document-number", 1)))
	r.wantState(1, ipp.JobCanceled, "job-canceled-by-user")
	if line, err := bufio.NewReader(c).ReadString('\n'); err != nil || line != "HTTP/1.1 200 OK\r\n" {
		t.Errorf("%q, %v", line, err)
	}
}
