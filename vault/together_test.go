package vault

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/google/uuid"
)

// crowd are many who use one vault at the same time.
type crowd struct {
	t     *testing.T
	v     *Vault
	mu    sync.Mutex
	jobs  []uuid.UUID
	gone  map[uuid.UUID]bool   // Destroy has returned nil
	sums  map[uuid.UUID][]byte // of a copy
	inUse int                  // times that a job could not be destroyed under a reader
}

// TestNothingVanishesUnderAReader seals, reads, notes, copies, destroys and
// rotates at the same time. Who has a document open reads it to its end.
func TestNothingVanishesUnderAReader(t *testing.T) {
	dir, key, site := t.TempDir(), testKey(t), testKey(t)
	o := Options{Key: key, Recipients: func() []Recipient { return []Recipient{{RecipientSite, site.Public()}} }}
	c := &crowd{t: t, v: try(Open(dir, o))(t), gone: map[uuid.UUID]bool{}, sums: map[uuid.UUID][]byte{}}
	var sealers, others sync.WaitGroup
	ended := make(chan struct{})
	for range 2 {
		sealers.Go(func() {
			for n := 0; n < 40 || !c.shows(); n++ {
				c.seal()
			}
		})
		for _, do := range []func(){c.read, c.note, c.copy, c.destroy} {
			others.Go(func() { until(ended, do) })
		}
	}
	others.Go(func() { until(ended, func() { c.fine(c.v.RotateShredKey(t.Context())) }) })
	sealers.Wait()
	close(ended)
	others.Wait()
	c.wantRest(c.v)
	must(t, c.v.Close())
	again := openFolderVault(t, dir, key)
	c.wantRest(again)
}

// shows reports whether jobs were destroyed, and one could not be for its reader.
func (c *crowd) shows() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.gone) > 0 && c.inUse > 0
}

func until(ended <-chan struct{}, do func()) {
	for {
		select {
		case <-ended:
			return
		default:
			do()
		}
	}
}

// twoDocuments are those of every job.
var twoDocuments = [][]byte{mixed(200_000), mixed(9_000)}

func (c *crowd) seal() {
	w, err := c.v.Create([]byte("metadata"))
	if err != nil {
		c.t.Error(err)
		return
	}
	if rand.IntN(5) == 0 {
		_, err := w.Write(twoDocuments[0])
		c.fine(errors.Join(err, w.Abort()))
		return
	}
	for _, d := range twoDocuments {
		_, err := w.Write(d)
		c.fine(errors.Join(err, w.EndDocument()))
	}
	job, err := w.Commit([]byte("summary"))
	c.fine(err)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.jobs = append(c.jobs, job.ID)
}

// any is one of the jobs, the youngest more often than not.
func (c *crowd) any() uuid.UUID {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.jobs) == 0 {
		return uuid.Nil
	}
	return c.jobs[len(c.jobs)-1-rand.IntN(min(len(c.jobs), 4))]
}

// fine wants no error but one of those that may be.
func (c *crowd) fine(err error, may ...error) {
	for _, m := range may {
		if errors.Is(err, m) {
			return
		}
	}
	if err != nil {
		c.t.Error(err)
	}
}

// read reads a document in pieces, and tries to destroy its job meanwhile.
func (c *crowd) read() {
	id, number := c.any(), rand.IntN(2)
	d, err := c.v.Document(id, number)
	if err != nil {
		c.fine(err, ErrNotFound)
		return
	}
	var got bytes.Buffer
	for err == nil {
		_, err = io.CopyN(&got, d, 50_000)
		if e := c.v.Destroy(id); !errors.Is(e, ErrInUse) {
			c.t.Errorf("destroyed under a reader: %v", e)
			return
		}
	}
	if !errors.Is(err, io.EOF) || !bytes.Equal(got.Bytes(), twoDocuments[number]) {
		c.t.Errorf("%d bytes came, then %v", got.Len(), err)
	}
	c.fine(d.Close())
}

func (c *crowd) note() { c.fine(c.v.SetNote(c.any(), []byte("note")), ErrNotFound) }

func (c *crowd) copy() {
	id := c.any()
	p, err := c.v.Copy(id, io.Discard)
	if err != nil {
		c.fine(err, ErrNotFound)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if first := c.sums[id]; first != nil && !bytes.Equal(first, p.Sum[:]) {
		c.t.Error("two copies of a job differ")
	}
	c.sums[id] = p.Sum[:]
}

func (c *crowd) destroy() {
	id := c.any()
	err := c.v.Destroy(id)
	c.fine(err, ErrNotFound, ErrInUse)
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case err == nil:
		c.gone[id] = true
	case errors.Is(err, ErrInUse):
		c.inUse++
	}
}

// wantRest wants every job that was not destroyed, whole, and no other one.
func (c *crowd) wantRest(v *Vault) {
	c.t.Helper()
	if len(v.Jobs()) != len(c.jobs)-len(c.gone) || len(v.Damaged()) > 0 {
		c.t.Errorf("%d jobs of %d, %d destroyed; damaged are %v", len(v.Jobs()), len(c.jobs), len(c.gone), v.Damaged())
	}
	for _, j := range v.Jobs() {
		if got, err := readDocument(v, j.ID); c.gone[j.ID] || err != nil || !bytes.Equal(got, twoDocuments[0]) {
			c.t.Errorf("job %s is not whole, or is back: %v", j.ID, err)
		}
	}
}
