package scout

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/OpenPrinting/goipp"
	"github.com/google/uuid"

	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/delivery/simprinter"
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/vault"
)

// threeDocuments are of one segment of the vault and of many.
func threeDocuments() [][]byte {
	var docs [][]byte
	for i, pages := range []int{1, 30_000, 2} {
		docs = append(docs, fmt.Appendf(nil, "%%PDF-1.4\n%% %d\n%s%%%%EOF\n", i, strings.Repeat("<< /Type /Page >>\n", pages)))
	}
	return docs
}

// printedDocuments are the documents that came out, in their order.
func (r *rig) printedDocuments() (docs [][]byte) {
	files, err := filepath.Glob(filepath.Join(r.dir, "out", "[0-9]*"))
	r.must(err)
	for _, f := range files {
		b, err := os.ReadFile(f)
		r.must(err)
		docs = append(docs, b)
	}
	return docs
}

// wantOut wants these documents to have come out, each once.
func (r *rig) wantOut(want ...[]byte) {
	r.t.Helper()
	got := r.printedDocuments()
	if len(got) != len(want) {
		r.t.Fatalf("%d documents came out, want %d", len(got), len(want))
	}
	for i := range got {
		if !bytes.Equal(got[i], want[i]) {
			r.t.Errorf("document %d is another: %d bytes, want %d", i+1, len(got[i]), len(want[i]))
		}
	}
}

func TestSeveralDocumentsComeOutInTheirOrder(t *testing.T) {
	r := newRig(t)
	docs := threeDocuments()
	id := r.parkJob(alice, docs...)
	j, _ := r.table.jobByID(id)
	if v := j.controlJob(); v.Documents != 3 || v.Format != "application/pdf" || v.Pages == nil || *v.Pages != 30_003 {
		t.Errorf("%+v", v)
	}
	r.reopenScout() // what is kept of them is enough
	got := r.Order(t.Context(), r.newOrder(id))
	if got.State != wire.Delivered || got.PagesPrinted == nil || *got.PagesPrinted != 30_003 || r.stateOf(id) != "gone" {
		t.Errorf("%+v; the job is %s", got, r.stateOf(id))
	}
	r.wantOut(docs...)
}

// TestTheNextReleaseGoesOnBehindWhatCameOut breaks the second of three
// documents in every way, and releases the job again.
func TestTheNextReleaseGoesOnBehindWhatCameOut(t *testing.T) {
	peers.Short(t, "a printer that is waited for")
	for name, c := range map[string]struct {
		op    goipp.Op
		fault simprinter.Fault
		want  State
	}{
		"refused":   {goipp.OpCreateJob, simprinter.Fault{Status: goipp.StatusErrorNotAcceptingJobs}, Parked},
		"cut":       {goipp.OpSendDocument, simprinter.Fault{CutAfter: 1000}, Parked},
		"uncertain": {goipp.OpSendDocument, simprinter.Fault{Status: goipp.StatusErrorInternal, After: true}, Uncertain},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			docs := threeDocuments()
			id := r.parkJob(alice, docs...)
			r.failSecond(c.op, c.fault, c.want == Uncertain)
			got := r.Order(t.Context(), r.newOrder(id))
			j, _ := r.table.jobByID(id)
			if j.note.State != c.want || j.note.Printed != 1 || !strings.HasPrefix(j.note.Message, "1 document was printed. Document 2 of 3: ") {
				t.Fatalf("%+v; the job: %+v", got, j.note)
			}
			if got.PagesPrinted != nil && *got.PagesPrinted > 1 {
				t.Errorf("%d pages printed", *got.PagesPrinted)
			}
			r.reopenScout()
			before := r.printedDocuments()
			r.printer.SetFault(c.op, simprinter.Fault{})
			r.printer.SetFate(simprinter.Fate{})
			me := control.Caller{UID: "1", Name: alice}
			if c.want == Uncertain {
				_, err := localAPI{r.Scout}.Resolve(me, id.String(), control.Resolution{Said: control.PrintAgain})
				r.must(err)
			}
			p, err := localAPI{r.Scout}.Release(me, control.Release{Jobs: []string{id.String()}, Printer: "lobby"})
			r.must(err)
			if p, err = (localAPI{r.Scout}).Wait(t.Context(), me, p.ID); err != nil || allResults(t, p)[0].State != wire.Delivered {
				t.Fatalf("%+v, %v", p, err)
			}
			r.wantOut(append(before, docs[1:]...)...)
		})
	}
}

// failSecond makes the fault happen only to the second document. With forget
// the printer then knows nothing of it.
func (r *rig) failSecond(op goipp.Op, f simprinter.Fault, forget bool) {
	f.Times = 1
	f.Hook = func() { r.printer.SetFate(simprinter.Fate{Forget: forget}) }
	r.printer.SetFault(op, simprinter.Fault{Times: 1, Hook: func() { r.printer.SetFault(op, f) }})
}

// TestAgentThatEndsBetweenTwoDocuments prints none of them twice.
func TestAgentThatEndsBetweenTwoDocuments(t *testing.T) {
	r := newRig(t)
	docs := threeDocuments()
	id := r.parkJob(alice, docs...)
	r.claimForOrder(id)
	r.must(r.table.amendNote(id, func(n *note) { n.Printed = 1 }))
	r.reopenScout()
	j, _ := r.table.jobByID(id)
	if j.note.State != Parked || !strings.HasPrefix(j.note.Message, "1 document was printed. ") {
		t.Fatalf("%+v", j.note)
	}
	if got := r.Order(t.Context(), r.newOrder(id)); got.State != wire.Delivered {
		t.Fatalf("%+v", got)
	}
	r.wantOut(docs[1:]...)
}

// TestPrintedThatCannotBeKept does not go on: the next release would not know.
func TestPrintedThatCannotBeKept(t *testing.T) {
	r := newRig(t)
	docs := threeDocuments()
	id := r.parkJob(alice, docs...)
	r.printer.SetFault(goipp.OpSendDocument, simprinter.Fault{Times: 1, Hook: func() {
		r.must(os.RemoveAll(filepath.Join(r.dir, "state", VaultDir)))
	}})
	if got := r.Order(t.Context(), r.newOrder(id)); got.State != wire.Uncertain || got.Reason != "journal-failed" {
		t.Errorf("%+v", got)
	}
	if n := len(r.printedDocuments()); n != 1 {
		t.Errorf("%d documents came out", n)
	}
}

func TestEachDocumentIsLookedInto(t *testing.T) {
	r := newRig(t)
	jpeg := append([]byte{0xFF, 0xD8, 0xFF, 0xE0}, make([]byte, 100)...)
	id := r.parkJob(alice, peers.PDF(595, 842), jpeg, peers.PDF(842, 1191))
	r.examineJob(t.Context(), id)
	j, _ := r.table.jobByID(id)
	if v := j.controlJob(); v.Pages == nil || *v.Pages != 3 || v.PagesCertainty != "exact" || v.Format != "multipart/mixed" || v.Media != "iso_a4_210x297mm" {
		t.Errorf("%+v", v)
	}
}

func TestSummaryThatDoesNotFit(t *testing.T) {
	for _, sizes := range [][]int64{nil, {1, 2}} {
		if _, err := readJob(vault.Job{ID: uuid.New(), Documents: sizes, Summary: []byte(`{"documents":[{}]}`)}); !errors.Is(err, errSummary) {
			t.Errorf("%v: %v", sizes, err)
		}
	}
}
