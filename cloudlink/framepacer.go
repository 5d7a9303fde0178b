package cloudlink

import "time"

// Frames about jobs keep well below what a server takes (wire.Rate): there are
// at most 6,000 in any 10 s, so that what a network held up and brings at once
// is no flood either. A list of wire.MaxJobs goes out in one piece.
const (
	maxBurst  = 5000 // frames, each counting once more for every full frameUnit of its bytes
	perSecond = 100
	frameUnit = 512
)

// framePacer keeps frames about jobs apart. The zero value has let none pass yet.
type framePacer struct {
	spent float64
	at    time.Time // when spent was right
}

// wait returns how long no frame about a job may be sent, 0 where one may be.
func (p *framePacer) wait(now time.Time) time.Duration {
	p.spent = max(0, p.spent-max(0, now.Sub(p.at).Seconds())*perSecond)
	p.at = now
	if over := p.spent - maxBurst + 1; over > 0 {
		return time.Duration(over / perSecond * float64(time.Second))
	}
	return 0
}

// sent counts a frame of so many bytes.
func (p *framePacer) sent(bytes int) { p.spent += float64(1 + bytes/frameUnit) }
