package delivery

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/printscout/printscout/internal/ipp"
)

// TestReasons checks what each reason means for a job that its printer calls
// completed.
func TestReasons(t *testing.T) {
	for want, reasons := range map[bearing][]string{
		bearsFor: {"", "none", "job-completed-successfully", "job-completed-with-warnings", "queued-in-device", "job-printing", "job-restartable",
			"completed-successfully", "JOB-Printed-Successfully", "warnings-detected"},
		bearsAgainst: {"aborted-by-system", "account-limit-reached", "compression-error", "conflicting-attributes", "digital-signature-did-not-verify",
			"document-access-error", "document-format-error", "document-password-error", "document-permission-error", "document-security-error",
			"document-unprintable-error", "errors-detected", "job-canceled-after-timeout", "job-canceled-at-device", "job-canceled-by-operator",
			"job-canceled-by-user", "job-completed-with-errors", "job-data-insufficient", "job-printed-with-errors", "printer-stopped",
			"printer-stopped-partly", "resources-are-not-ready", "resources-are-not-supported", "service-off-line", "submission-interrupted",
			"unsupported-attributes-or-values", "unsupported-compression", "unsupported-document-format",
			"cancelled-by-device", "com.acme.job-aborted", "acme_print_failed", "ACME-ERROR", "job-stopped"},
		bearsNothing: {"acme-see-panel", "processing-to-stop-point", "job-incoming", "completed-without-errors", "media-low-warning", "terror-alert", "x"},
	} {
		for _, r := range reasons {
			if got := bearingOf(r); got != want {
				t.Errorf("%q: %d, want %d", r, got, want)
			}
		}
	}
}

// TestEndings crosses reasons, counts and states.
func TestEndings(t *testing.T) {
	reasons := map[string]bearing{"": bearsFor, "job-completed-successfully": bearsFor, "acme-see-panel": bearsNothing, "document-format-error": bearsAgainst}
	for reason, bears := range reasons {
		for _, counted := range []int{-1, 0, 1, 4, 5, 6} { // -1: no count
			for _, expected := range []int{0, 5} {
				for _, refused := range []bool{false, true} {
					j := jobStatus{state: ipp.JobCompleted}
					if reason != "" {
						j.reasons = []string{reason}
					}
					if counted >= 0 {
						j.pages, j.most = &counted, &counted
					}
					want := verdictPrinted
					switch {
					case bears == bearsAgainst:
						want = verdictErrors
					case counted >= 0 && counted < expected:
						want = verdictMissing
					case counted < 1 && (bears == bearsNothing || refused):
						want = verdictUnclear
					}
					e := jobEnding{job: j, size: 4096, expected: expected, refused: refused}
					if got := e.decide(); got != want {
						t.Errorf("completed, %q, %d of %d pages, refused %v: %d, want %d", reason, counted, expected, refused, got, want)
					}
				}
			}
		}
	}
}

// TestEndingsOfGivenUpJobs never calls one printed.
func TestEndingsOfGivenUpJobs(t *testing.T) {
	none, some := 0, 2
	for _, c := range []struct {
		state       int
		pages       *int
		reason      string
		unconfirmed bool
		want        jobVerdict
	}{
		{ipp.JobCanceled, nil, "job-canceled-by-user", false, verdictCanceled},
		{ipp.JobCanceled, &some, "job-canceled-at-device", true, verdictCanceled},
		{ipp.JobCanceled, &none, "aborted-by-system", true, verdictConnection},
		{ipp.JobAborted, &none, "document-format-error", false, verdictNothing},
		{ipp.JobAborted, nil, "document-format-error", false, verdictPartly},
		{ipp.JobAborted, &some, "", false, verdictPartly},
		{ipp.JobAborted, &none, "", true, verdictConnection},
	} {
		e := jobEnding{job: jobStatus{state: c.state, pages: c.pages, most: c.pages, reasons: []string{c.reason}}, unconfirmed: c.unconfirmed}
		if got := e.decide(); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
}

// TestEndingsByOctets: bytes count if the document may not have arrived, and
// if this printer has counted them right before.
func TestEndingsByOctets(t *testing.T) {
	for _, c := range []struct {
		octets             int // in units of 1,024; the document has 3,000,000 bytes
		unconfirmed, right bool
		want               jobVerdict
	}{
		{2930, true, true, verdictPrinted}, {2930, true, false, verdictPrinted}, {2929, true, false, verdictUnproven}, {0, true, true, verdictUnproven},
		{4, false, false, verdictPrinted}, {4, false, true, verdictUnproven}, {0, false, true, verdictPrinted},
	} {
		e := jobEnding{job: jobStatus{state: ipp.JobCompleted, octets: c.octets}, size: 3_000_000, unconfirmed: c.unconfirmed, octets: c.right}
		if got := e.decide(); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
}

// TestEndingsOfRealPrinters checks what printers said of jobs that came out,
// by their recorded conversations: job-state-reasons and impressions.
func TestEndingsOfRealPrinters(t *testing.T) {
	one, three, four := 1, 3, 4
	for maker, j := range map[string]jobStatus{
		"Epson XP-430":                      {reasons: []string{"completed-successfully"}},
		"HP LaserJet Pro MFP M225dw":        {},
		"HP Officejet 8040":                 {pages: &one, octets: 2},
		"HP Officejet Pro 8610":             {pages: &one},
		"HP Officejet 6600":                 {},
		"Kyocera ECOSYS M2540dn":            {reasons: []string{"job-completed-successfully"}, pages: &three},
		"CUPS 2.4 with a printer behind it": {reasons: []string{"processing-to-stop-point"}, pages: &four},
	} {
		j.state, j.most = ipp.JobCompleted, j.pages
		if got := (jobEnding{job: j, size: 1334}).decide(); got != verdictPrinted {
			t.Errorf("%s: %d", maker, got)
		}
	}
	lost := jobStatus{state: ipp.JobCompleted, reasons: []string{"document-format-error"}} // HP ENVY 5530
	if got := (jobEnding{job: lost}).decide(); got != verdictErrors {
		t.Errorf("HP ENVY 5530: %d", got)
	}
}

// TestCountsAreLearned: a printer's counts speak against a document only once
// they were right, for the sides they were right for, and for a document whose
// own count is exact.
func TestCountsAreLearned(t *testing.T) {
	counted := func(a *attempt, pages, n int) jobVerdict {
		a.doc.Pages, a.fitted = pages, true
		j := jobStatus{state: ipp.JobCompleted, most: &n, pages: &n}
		f := a.endingOf(j).decide()
		if f == verdictPrinted {
			a.learnCounts(j)
		}
		return f
	}
	a := &attempt{known: &printerMemory{}, doc: Document{Size: 1}}
	for i, step := range []struct {
		pages, n int
		want     jobVerdict
	}{
		{5, 0, verdictPrinted}, {1, 1, verdictPrinted}, {5, 1, verdictPrinted}, // not known to count
		{2, 2, verdictPrinted}, {5, 1, verdictMissing}, {5, 0, verdictMissing}, {1, 0, verdictMissing}, // known
		{0, 0, verdictPrinted},                         // the document's own count is not exact
		{3, 7, verdictPrinted}, {5, 1, verdictPrinted}, // it counts something else
	} {
		if got := counted(a, step.pages, step.n); got != step.want {
			t.Errorf("step %d, %d of %d: %d, want %d", i, step.n, step.pages, got, step.want)
		}
	}
}

// TestDecideHolds whatever a printer says.
func TestDecideHolds(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	words := []string{"", "job-completed-successfully", "document-format-error", "acme", "job-incoming", "job-canceled-by-user"}
	for range 20000 {
		n := dice.IntN(4)
		e := jobEnding{job: jobStatus{state: dice.IntN(12), reasons: []string{words[dice.IntN(len(words))]}, octets: dice.IntN(3)}, size: 2048,
			expected: dice.IntN(4), unconfirmed: dice.IntN(2) == 0, refused: dice.IntN(2) == 0, octets: dice.IntN(2) == 0}
		if dice.IntN(3) > 0 {
			e.job.most, e.job.pages = &n, &n
		}
		against, _ := e.job.reasonsAgainst()
		f := e.decide()
		if f == verdictPrinted && (e.job.state != ipp.JobCompleted || len(against) > 0 || e.unconfirmed && e.job.octets < 2 || e.countsTooFew()) {
			t.Fatalf("printed: %+v", e)
		}
		if e.job.state == ipp.JobCompleted && (f == verdictNothing || f == verdictConnection) {
			t.Fatalf("not sent: %+v", e)
		}
		if _, s := e.describeDoubt(verdictUnclear, "P"); s == "" {
			t.Fatal(fmt.Sprint(e))
		}
	}
}
