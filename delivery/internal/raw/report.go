package raw

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/internal/outcome"
)

// buildResult returns what is known; err is why the document is not out whole.
func (s *documentSender) buildResult(err error) Result {
	k, _, gone := s.listener.snapshot()
	r := Result{
		Bytes: s.bytes, Whole: err == nil, Err: err, Ended: k.result, Pages: k.pagesCounted(),
		Header: s.header, Early: k.early, Lost: k.lost, Waits: k.waits,
	}
	if r.Whole {
		r.Level = s.evidenceLevel(k)
		r.Err = s.unprovenError(r.Level, gone)
	}
	r.Evidence = s.evidenceSentences(r, gone)
	return r
}

func (s *documentSender) evidenceLevel(k reportedState) string {
	switch {
	case k.ended && k.result == EndedOK && !countedNone(k.pagesCounted()):
		return outcome.RawOut
	case k.ended || k.echoed:
		return outcome.RawRead
	case s.acked:
		return outcome.RawClosed
	}
	return outcome.RawTaken
}

// countedNone reports whether the printer has counted, and counted nothing.
func countedNone(pages *int) bool { return pages != nil && *pages == 0 }

// unprovenError returns why the document is not known to be with the printer.
func (s *documentSender) unprovenError(level string, gone error) error {
	switch {
	case level != outcome.RawTaken:
		return nil
	case s.ctx.Err() != nil:
		return context.Cause(s.ctx)
	case gone != nil && !errors.Is(gone, io.EOF):
		return fmt.Errorf("waiting for the printer to close: %w", gone)
	}
	return ErrNotClosed
}

func (s *documentSender) evidenceSentences(r Result, gone error) []string {
	var out []string
	if r.Err != nil {
		out = append(out, fmt.Sprintf("%d of %d bytes of the document were handed over; then: %s.", r.Bytes, s.job.Size, ipp.Clean(r.Err.Error(), 300)))
	} else {
		out = append(out, fmt.Sprintf("All %d bytes of the document were handed over.", r.Bytes))
	}
	s.listener.mu.Lock()
	out = append(out, s.listener.evidence...)
	words := s.listener.endWords()
	s.listener.mu.Unlock()
	if words != "" {
		out = append(out, words)
	}
	switch {
	case s.acked:
		out = append(out, "The printer acknowledged all bytes and closed the connection.")
	case r.Whole && r.Err == nil && gone != nil && !errors.Is(gone, io.EOF):
		out = append(out, "The connection did not end in order: "+ipp.Clean(gone.Error(), 200)+".")
	case r.Whole && r.Err == nil:
		out = append(out, "The printer did not close the connection.")
	}
	return out
}
