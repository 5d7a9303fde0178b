package scout

import "time"

// finishTime is how long a document on its way may take to arrive when the
// agent stops.
const finishTime = 8 * time.Second

// finishReleases waits for the running releases, for finishTime at most.
func (s *Scout) finishReleases() {
	s.mu.Lock()
	s.stopping = true
	s.mu.Unlock()
	patience := time.AfterFunc(finishTime, func() { s.stopReleasing(errStopping) })
	s.working.Wait()
	patience.Stop()
	s.stopReleasing(errStopping)
}

// beginWork reports whether a release may begin, which is no longer so once
// the agent is stopping. A stop waits for what has begun, until working.Done.
func (s *Scout) beginWork() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping {
		return false
	}
	s.working.Add(1)
	return true
}

// isStopping reports whether nothing more may begin.
func (s *Scout) isStopping() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stopping
}
