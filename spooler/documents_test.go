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

// send sends a document of a job.
func (r *rig) send(want goipp.Status, id int, last bool, doc ...byte) {
	r.Helper()
	r.do(want, r.request(goipp.OpSendDocument, ipp.Integer("job-id", id), lastDocument(last), ipp.Name("document-name", fmt.Sprint(len(doc)))), doc...)
}

// documents asks for those of a job.
func (r *rig) documents(id int) (groups []goipp.Attributes) {
	r.Helper()
	a := r.do(goipp.StatusOk, r.request(goipp.OpGetDocuments, ipp.Integer("job-id", id), ipp.Keyword("requested-attributes", "all")))
	for _, g := range a.Groups {
		if g.Tag == goipp.TagDocumentGroup {
			groups = append(groups, g.Attrs)
		}
	}
	return groups
}

func TestSeveralDocumentsAreOneJob(t *testing.T) {
	r := start(t)
	id := r.create(ipp.Name("job-name", "both"))
	r.send(goipp.StatusOk, id, false, pdf()...)
	r.wantState(id, ipp.JobPending, "job-incoming")
	if begun, parked, _ := r.shelf.counts(); begun != 1 || parked != 0 {
		t.Fatalf("%d begun, %d parked after the first of two documents", begun, parked)
	}
	r.send(goipp.StatusOk, id, true, jpeg...)
	r.wantState(id, ipp.JobCompleted, "job-completed-successfully")
	p := r.shelf.only(t)
	if len(p.docs) != 2 || !bytes.Equal(p.document(0), pdf()) || !bytes.Equal(p.document(1), jpeg) {
		t.Fatalf("parked %d documents", len(p.docs))
	}
	if p.docs[0].Name != fmt.Sprint(len(pdf())) || p.docs[1].Info.Format != "image/jpeg" {
		t.Errorf("they are %+v", p.docs)
	}
	a := r.do(goipp.StatusOk, r.request(goipp.OpGetJobAttributes, ipp.Integer("job-id", id)))
	if n, _ := ipp.Int(a.Job, "number-of-documents"); n != 2 {
		t.Errorf("number-of-documents is %d", n)
	}
	if n, _ := ipp.Int(a.Job, "job-impressions"); n != 4 {
		t.Errorf("job-impressions is %d, want 3 and 1", n)
	}
	r.wantDocuments(id)
}

// wantDocuments asks for the two documents of TestSeveralDocumentsAreOneJob.
func (r *rig) wantDocuments(id int) {
	r.Helper()
	docs := r.documents(id)
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
	a := r.do(goipp.StatusOk, r.request(goipp.OpGetDocumentAttributes, number(2)...))
	if g := a.Groups[len(a.Groups)-1]; ipp.String(g.Attrs, "document-name") != fmt.Sprint(len(jpeg)) {
		r.Errorf("the second is %v", g.Attrs)
	}
	r.do(goipp.StatusErrorNotFound, r.request(goipp.OpGetDocumentAttributes, number(3)...))
	r.do(goipp.StatusErrorNotFound, r.request(goipp.OpGetDocumentAttributes, number(0)...))
	r.do(goipp.StatusErrorNotPossible, r.request(goipp.OpCancelDocument, number(1)...))
}

// TestWhatSpoilsAJobBetweenDocuments leaves nothing of the first one.
func TestWhatSpoilsAJobBetweenDocuments(t *testing.T) {
	isAborted := func(r *rig, id int) { r.wantState(id, ipp.JobAborted, "aborted-by-system submission-interrupted") }
	for name, c := range map[string]func(r *rig, id int){
		"canceled": func(r *rig, id int) {
			r.do(goipp.StatusOk, r.request(goipp.OpCancelJob, ipp.Integer("job-id", id)))
			r.send(goipp.StatusErrorJobCanceled, id, true, pdf()...)
		},
		"its client does not come back": func(r *rig, id int) {
			j, _ := r.p.jobs.jobByID(id)
			r.p.jobs.expireJob(j)
			isAborted(r, id)
			r.send(goipp.StatusErrorNotPossible, id, true, pdf()...)
		},
		"the next one is of a format not taken": func(r *rig, id int) {
			r.do(goipp.StatusErrorDocumentFormatNotSupported, r.request(goipp.OpSendDocument, ipp.Integer("job-id", id),
				lastDocument(true), ipp.MIME("document-format", "application/pdf")), []byte("%!PS-Adobe-3.0\n")...)
		},
		"the next one cannot be stored": func(r *rig, id int) {
			r.shelf.set(func(s *shelf) { s.write = func(int) error { return errors.New("disk") } })
			r.send(goipp.StatusErrorRequestValue, id, true, pdf()...)
		},
		"the next one cannot be ended": func(r *rig, id int) {
			r.shelf.set(func(s *shelf) { s.ended = &Refusal{Err: ErrQuota, Message: "Enough."} })
			r.send(goipp.StatusErrorRequestValue, id, true, pdf()...)
		},
		"it cannot be parked on closing": func(r *rig, id int) {
			r.shelf.set(func(s *shelf) { s.park = func() error { return ErrNoSpace } })
			r.do(goipp.StatusErrorRequestValue, r.request(goipp.OpCloseJob, ipp.Integer("job-id", id)))
		},
		"the printer ends": func(r *rig, id int) {
			r.stop()
			<-r.served
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := start(t)
			id := r.create()
			r.send(goipp.StatusOk, id, false, pdf()...)
			c(r, id)
			if begun, parked, aborted := r.shelf.counts(); begun != 1 || parked != 0 || aborted != 1 {
				t.Errorf("%d begun, %d parked, %d aborted", begun, parked, aborted)
			}
		})
	}
}

func TestJobGivesUpWaitingForTheNextDocument(t *testing.T) {
	r := start(t, func(c *Config) { c.Limits.JobTimeout = time.Millisecond })
	id := 0
	peers.Await(t, "a document that came in time", func() bool {
		id = r.create()
		a, err := r.client.Do(t.Context(), r.request(goipp.OpSendDocument, ipp.Integer("job-id", id), lastDocument(false)),
			&ipp.Document{Reader: bytes.NewReader(pdf()), Size: int64(len(pdf()))})
		return err == nil && ipp.OK(goipp.Status(a.Code))
	})
	peers.Await(t, "the job's end", func() bool { s, _ := r.state(id); return s == ipp.JobAborted })
	peers.Await(t, "the first document's end", func() bool {
		begun, parked, aborted := r.shelf.counts()
		return parked == 0 && begun == aborted
	})
}

func TestOneDocumentOfAJobAtATime(t *testing.T) {
	r := start(t)
	written := r.shelf.written()
	id := r.create()
	m := bytesOf(t, r.request(goipp.OpSendDocument, ipp.Integer("job-id", id), lastDocument(false)))
	doc := noise(600_000)
	c := r.begin(fmt.Sprintf("Content-Length: %d", len(m)+len(doc)), append(m, doc[:500_000]...))
	<-written
	r.send(goipp.StatusErrorNotPossible, id, true, pdf()...)
	// Nothing follows, says the client by another way: so it is parked with this one.
	r.do(goipp.StatusOk, r.request(goipp.OpCloseJob, ipp.Integer("job-id", id)))
	r.wantState(id, ipp.JobProcessing, "job-incoming")
	if _, err := c.Write(doc[500_000:]); err != nil {
		t.Fatal(err)
	}
	if a := answerOf(t, c); !ipp.OK(goipp.Status(a.Code)) {
		t.Fatalf("the sender was told %v", a)
	}
	r.wantState(id, ipp.JobCompleted, "job-completed-successfully")
	if p := r.shelf.only(t); !bytes.Equal(p.Bytes(), doc) {
		t.Error("another document was parked")
	}
}

func TestJobHasOnlySoManyDocuments(t *testing.T) {
	r := start(t)
	id := r.create()
	for range maxDocuments {
		r.send(goipp.StatusOk, id, false, jpeg...)
	}
	r.send(goipp.StatusErrorTooManyDocuments, id, true, jpeg...)
	r.do(goipp.StatusOk, r.request(goipp.OpCloseJob, ipp.Integer("job-id", id)))
	if p := r.shelf.only(t); len(p.docs) != maxDocuments {
		t.Errorf("%d documents", len(p.docs))
	}
}

// TestNothingIsLeftOfAnyJob does what clients may do in any order: what was
// begun is parked or aborted in the end, once.
func TestNothingIsLeftOfAnyJob(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	r := start(t, holding)
	broken := 0
	r.shelf.set(func(s *shelf) {
		s.write = func(int) error {
			if broken++; broken%7 == 0 {
				return errors.New("disk")
			}
			return nil
		}
	})
	ops := []func(id int) *goipp.Message{
		func(id int) *goipp.Message {
			return r.request(goipp.OpSendDocument, ipp.Integer("job-id", id), lastDocument(rnd.IntN(3) == 0))
		},
		func(id int) *goipp.Message { return r.request(goipp.OpCloseJob, ipp.Integer("job-id", id)) },
		func(id int) *goipp.Message { return r.request(goipp.OpCancelJob, ipp.Integer("job-id", id)) },
		func(id int) *goipp.Message { return r.request(goipp.OpHoldJob, ipp.Integer("job-id", id)) },
		func(id int) *goipp.Message { return r.request(goipp.OpReleaseJob, ipp.Integer("job-id", id)) },
	}
	for range 60 {
		id := r.create()
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
	if begun, parked, aborted := r.shelf.counts(); begun == 0 || parked == 0 || aborted == 0 || begun != parked+aborted {
		t.Errorf("%d begun, %d parked, %d aborted", begun, parked, aborted)
	}
}

func isStatus(err error) bool {
	_, ok := errors.AsType[*ipp.StatusError](err)
	return ok
}
