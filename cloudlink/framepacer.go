package cloudlink

import "time"

// Frames about jobs stay well below what a server accepts (wire.Rate): there
// are at most 6,000 in any 10 s, so that frames that a network held up and
// brings at once are not a flood either. A list of wire.MaxJobs goes out in
// one piece.
const (
	maxBurst  = 5000 // frames, each counting once more for every full frameUnit of its bytes
	perSecond = 100
	frameUnit = 512
)

// framePacer spaces frames about jobs. The zero value is ready to use.
type framePacer struct {
	spent float64
	at    time.Time // when spent was right
}

// wait returns how long no frame about a job may be sent, 0 if one may be sent
// now.
func (p *framePacer) wait(now time.Time) time.Duration {
	p.spent = max(0, p.spent-max(0, now.Sub(p.at).Seconds())*perSecond)
	p.at = now
	if over := p.spent - maxBurst + 1; over > 0 {
		return time.Duration(over / perSecond * float64(time.Second))
	}
	return 0
}

// countFrame counts a sent frame of a given size.
func (p *framePacer) countFrame(bytes int) { p.spent += float64(1 + bytes/frameUnit) }
