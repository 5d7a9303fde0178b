package simprinter

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
)

func newUUID() string { return uuid.NewString() }

// serialOf returns the serial number of a configuration, made of its uuid if
// it names none.
func serialOf(c Config) string {
	if c.Serial != "" {
		return c.Serial
	}
	return "SIM" + strings.ToUpper(strings.ReplaceAll(c.UUID, "-", ""))[:9]
}

// UUID returns the printer's UUID, as in printer-uuid without urn:uuid:.
func (p *Printer) UUID() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.uuid
}

// Serial returns the printer's serial number.
func (p *Printer) Serial() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.serial
}

// SwapIdentity puts another printer at the same addresses: another uuid,
// serial number and certificate, and none of the jobs.
func (p *Printer) SwapIdentity() error {
	if err := p.ReplaceCertificate(nil); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.uuid = newUUID()
	p.serial = serialOf(Config{UUID: p.uuid})
	p.loseJobs()
	return nil
}

// Reboot switches the printer off and on: its connections are reset, its jobs
// are lost, their numbers and its up-time begin again.
func (p *Printer) Reboot() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rebootLocked()
}

// Age adds d to the printer's up-time.
func (p *Printer) Age(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.started = p.started.Add(-d)
}

func (p *Printer) rebootLocked() {
	p.loseJobs()
	for c := range p.conns {
		resetConn(c.Conn)
	}
}

// loseJobs forgets all jobs; those that print end where they are.
func (p *Printer) loseJobs() {
	for _, j := range p.jobs {
		j.forgotten = true
		if !j.ended() {
			p.endJob(j, stateAborted)
		}
	}
	p.started, p.lastID = time.Now(), 0
}

// maybeSwap swaps the printer before the connection that Config.Swap names.
func (p *Printer) maybeSwap() {
	s := p.config.Swap
	p.mu.Lock()
	n := p.stats.TLSConnections + p.stats.PlainConnections
	p.mu.Unlock()
	if s.After == 0 || n != s.After+1 {
		return
	}
	swap := func() error { return p.ReplaceCertificate(nil) }
	if s.Identity {
		swap = p.SwapIdentity
	}
	if err := swap(); err != nil {
		p.log.Warn(fmt.Sprintf("the printer stays the same: %v", err))
	}
}
