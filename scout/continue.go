package scout

import (
	"context"

	"github.com/google/uuid"

	"github.com/printscout/printscout/internal/directory"
)

// continueOrders continues the orders that were cut short by an interruption:
// it asks the printers what became of the documents. Jobs of one printer
// follow one another, as always.
func (s *Scout) continueOrders(context.Context) error {
	for _, e := range s.interruptedOrders {
		if !s.beginWork() {
			break
		}
		go func() {
			defer s.working.Done()
			defer s.endOrder(e.Order)
			s.continueOrder(e)
		}()
	}
	return nil
}

// continueOrder continues one order that was cut short.
func (s *Scout) continueOrder(e orderEntry) {
	ctx, cancel := context.WithCancelCause(s.releasing)
	defer cancel(nil)
	id := e.jobID()
	s.table.setCancel(id, cancel)
	s.log.Info("a release that was interrupted is taken up", "job", id, "step", e.Point.Step)
	s.deliverJob(ctx, id, s.printerOf(e), e, func(string) {})
}

// jobID returns the id of the order's job, uuid.Nil if it cannot be parsed.
func (e *orderEntry) jobID() uuid.UUID {
	id, _ := uuid.Parse(e.Job)
	return id
}

// printerOf returns the printer that an order was for. A printer that is no
// longer in the directory has no address: nothing is sent to it any more, not
// even a question.
func (s *Scout) printerOf(e orderEntry) directory.Printer {
	p, err := s.membership.findPrinter(e.Printer)
	if err != nil {
		j, _ := s.table.jobByID(e.jobID())
		return directory.Printer{ID: e.Printer, Name: j.note.Printer, Floor: directory.GradePinned}
	}
	return p
}
