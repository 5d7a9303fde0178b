package scout

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
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

func openPrinterID(file string) (*printerID, error) {
	p := &printerID{file: file, kept: keptID{UUID: "urn:uuid:" + uuid.NewString(), Next: 1}}
	raw, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(raw, &p.kept)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading the printer's identity: %w", err)
	}
	if err == nil {
		return p, nil // a block is taken with the first job
	}
	return p, p.reserve()
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
