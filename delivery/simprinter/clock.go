package simprinter

import "time"

// enterHandling adds something to what Close waits for, unless the printer is
// closing.
func (p *Printer) enterHandling() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.enterHandlingLocked()
}

func (p *Printer) enterHandlingLocked() bool {
	select {
	case <-p.closing:
		return false
	default:
		p.handling.Add(1)
		return true
	}
}

// scheduleLocked calls f under the lock after d, unless the printer is closed
// before. The lock is held.
func (p *Printer) scheduleLocked(d time.Duration, f func()) {
	if !p.enterHandlingLocked() {
		return
	}
	go func() {
		defer p.handling.Done()
		if !p.waitFor(d) {
			return
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		f()
	}()
}

// waitFor waits for d, and returns false if the printer closes meanwhile.
func (p *Printer) waitFor(d time.Duration) bool {
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
// before the printer showed that it waits. It returns false if the printer
// closes meanwhile.
func (p *Printer) untilResumed(resumed <-chan struct{}) bool {
	select {
	case <-resumed:
		return true
	case <-p.closing:
		return false
	}
}
