package simprinter

import "time"

// enter counts something in that Close waits for, unless the printer is
// closing.
func (p *Printer) enter() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.entered()
}

func (p *Printer) entered() bool {
	select {
	case <-p.closing:
		return false
	default:
		p.handling.Add(1)
		return true
	}
}

// later does something under the lock after that long, unless the printer is
// closed before. The lock is held.
func (p *Printer) later(d time.Duration, f func()) {
	if !p.entered() {
		return
	}
	go func() {
		defer p.handling.Done()
		if !p.wait(d) {
			return
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		f()
	}()
}

// wait is false where the printer closes meanwhile.
func (p *Printer) wait(d time.Duration) bool {
	if d == 0 {
		return true
	}
	select {
	case <-p.config.After(d):
		return true
	case <-p.closing:
		return false
	}
}

// untilResumed waits for the Resume that closes the channel, which was taken
// before anybody could know that the printer waits; false where the printer
// closes meanwhile.
func (p *Printer) untilResumed(resumed <-chan struct{}) bool {
	select {
	case <-resumed:
		return true
	case <-p.closing:
		return false
	}
}
