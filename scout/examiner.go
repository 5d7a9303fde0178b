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
	if s.setAside(id) || isCutOff(ctx, err) {
		return
	}
	if err != nil {
		s.log.Debug("a document says less of itself than it should", "job", id, "error", err)
	}
	s.table.learn(id, found)
	s.tellChanged(id)
}

// errApart means that it could not be found out in time whether a document is
// several files.
var errApart = errors.New("taking the document apart took too long")

// isCutOff reports whether an examination ended before its time, so that
// nothing follows from it. What the context ended with says only who ended it.
func isCutOff(ctx context.Context, err error) bool {
	return errors.Is(ctx.Err(), context.Canceled) || errors.Is(err, errApart)
}

// examineParts looks into each document where that tells more, and returns the
// documents of the job: more than came where one of them is several files. An
// error means that not all was learned.
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

// examinePart looks into one document. Where it is several files behind one
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
	if p.isStrung() {
		docs, err = apart(ctx, r, whole)
	}
	for k, d := range docs {
		info, failed := docinfo.Examine(ctx, io.NewSectionReader(r, d.At, d.Size), d.Size, p.Info.Format)
		docs[k].Info = docinfo.MergeExamined(d.Info, info, failed)
		err = errors.Join(err, failed)
	}
	return docs, err
}

// apart returns the files that a document is made of. What the tap saw of them
// together goes for none of them.
func apart(ctx context.Context, r *vault.Positions, whole document) ([]document, error) {
	ranges, err := docinfo.Split(ctx, r, whole.Size)
	switch {
	case ctx.Err() != nil:
		return []document{whole}, errApart
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

// examineStrung looks into a job that is about to be released and may hold
// several files in one document, if that has not been done yet: which documents
// it has must be known before the first is sent.
func (s *Scout) examineStrung(ctx context.Context, id uuid.UUID) error {
	j, ok := s.table.get(id)
	if !ok || j.note.Info != nil || !slices.ContainsFunc(j.parts, part.isStrung) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, examineTime)
	defer cancel()
	s.lookInto(ctx, id)
	if j, ok := s.table.get(id); ok && j.note.Info == nil {
		return cmp.Or(context.Cause(ctx), errApart)
	}
	return nil
}
