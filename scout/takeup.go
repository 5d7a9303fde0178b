package scout

import (
	"context"

	"github.com/google/uuid"

	"github.com/printscout/printscout/internal/directory"
)

// takeUp goes on with the orders that an interruption broke off: the printers
// are asked what became of the documents. Those of one printer go one after the
// other, as ever.
func (s *Scout) takeUp(context.Context) error {
	for _, e := range s.unended {
		if !s.beginWork() {
			break
		}
		go func() {
			defer s.working.Done()
			defer s.leave(e.Order)
			s.takeUpOne(e)
		}()
	}
	return nil
}

func (s *Scout) takeUpOne(e orderEntry) {
	ctx, cancel := context.WithCancelCause(s.releasing)
	defer cancel(nil)
	id := e.job()
	s.table.adopt(id, cancel)
	s.log.Info("a release that was interrupted is taken up", "job", id, "step", e.Point.Step)
	s.carryOut(ctx, id, s.printerOf(e), e, func(string) {})
}

func (e *orderEntry) job() uuid.UUID {
	id, _ := uuid.Parse(e.Job)
	return id
}

// printerOf is the printer an order was for. One that is no longer in the
// directory has no address: nothing is sent there any more, not even a question.
func (s *Scout) printerOf(e orderEntry) directory.Printer {
	p, err := s.member.printer(e.Printer)
	if err != nil {
		j, _ := s.table.get(e.job())
		return directory.Printer{ID: e.Printer, Name: j.note.Printer, Floor: directory.GradePinned}
	}
	return p
}
