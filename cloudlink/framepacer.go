package cloudlink

import "time"

// framePacer keeps the frames about jobs well within what the server takes
// (wire.Rate), however often jobs change: what waits meanwhile is the newest
// word on each job, so that changes of one job come together. Results of orders
// are not held up.
type framePacer struct {
	most   int           // frames in a window
	window time.Duration // from the first frame of it

	start time.Time
	count int
}

func newFramePacer() framePacer { return framePacer{most: 5000, window: 10 * time.Second} }

// wait returns how long no frame may be sent, 0 where one may be.
func (p *framePacer) wait(now time.Time) time.Duration {
	if age := now.Sub(p.start); age < 0 || age >= p.window {
		p.start, p.count = now, 0
	}
	if p.count < p.most {
		return 0
	}
	return p.window - now.Sub(p.start)
}

// sent counts frames.
func (p *framePacer) sent(frames int) { p.count += frames }
