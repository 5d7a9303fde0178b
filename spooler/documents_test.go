package spooler

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/ipp"
)

var jpeg = append([]byte{0xFF, 0xD8, 0xFF, 0xE0}, bytes.Repeat([]byte("jpeg"), 300)...)

// sendDocument sends a document of a job.
func (r *testPrinter) sendDocument(want goipp.Status, id int, last bool, doc ...byte) {
	r.Helper()
	r.mustDo(want, r.newRequest(goipp.OpSendDocument, ipp.Integer("job-id", id), lastDocument(last), ipp.Name("document-name", fmt.Sprint(len(doc)))), doc...)
}

// getDocuments returns the attributes of a job's documents.
func (r *testPrinter) getDocuments(id int) (groups []goipp.Attributes) {
	r.Helper()
	a := r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpGetDocuments, ipp.Integer("job-id", id), ipp.Keyword("requested-attributes", "all")))
	for _, g := range a.Groups {
		if g.Tag == goipp.TagDocumentGroup {
			groups = append(groups, g.Attrs)
		}
	}
	return groups
}

func TestSeveralDocumentsAreOneJob(t *testing.T) {
	r := startPrinter(t)
	id := r.createJob(ipp.Name("job-name", "both"))
	r.sendDocument(goipp.StatusOk, id, false, threePages()...)
	r.wantState(id, ipp.JobPending, "job-incoming")
	if begun, parked, _ := r.intake.counts(); begun != 1 || parked != 0 {
		t.Fatalf("%d begun, %d parked after the first of two documents", begun, parked)
	}
	r.sendDocument(goipp.StatusOk, id, true, jpeg...)
	r.wantState(id, ipp.JobCompleted, "job-completed-successfully")
	p := r.intake.onlyParked(t)
	if len(p.docs) != 2 || !bytes.Equal(p.documentBytes(0), threePages()) || !bytes.Equal(p.documentBytes(1), jpeg) {
		t.Fatalf("parked %d documents", len(p.docs))
	}
	if p.docs[0].Name != fmt.Sprint(len(threePages())) || p.docs[1].Info.Format != "image/jpeg" {
		t.Errorf("they are %+v", p.docs)
	}
	a := r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpGetJobAttributes, ipp.Integer("job-id", id)))
	if n, _ := ipp.Int(a.Job, "number-of-documents"); n != 2 {
		t.Errorf("number-of-documents is %d", n)
	}
	if n, _ := ipp.Int(a.Job, "job-impressions"); n != 4 {
		t.Errorf("job-impressions is %d, want 3 and 1", n)
	}
	r.wantDocuments(id)
}

// wantDocuments asks for the two documents of TestSeveralDocumentsAreOneJob.
func (r *testPrinter) wantDocuments(id int) {
	r.Helper()
	docs := r.getDocuments(id)
	if len(docs) != 2 {
		r.Fatalf("%d documents", len(docs))
	}
	for i, d := range docs {
		n, _ := ipp.Int(d, "document-number")
		state, _ := ipp.Int(d, "document-state")
		last, _ := ipp.Bool(d, "last-document")
		if n != i+1 || state != ipp.JobCompleted || last != (i == 1) {
			r.Errorf("document %d is %d in state %d, last %v", i+1, n, state, last)
		}
	}
	number := func(n int) []goipp.Attribute {
		return []goipp.Attribute{ipp.Integer("job-id", id), ipp.Integer("document-number", n)}
	}
	a := r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpGetDocumentAttributes, number(2)...))
	if g := a.Groups[len(a.Groups)-1]; ipp.String(g.Attrs, "document-name") != fmt.Sprint(len(jpeg)) {
		r.Errorf("the second is %v", g.Attrs)
	}
	r.mustDo(goipp.StatusErrorNotFound, r.newRequest(goipp.OpGetDocumentAttributes, number(3)...))
	r.mustDo(goipp.StatusErrorNotFound, r.newRequest(goipp.OpGetDocumentAttributes, number(0)...))
	r.mustDo(goipp.StatusErrorNotPossible, r.newRequest(goipp.OpCancelDocument, number(1)...))
}

// TestWhatSpoilsAJobBetweenDocuments wants nothing to be left of the first one.
func TestWhatSpoilsAJobBetweenDocuments(t *testing.T) {
	isAborted := func(r *testPrinter, id int) {
		r.wantState(id, ipp.JobAborted, "aborted-by-system submission-interrupted")
	}
	for name, c := range map[string]func(r *testPrinter, id int){
		"canceled": func(r *testPrinter, id int) {
			r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpCancelJob, ipp.Integer("job-id", id)))
			r.sendDocument(goipp.StatusErrorJobCanceled, id, true, threePages()...)
		},
		"its client does not come back": func(r *testPrinter, id int) {
			j, _ := r.p.jobs.jobByID(id)
			r.p.jobs.expireJob(j)
			isAborted(r, id)
			r.sendDocument(goipp.StatusErrorNotPossible, id, true, threePages()...)
		},
		"the next one is of a format not taken": func(r *testPrinter, id int) {
			r.mustDo(goipp.StatusErrorDocumentFormatNotSupported, r.newRequest(goipp.OpSendDocument, ipp.Integer("job-id", id),
				lastDocument(true), ipp.MIME("document-format", "application/pdf")), []byte("%!PS-Adobe-3.0\n")...)
		},
		"the next one cannot be stored": func(r *testPrinter, id int) {
			r.intake.setFaults(func(s *memoryIntake) { s.writeErr = func(int) error { return errors.New("disk") } })
			r.sendDocument(goipp.StatusErrorRequestValue, id, true, threePages()...)
		},
		"the next one cannot be ended": func(r *testPrinter, id int) {
			r.intake.setFaults(func(s *memoryIntake) { s.endErr = &Refusal{Err: ErrQuota, Message: "Enough."} })
			r.sendDocument(goipp.StatusErrorRequestValue, id, true, threePages()...)
		},
		"it cannot be parked on closing": func(r *testPrinter, id int) {
			r.intake.setFaults(func(s *memoryIntake) { s.parkErr = func() error { return ErrNoSpace } })
			r.mustDo(goipp.StatusErrorRequestValue, r.newRequest(goipp.OpCloseJob, ipp.Integer("job-id", id)))
		},
		"the printer ends": func(r *testPrinter, id int) {
			r.stop()
			<-r.served
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := startPrinter(t)
			id := r.createJob()
			r.sendDocument(goipp.StatusOk, id, false, threePages()...)
			c(r, id)
			if begun, parked, aborted := r.intake.counts(); begun != 1 || parked != 0 || aborted != 1 {
				t.Errorf("%d begun, %d parked, %d aborted", begun, parked, aborted)
			}
		})
	}
}

func TestJobGivesUpWaitingForTheNextDocument(t *testing.T) {
	r := startPrinter(t, func(c *Config) { c.Limits.JobTimeout = time.Millisecond })
	id := 0
	peers.Await(t, "a document that came in time", func() bool {
		id = r.createJob()
		a, err := r.client.Do(t.Context(), r.newRequest(goipp.OpSendDocument, ipp.Integer("job-id", id), lastDocument(false)),
			&ipp.Document{Reader: bytes.NewReader(threePages()), Size: int64(len(threePages()))})
		return err == nil && ipp.OK(goipp.Status(a.Code))
	})
	peers.Await(t, "the job's end", func() bool { s, _ := r.jobState(id); return s == ipp.JobAborted })
	peers.Await(t, "the first document's end", func() bool {
		begun, parked, aborted := r.intake.counts()
		return parked == 0 && begun == aborted
	})
}

func TestOneDocumentOfAJobAtATime(t *testing.T) {
	r := startPrinter(t)
	written := r.intake.firstWrite()
	id := r.createJob()
	m := bytesOf(t, r.newRequest(goipp.OpSendDocument, ipp.Integer("job-id", id), lastDocument(false)))
	doc := incompressible(600_000)
	c := r.beginPrintJob(fmt.Sprintf("Content-Length: %d", len(m)+len(doc)), append(m, doc[:500_000]...))
	<-written
	r.sendDocument(goipp.StatusErrorNotPossible, id, true, threePages()...)
	// The client says by Close-Job that nothing follows, so the job is parked with this one.
	r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpCloseJob, ipp.Integer("job-id", id)))
	r.wantState(id, ipp.JobProcessing, "job-incoming")
	if _, err := c.Write(doc[500_000:]); err != nil {
		t.Fatal(err)
	}
	if a := answerOf(t, c); !ipp.OK(goipp.Status(a.Code)) {
		t.Fatalf("the sender was told %v", a)
	}
	r.wantState(id, ipp.JobCompleted, "job-completed-successfully")
	if p := r.intake.onlyParked(t); !bytes.Equal(p.Bytes(), doc) {
		t.Error("another document was parked")
	}
}

func TestJobHasOnlySoManyDocuments(t *testing.T) {
	r := startPrinter(t)
	id := r.createJob()
	for range maxDocuments {
		r.sendDocument(goipp.StatusOk, id, false, jpeg...)
	}
	r.sendDocument(goipp.StatusErrorTooManyDocuments, id, true, jpeg...)
	r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpCloseJob, ipp.Integer("job-id", id)))
	if p := r.intake.onlyParked(t); len(p.docs) != maxDocuments {
		t.Errorf("%d documents", len(p.docs))
	}
}

// TestNothingIsLeftOfAnyJob does what clients may do in any order: every job
// that was begun is parked or aborted in the end, once.
func TestNothingIsLeftOfAnyJob(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	r := startPrinter(t, withHolder)
	broken := 0
	r.intake.setFaults(func(s *memoryIntake) {
		s.writeErr = func(int) error {
			if broken++; broken%7 == 0 {
				return errors.New("disk")
			}
			return nil
		}
	})
	ops := []func(id int) *goipp.Message{
		func(id int) *goipp.Message {
			return r.newRequest(goipp.OpSendDocument, ipp.Integer("job-id", id), lastDocument(rnd.IntN(3) == 0))
		},
		func(id int) *goipp.Message { return r.newRequest(goipp.OpCloseJob, ipp.Integer("job-id", id)) },
		func(id int) *goipp.Message { return r.newRequest(goipp.OpCancelJob, ipp.Integer("job-id", id)) },
		func(id int) *goipp.Message { return r.newRequest(goipp.OpHoldJob, ipp.Integer("job-id", id)) },
		func(id int) *goipp.Message { return r.newRequest(goipp.OpReleaseJob, ipp.Integer("job-id", id)) },
	}
	for range 60 {
		id := r.createJob()
		for range rnd.IntN(8) {
			m := ops[min(rnd.IntN(2*len(ops)), 2*len(ops)-1)%len(ops)](id)
			var doc *ipp.Document
			if goipp.Op(m.Code) == goipp.OpSendDocument {
				doc = &ipp.Document{Reader: bytes.NewReader(jpeg), Size: int64(len(jpeg))}
			}
			if _, err := r.client.Do(t.Context(), m, doc); err != nil && !isStatus(err) {
				t.Fatal(err)
			}
		}
	}
	r.stop()
	if err := <-r.served; err != nil {
		t.Fatal(err)
	}
	if begun, parked, aborted := r.intake.counts(); begun == 0 || parked == 0 || aborted == 0 || begun != parked+aborted {
		t.Errorf("%d begun, %d parked, %d aborted", begun, parked, aborted)
	}
}

func isStatus(err error) bool {
	_, ok := errors.AsType[*ipp.StatusError](err)
	return ok
}
