package scout

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/printscout/printscout/spooler/docinfo"
)

// examiner looks once into each parked document whose pages are told at its
// end, one after the other, at positions and without a plaintext file. It
// holds nothing up: a job that is to be removed is let go of at once.
type examiner struct {
	wake chan struct{}

	mu      sync.Mutex
	waiting []uuid.UUID
	current uuid.UUID
	cancel  context.CancelFunc
	over    chan struct{} // closed when current is let go of
}

// examineTime bounds one document.
const examineTime = 30 * time.Second

func newExaminer() *examiner { return &examiner{wake: make(chan struct{}, 1)} }

// add puts a document in line.
func (e *examiner) add(id uuid.UUID) {
	e.mu.Lock()
	e.waiting = append(e.waiting, id)
	e.mu.Unlock()
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// begin takes the next document, if there is one.
func (e *examiner) begin(ctx context.Context) (context.Context, uuid.UUID, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.waiting) == 0 {
		return nil, uuid.Nil, false
	}
	e.current, e.waiting = e.waiting[0], e.waiting[1:]
	ctx, e.cancel = context.WithTimeout(ctx, examineTime)
	e.over = make(chan struct{})
	return ctx, e.current, true
}

func (e *examiner) end() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.cancel()
	e.current = uuid.Nil
	close(e.over)
}

// letGo returns once nothing of the document is read any more.
func (e *examiner) letGo(id uuid.UUID) {
	e.mu.Lock()
	e.waiting = slices.DeleteFunc(e.waiting, func(w uuid.UUID) bool { return w == id })
	if e.current != id {
		e.mu.Unlock()
		return
	}
	e.cancel()
	over := e.over
	e.mu.Unlock()
	<-over
}

// examine works until ctx ends.
func (s *Scout) examine(ctx context.Context) error {
	for _, j := range s.table.all(func(j *job) bool { return j.note.Info == nil && isExamined(j.parts) }) {
		s.examiner.add(j.id)
	}
	for {
		each, id, ok := s.examiner.begin(ctx)
		if ok {
			s.lookInto(each, id)
			s.examiner.end()
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.examiner.wake:
		}
	}
}

// lookInto examines one document.
func (s *Scout) lookInto(ctx context.Context, id uuid.UUID) {
	j, ok := s.table.get(id)
	if !ok {
		return
	}
	found, err := s.examineParts(ctx, j)
	if context.Cause(ctx) == context.Canceled || s.setAside(id) {
		return
	}
	if err != nil {
		s.log.Debug("a document says less of itself than it should", "job", id, "error", err)
	}
	s.table.learn(id, found)
	s.tellChanged(id)
}

// examineParts looks into each document where that tells more. An error means
// that not all was learned.
func (s *Scout) examineParts(ctx context.Context, j job) (docinfo.Info, error) {
	found := slices.Clone(j.parts)
	var failed error
	for i := range found {
		if !docinfo.IsExamined(found[i].Info.Format) {
			continue
		}
		info, err := s.examinePart(ctx, j.id, i, found[i].Info.Format)
		found[i].Info = info.Or(found[i].Info)
		if err != nil {
			failed = fmt.Errorf("document %d: %w", i+1, err)
		}
	}
	return combined(found), failed
}

func (s *Scout) examinePart(ctx context.Context, id uuid.UUID, i int, format string) (docinfo.Info, error) {
	doc, err := s.vault.Positions(id, i)
	if err != nil {
		return docinfo.Info{}, err
	}
	info, err := docinfo.Examine(ctx, doc, doc.Size(), format)
	if closing := doc.Close(); err == nil {
		err = closing
	}
	return info, err
}
