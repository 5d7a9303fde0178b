package vault

import (
	"fmt"
	"io"
	"sync"

	"github.com/google/uuid"
)

// Positions is a document of a job that can be read at any position. It holds
// one segment at a time and may be used by several goroutines.
type Positions struct {
	mu      sync.Mutex
	doc     *Document
	starts  []int64 // offsets of its segments' records in the file
	current int     // index of the segment in plain; -1 for none
	plain   []byte
}

// Positions opens a document of a job for reading at positions; the first is 0.
// While it is open, the job cannot be destroyed.
func (v *Vault) Positions(id uuid.UUID, number int) (*Positions, error) {
	d, err := v.Document(id, number)
	if err != nil {
		return nil, err
	}
	p := &Positions{doc: d, current: -1, starts: make([]int64, 0, d.end-d.first)}
	at := d.at
	for _, s := range d.sealed.trailer.segments[d.first:d.end] {
		p.starts = append(p.starts, at)
		at += s.recordSize()
	}
	return p, nil
}

// Size returns the length of the whole document in bytes.
func (p *Positions) Size() int64 { return p.doc.Size() }

// ReadAt implements io.ReaderAt. Every byte it returns was authenticated first,
// as part of its whole segment.
func (p *Positions) ReadAt(b []byte, off int64) (n int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if off < 0 {
		return 0, fmt.Errorf("reading document at %d: negative offset", off)
	}
	size := int64(p.doc.sealed.head.segmentSize())
	for n < len(b) {
		if off >= p.Size() {
			return n, io.EOF
		}
		if err := p.selectSegment(int(off / size)); err != nil {
			return n, err
		}
		k := copy(b[n:], p.plain[off%size:])
		n, off = n+k, off+int64(k)
	}
	return n, nil
}

// selectSegment opens a segment, by its index in the document, as the current one.
func (p *Positions) selectSegment(i int) error {
	if i == p.current {
		return nil
	}
	d := p.doc
	d.next, d.at, d.rest = d.first+i, p.starts[i], nil
	p.current = -1
	if err := d.ensurePlaintext(); err != nil {
		return err
	}
	p.plain, p.current = d.rest, i
	return nil
}

// Close closes the document, as Document.Close does.
func (p *Positions) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.current, p.plain = -1, nil
	return p.doc.Close()
}
