package scout

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/dev/peers"
)

// threeFiles are whole PDFs.
func threeFiles() [][]byte {
	return [][]byte{peers.PDF(595, 842), append(peers.PDF(842, 1191), "\r\n\x00\x00\n"...), peers.PDF(612, 792)}
}

// TestFilesStrungTogetherComeOutOneByOne parks what a queue makes of several
// files, beside another document, and releases it before and after it was
// looked into.
func TestFilesStrungTogetherComeOutOneByOne(t *testing.T) {
	files := threeFiles()
	for name, examined := range map[string]bool{"before it was looked into": false, "after that": true} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			id := r.parkJob(alice, bytes.Join(files, nil), files[0])
			if examined {
				r.examineJob(t.Context(), id)
				j, _ := r.table.jobByID(id)
				if v := j.controlJob(); v.Documents != 4 || v.Pages == nil || *v.Pages != 4 || v.PagesCertainty != "exact" || !strings.HasPrefix(v.Reason, "4 files came as 2 documents") {
					t.Errorf("%+v", v)
				}
			}
			got := r.byHand(aliceHerself, "", id)[0]
			if got.State != wire.Delivered || got.PagesPrinted == nil || *got.PagesPrinted != 4 || r.stateOf(id) != "gone" {
				t.Errorf("%+v; the job is %s", got, r.stateOf(id))
			}
			if !slices.ContainsFunc(got.Evidence, func(e string) bool { return strings.Contains(e, "4 files came as 2 documents") }) {
				t.Errorf("evidence: %q", got.Evidence)
			}
			r.wantOut(append(files, files[0])...)
		})
	}
}

// TestEqualFilesComeOutEach: the cross-reference of the second also fits the
// first.
func TestEqualFilesComeOutEach(t *testing.T) {
	r := newRig(t)
	one := peers.PDF(595, 842)
	id := r.parkJob(alice, bytes.Repeat(one, 3))
	if got := r.byHand(aliceHerself, "", id)[0]; got.State != wire.Delivered {
		t.Errorf("%+v", got)
	}
	r.wantOut(one, one, one)
}

// TestStrungFilesAreKeptApartOverAStart: which files there are is on disk before
// the first of them is sent.
func TestStrungFilesAreKeptApartOverAStart(t *testing.T) {
	r := newRig(t)
	files := threeFiles()
	id := r.parkJob(alice, bytes.Join(files, nil))
	r.must(r.examineConcatenated(t.Context(), id))
	r.claimForOrder(id)
	r.must(r.table.amendNote(id, func(n *note) { n.Printed = 1 }))
	r.reopenScout()
	j, _ := r.table.jobByID(id)
	if j.note.Printed != 1 || len(j.documents()) != 3 {
		t.Fatalf("%d of %d", j.note.Printed, len(j.documents()))
	}
	if got := r.byHand(aliceHerself, "", id)[0]; got.State != wire.Delivered {
		t.Errorf("%+v", got)
	}
	r.wantOut(files[1:]...)
}

// TestOneFileStaysOne: what only looks like several files, and several of which
// one is not whole, are one document; of the latter it is said.
func TestOneFileStaysOne(t *testing.T) {
	one, other := peers.PDF(595, 842), peers.PDF(842, 1191)
	for name, c := range map[string]struct {
		doc  []byte
		says bool
	}{
		"one":                     {one, false},
		"one within another":      {embedBytes(one, bytes.Join([][]byte{other, other}, nil)), false},
		"another that is cut off": {append(bytes.Clone(one), other[:len(other)-40]...), true},
		"junk that looks so":      {append(bytes.Clone(one), "%PDF-1.4\n"...), true},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			id := r.parkJob(alice, c.doc)
			r.examineJob(t.Context(), id)
			j, _ := r.table.jobByID(id)
			v := j.controlJob()
			if says := v.Reason != ""; v.Documents != 1 || says != c.says || says && v.PagesCertainty == "exact" {
				t.Errorf("%+v", v)
			}
			got := r.byHand(aliceHerself, "", id)[0]
			says := slices.ContainsFunc(got.Evidence, func(e string) bool { return strings.Contains(e, "2 files came as one document") })
			if got.State != wire.Delivered || says != c.says {
				t.Errorf("%+v", got)
			}
			r.wantOut(c.doc)
		})
	}
}

// embedBytes is a PDF with a file attached as it is.
func embedBytes(outer, inner []byte) []byte {
	at := bytes.Index(outer, []byte("xref"))
	var b bytes.Buffer
	b.Write(outer[:at])
	fmt.Fprintf(&b, "99 0 obj\n<< /Length %d >>\nstream\n%s\nendstream\nendobj\n", len(inner), inner)
	moved := b.Len()
	tail, _, _ := bytes.Cut(outer[at:], []byte("startxref"))
	b.Write(tail)
	fmt.Fprintf(&b, "startxref\n%d\n%%%%EOF\n", moved)
	return b.Bytes()
}

// TestReleaseWaitsForTheFiles sends nothing where it could not be found out
// which files there are.
func TestReleaseWaitsForTheFiles(t *testing.T) {
	r := newRig(t)
	files := threeFiles()
	id := r.parkJob(alice, bytes.Join(files, nil))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.examineConcatenated(ctx, id); err == nil {
		t.Error("looked into all the same")
	}
	if j, _ := r.table.jobByID(id); j.note.Info != nil || len(j.documents()) != 1 {
		t.Errorf("%+v", j.note)
	}
	late, end := context.WithDeadline(t.Context(), r.clock.AddDate(-100, 0, 0))
	defer end()
	r.examineJob(late, id)
	if j, _ := r.table.jobByID(id); j.note.Info != nil {
		t.Errorf("too late: %+v", j.note)
	}
	if err := r.examineConcatenated(t.Context(), uuid.New()); err != nil {
		t.Errorf("a job that is not there: %v", err)
	}
}

// TestDocumentsStayOnceSent: what is found while a release is under way changes
// no numbers.
func TestDocumentsStayOnceSent(t *testing.T) {
	r := newRig(t)
	id := r.parkJob(alice, bytes.Join(threeFiles(), nil))
	r.claimForOrder(id)
	r.examineJob(t.Context(), id)
	if j, _ := r.table.jobByID(id); len(j.documents()) != 1 || j.note.Found != nil {
		t.Errorf("%+v", j.note)
	}
}

// TestOtherFilesStrungTogether: of other formats it is said, before the release
// and in its evidence.
func TestOtherFilesStrungTogether(t *testing.T) {
	segments := "\xff\xd8\xff\xc0\x00\x0b\x08\x00\x01\x00\x01\x01\x01\x11\x00\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x12\xff\xd9"
	r := newRig(t)
	id := r.parkJob(alice, []byte(segments+segments))
	j, _ := r.table.jobByID(id)
	if v := j.controlJob(); v.Documents != 1 || v.Pages == nil || *v.Pages != 2 || v.PagesCertainty != "estimated" || !strings.HasPrefix(v.Reason, "2 files came as one document: ") {
		t.Errorf("%+v", v)
	}
	got := r.byHand(aliceHerself, "", id)[0]
	if got.State != wire.Delivered || !slices.ContainsFunc(got.Evidence, func(e string) bool { return strings.HasPrefix(e, "2 files came as one document: ") }) {
		t.Errorf("%+v", got)
	}
	r.wantOut([]byte(segments + segments))
}

// TestCancelWhileTheFilesAreLookedFor: a job that is gone by then is not
// printed.
func TestCancelWhileTheFilesAreLookedFor(t *testing.T) {
	r := newRig(t)
	id := r.parkJob(alice, bytes.Join(threeFiles(), nil))
	o := r.newOrder(id)
	r.forgetJob(id, Canceled)
	if got := r.Order(t.Context(), o); got.State == wire.Delivered || len(r.printedDocuments()) != 0 {
		t.Errorf("%+v", got)
	}
}
