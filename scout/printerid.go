package scout

import (
	"strings"
	"sync"

	"github.com/google/uuid"
)

// idBlock is how many job ids are reserved at a time, so that not every job
// costs a write; ids left over at a stop are never used.
const idBlock = 1000

// printerID keeps what must survive a restart of the printer on loopback: its
// uuid, the next job-id, and whether it is paused.
type printerID struct {
	file string

	mu    sync.Mutex
	kept  keptID
	next  int
	limit int
}

type keptID struct {
	UUID string `json:"uuid"`
	Next int    `json:"next_job_id"`

	Paused bool `json:"paused,omitempty"`
}

// printerFile, in the state folder, holds it.
const printerFile = "printer.json"

func openPrinterID(file string) (*printerID, error) {
	p := &printerID{file: file}
	found, err := readJSON(file, &p.kept, func() bool { return strings.HasPrefix(p.kept.UUID, "urn:uuid:") })
	if err != nil || found {
		return p, err // a block is taken with the first job
	}
	p.kept = keptID{UUID: "urn:uuid:" + uuid.NewString(), Next: 1}
	return p, p.reserveBlock()
}

// skipIDsUpTo makes all further job-ids higher than one that was given, in
// case the file does not know of it.
func (p *printerID) skipIDsUpTo(jobID int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.next < p.limit && p.next > jobID || p.next == p.limit && p.kept.Next > jobID {
		return
	}
	p.kept.Next = max(p.kept.Next, jobID+1)
	p.next = p.limit // the next one takes a block
}

// reserveBlock reserves the next block of job-ids and records where the one
// after it begins.
func (p *printerID) reserveBlock() error {
	next := p.kept
	if next.Next < 1 || next.Next > 1<<31-1-2*idBlock {
		next.Next = 1 // RFC 8011 §5.3.2: job-id is 1 to 2³¹−1
	}
	first := next.Next
	next.Next += idBlock
	if err := writeJSON(p.file, next); err != nil {
		return err
	}
	p.kept, p.next, p.limit = next, first, first+idBlock
	return nil
}

// nextJobID returns a job-id that was never given before.
func (p *printerID) nextJobID() (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.next == p.limit {
		if err := p.reserveBlock(); err != nil {
			return 0, err
		}
	}
	p.next++
	return p.next - 1, nil
}

// isPaused reports whether an administrator has paused the printer.
func (p *printerID) isPaused() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.kept.Paused
}

// setPaused returns nil once the change is on disk.
func (p *printerID) setPaused(paused bool) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	next := p.kept
	next.Paused = paused
	if err := writeJSON(p.file, next); err != nil {
		return err
	}
	p.kept = next
	return nil
}
