package scout

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/printscout/printscout/spooler/docinfo"
	"github.com/printscout/printscout/vault"
)

// examiner examines, once each and one after another, the parked documents
// whose page count is known only at their end. It reads at positions and makes
// no plaintext file. It delays nothing: it stops reading a job that is to be
// removed at once.
type examiner struct {
	wake chan struct{}

	mu      sync.Mutex
	waiting []uuid.UUID
	current uuid.UUID
	cancel  context.CancelFunc
	over    chan struct{} // closed when reading of current has ended
}

// examineTime bounds the examination of one document.
const examineTime = 30 * time.Second

func newExaminer() *examiner { return &examiner{wake: make(chan struct{}, 1)} }

// enqueue adds a job to the queue.
func (e *examiner) enqueue(id uuid.UUID) {
	e.mu.Lock()
	e.waiting = append(e.waiting, id)
	e.mu.Unlock()
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// startNext starts on the next job of the queue, if there is one.
func (e *examiner) startNext(ctx context.Context) (context.Context, uuid.UUID, bool) {
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

// finishCurrent marks the current job as no longer being read.
func (e *examiner) finishCurrent() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.cancel()
	e.current = uuid.Nil
	close(e.over)
}

// stopReading returns once no document of the job is being read any more.
func (e *examiner) stopReading(id uuid.UUID) {
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

// runExaminer examines queued jobs until ctx ends.
func (s *Scout) runExaminer(ctx context.Context) error {
	for _, j := range s.table.matchingJobs(func(j *job) bool { return j.note.Info == nil && isExamined(j.parts) }) {
		s.examiner.enqueue(j.id)
	}
	for {
		each, id, ok := s.examiner.startNext(ctx)
		if ok {
			s.examineJob(each, id)
			s.examiner.finishCurrent()
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.examiner.wake:
		}
	}
}

// examineJob examines the documents of one job.
func (s *Scout) examineJob(ctx context.Context, id uuid.UUID) {
	j, ok := s.table.jobByID(id)
	if !ok {
		return
	}
	found, err := s.examineParts(ctx, j)
	if s.dropIfDamaged(id) || isCutOff(ctx, err) {
		return
	}
	if err != nil {
		s.log.Debug("a document says less of itself than it should", "job", id, "error", err)
	}
	s.table.learnDocuments(id, found)
	s.tellChanged(id)
}

// errSplitTimeout means that there was not enough time to find out whether a
// document consists of several files.
var errSplitTimeout = errors.New("splitting the document took too long")

// isCutOff reports whether an examination was ended early, so that nothing
// follows from it. The error that the context ended with says only who ended
// it.
func isCutOff(ctx context.Context, err error) bool {
	return errors.Is(ctx.Err(), context.Canceled) || errors.Is(err, errSplitTimeout)
}

// examineParts examines each document for which that tells more, and returns
// the documents of the job: more than arrived if one of them consists of
// several files. An error means that not everything was learned.
func (s *Scout) examineParts(ctx context.Context, j job) (found []document, failed error) {
	for i, p := range j.parts {
		docs, err := s.examinePart(ctx, j.id, i, p)
		found = append(found, docs...)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("document %d: %w", i+1, err))
		}
	}
	return found, failed
}

// examinePart examines one document. If it consists of several files one after
// another, each of them is a document.
func (s *Scout) examinePart(ctx context.Context, id uuid.UUID, i int, p part) (docs []document, err error) {
	whole := document{Part: i, Range: docinfo.Range{Size: p.Size}, Info: p.Info}
	if !docinfo.IsExamined(p.Info.Format) {
		return []document{whole}, nil
	}
	r, err := s.vault.Positions(id, i)
	if err != nil {
		return []document{whole}, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	docs = []document{whole}
	if p.mayBeConcatenated() {
		docs, err = splitDocument(ctx, r, whole)
	}
	for k, d := range docs {
		info, failed := docinfo.Examine(ctx, io.NewSectionReader(r, d.At, d.Size), d.Size, p.Info.Format)
		docs[k].Info = docinfo.MergeExamined(d.Info, info, failed)
		err = errors.Join(err, failed)
	}
	return docs, err
}

// splitDocument returns the files that a document consists of. What was read
// of them together while they arrived applies to none of them.
func splitDocument(ctx context.Context, r *vault.Positions, whole document) ([]document, error) {
	ranges, err := docinfo.Split(ctx, r, whole.Size)
	switch {
	case ctx.Err() != nil:
		return []document{whole}, errSplitTimeout
	case err != nil:
		return []document{whole}, err
	case ranges == nil:
		whole.Info.Files = 0
		return []document{whole}, nil
	}
	var docs []document
	for _, part := range ranges {
		docs = append(docs, document{Part: whole.Part, Range: part, Info: docinfo.Info{Format: whole.Info.Format}})
	}
	return docs, nil
}

// examineConcatenated examines a job that is about to be released, if one of
// its documents may hold several files and that is not known yet: which
// documents there are must be known before the first is sent.
func (s *Scout) examineConcatenated(ctx context.Context, id uuid.UUID) error {
	j, ok := s.table.jobByID(id)
	if !ok || j.note.Info != nil || !slices.ContainsFunc(j.parts, part.mayBeConcatenated) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, examineTime)
	defer cancel()
	s.examineJob(ctx, id)
	if j, ok := s.table.jobByID(id); ok && j.note.Info == nil {
		return cmp.Or(context.Cause(ctx), errSplitTimeout)
	}
	return nil
}
