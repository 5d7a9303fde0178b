package scout

import (
	"strings"
	"sync"

	"github.com/google/uuid"
)

// idBlock is how many job ids are taken at a time, so that not every job
// costs a write; ids left over at a stop are never used.
const idBlock = 1000

// printerID keeps what must stay the same of the printer on loopback: its
// uuid, that no job-id comes twice, and whether it is paused.
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

// printerFile, in the state folder, is where that is.
const printerFile = "printer.json"

func openPrinterID(file string) (*printerID, error) {
	p := &printerID{file: file}
	found, err := readJSON(file, &p.kept, func() bool { return strings.HasPrefix(p.kept.UUID, "urn:uuid:") })
	if err != nil || found {
		return p, err // a block is taken with the first job
	}
	p.kept = keptID{UUID: "urn:uuid:" + uuid.NewString(), Next: 1}
	return p, p.reserve()
}

// beyond makes all further job-ids higher than one that was given, as far as
// that is known without the file.
func (p *printerID) beyond(jobID int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.next < p.limit && p.next > jobID || p.next == p.limit && p.kept.Next > jobID {
		return
	}
	p.kept.Next = max(p.kept.Next, jobID+1)
	p.next = p.limit // the next one takes a block
}

// reserve takes the next block; the file says where the one after it begins.
func (p *printerID) reserve() error {
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

// nextJobID is a job-id that was never given before.
func (p *printerID) nextJobID() (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.next == p.limit {
		if err := p.reserve(); err != nil {
			return 0, err
		}
	}
	p.next++
	return p.next - 1, nil
}

func (p *printerID) paused() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.kept.Paused
}

// setPaused returns nil once it is on disk.
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
