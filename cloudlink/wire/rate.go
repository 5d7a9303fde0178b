package wire

import (
	"sync"
	"time"
)

const (
	rateFrames = 20_000
	rateWindow = 10 * time.Second
)

// Rate distinguishes a flood of frames from the busiest honest peer. The zero
// value is ready; it may be used from several goroutines.
type Rate struct {
	mu    sync.Mutex
	start time.Time
	count int
}

// Allow counts one frame and reports whether the peer is still within
// 20,000 frames in 10 seconds.
func (r *Rate) Allow(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if age := now.Sub(r.start); age < 0 || age > rateWindow {
		r.start, r.count = now, 0
	}
	r.count++
	return r.count <= rateFrames
}
