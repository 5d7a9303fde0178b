package spooler

import (
	"testing"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// TestWhatTheOwnerHasToDo is shown with the job in the print queue.
func TestWhatTheOwnerHasToDo(t *testing.T) {
	const sentence = "The job waits until its owner has registered."
	r := startPrinter(t)
	for _, message := range []string{"", sentence} {
		r.p.cfg.Intake.(*memoryIntake).message = message
		id := r.printJob()
		a := r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpGetJobAttributes, ipp.Integer("job-id", id)))
		if got := ipp.String(a.Job, "job-state-message"); got != message {
			t.Errorf("the queue shows %q, not %q", got, message)
		}
		r.wantState(id, ipp.JobCompleted, isDone)
	}
}
