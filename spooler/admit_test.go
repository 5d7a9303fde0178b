package spooler

import (
	"errors"
	"fmt"
	"testing"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// admitterIntake is a memoryIntake that refuses jobs in advance and records refused jobs.
type admitterIntake struct {
	*memoryIntake
	against error
	heard   []Refused
}

// Admit implements Admitter.
func (c *admitterIntake) Admit(_ string, _ Source, octets int64) error {
	if octets > 10<<20 {
		return &Refusal{Err: ErrQuota, Message: "Too large."}
	}
	return c.against
}

// Refused implements Refuser.
func (c *admitterIntake) Refused(r Refused) { c.heard = append(c.heard, r) }

// TestChecksBeforeTheDocument: a reason known in advance is given by all three
// operations, with a status upon which CUPS keeps the job.
func TestChecksBeforeTheDocument(t *testing.T) {
	quota := &Refusal{Err: ErrQuota, Message: "Enough of yours."}
	for name, c := range map[string]struct {
		against error
		octets  int // job-k-octets
		format  string
		want    [3]goipp.Status // of Validate-Job, Create-Job, Print-Job
		told    string
	}{
		"nothing": {nil, 0, "application/pdf", [3]goipp.Status{}, ""},
		"over the quota": {quota, 0, "application/pdf",
			[3]goipp.Status{goipp.StatusErrorRequestValue, goipp.StatusErrorRequestValue, goipp.StatusErrorAccountLimitReached}, "Enough of yours."},
		"too large by its own word": {nil, 11 << 10, "application/pdf",
			[3]goipp.Status{goipp.StatusErrorRequestValue, goipp.StatusErrorRequestValue, goipp.StatusErrorAccountLimitReached}, "Too large."},
		"no space": {fmt.Errorf("x: %w", ErrNoSpace), 0, "application/pdf",
			[3]goipp.Status{goipp.StatusErrorTemporary, goipp.StatusErrorTemporary, goipp.StatusErrorTemporary}, "There is no space left for the document."},
		"something else": {errors.New("x"), 0, "application/pdf",
			[3]goipp.Status{goipp.StatusErrorInternal, goipp.StatusErrorInternal, goipp.StatusErrorInternal}, "The job could not be stored."},
		"a format not taken": {nil, 0, "application/x-odd",
			[3]goipp.Status{goipp.StatusErrorDocumentFormatNotSupported, goipp.StatusErrorDocumentFormatNotSupported, goipp.StatusErrorDocumentFormatNotSupported}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var in *admitterIntake
			r := startPrinter(t, func(cfg *Config) {
				in = &admitterIntake{memoryIntake: cfg.Intake.(*memoryIntake), against: c.against}
				cfg.Intake = in
			})
			for i, op := range []goipp.Op{goipp.OpValidateJob, goipp.OpCreateJob, goipp.OpPrintJob} {
				m := r.newRequest(op, ipp.Name("job-name", "Report"), ipp.Integer("job-k-octets", c.octets), ipp.MIME("document-format", c.format))
				var doc []byte
				if op == goipp.OpPrintJob {
					doc = threePages()
				}
				in.heard = nil
				r.mustDo(c.want[i], m, doc...)
				if told := len(in.heard) == 1 && in.heard[0].Title == "Report" && in.heard[0].User == "alice" && in.heard[0].Message == c.told; told != (c.told != "") {
					t.Errorf("%s: told of %+v", op, in.heard)
				}
			}
		})
	}
}
