package scout

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/outcome"
)

// payroll is what a printer repeats of a job.
const payroll = "Payroll of Alice"

// TestOrderLogHasWordsAlone gives every text of a result a printer's words.
func TestOrderLogHasWordsAlone(t *testing.T) {
	file := filepath.Join(t.TempDir(), ordersFile)
	l, err := openOrderLog(file, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer l.close()
	r := control.Result{Job: "j", Printer: "lobby", Message: payroll, Evidence: []string{payroll},
		Result: outcome.Result{State: outcome.Uncertain, Reason: payroll, Protocol: payroll, Grade: payroll, EvidenceLevel: payroll, TotalMS: 5}}
	if err := l.recordResult("o", r); err != nil {
		t.Fatal(err)
	}
	want := loggedResult{Job: "j", Printer: "lobby", Result: outcome.Result{State: outcome.Uncertain, Reason: outcome.ReasonOther, TotalMS: 5}}
	if got := l.lastEntry("o").Result; !reflect.DeepEqual(*got, want) {
		t.Errorf("%+v", got)
	}
	if raw, err := os.ReadFile(file); err != nil || len(raw) == 0 || bytes.Contains(raw, []byte("Payroll")) {
		t.Errorf("kept as %s, %v", raw, err)
	}
}

// TestOrderLogOfBefore reads one whose results have sentences, and wants them
// gone from the file once it has been opened.
func TestOrderLogOfBefore(t *testing.T) {
	file := filepath.Join(t.TempDir(), ordersFile)
	now := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	line := fmt.Sprintf(`{"order":"o","job":"j","at":"2026-11-20T09:59:00Z","result":{"job":"j","printer":"lobby","state":"uncertain","reason":"no-answer","message":%q,`+
		`"protocol":"ipps","grade":"ipps-pinned","evidence_level":"I1","evidence":[%q],"pages_printed":2,"first_byte_ms":4,"total_ms":5}}`+"\n", payroll, payroll)
	if err := os.WriteFile(file, []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	pages := 2
	want := loggedResult{Job: "j", Printer: "lobby", Result: outcome.Result{State: outcome.Uncertain, Reason: "no-answer", Protocol: "ipps", Grade: "ipps-pinned",
		EvidenceLevel: "I1", PagesPrinted: &pages, FirstByteMS: 4, TotalMS: 5}}
	for _, start := range []string{"the first start", "the second start"} {
		l, err := openOrderLog(file, func() time.Time { return now })
		if err != nil {
			t.Fatal(err)
		}
		if e := l.lastEntry("o"); e == nil || !reflect.DeepEqual(*e.Result, want) {
			t.Errorf("%s: %+v", start, e)
		}
		l.close()
		if raw, err := os.ReadFile(file); err != nil || len(raw) == 0 || bytes.Contains(raw, []byte("Payroll")) {
			t.Errorf("%s: the file has %s, %v", start, raw, err)
		}
	}
}

// TestCutOffBehindTheResult is a start after a crash between a result and the
// job's note of it: the words are there, the printer's own are not.
func TestCutOffBehindTheResult(t *testing.T) {
	r := newRig(t)
	id := r.parkJob(alice, doc)
	r.must(r.table.claimJob(id, "lobby", "o", nil))
	result := notSentResult(id.String(), "lobby", outcome.ReasonRefused, "Printer lobby refused the job: "+payroll)
	r.must(r.orders.recordResult("o", result))
	r.reopenScout()
	j, _ := r.table.jobByID(id)
	if j.note.State != Parked || j.note.Reason != outcome.ReasonRefused || j.note.Message != outcome.Sentence(outcome.ReasonRefused) ||
		!reflect.DeepEqual(j.note.Evidence, result.Sentences()) {
		t.Errorf("%+v", j.note)
	}
}
