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

// concurrentUse is the state of many goroutines that use one vault.
type concurrentUse struct {
	t     *testing.T
	v     *Vault
	mu    sync.Mutex
	jobs  []uuid.UUID
	gone  map[uuid.UUID]bool   // Destroy has returned nil
	sums  map[uuid.UUID][]byte // of a copy
	inUse int                  // how often a job was not destroyed because of a reader
}

// TestNothingVanishesUnderAReader seals, reads, notes, copies, destroys and
// rotates at the same time. A document that is open is read to its end.
func TestNothingVanishesUnderAReader(t *testing.T) {
	dir, key, site := t.TempDir(), testKey(t), testKey(t)
	o := Options{Key: key, Recipients: func() []Recipient { return []Recipient{{RecipientSite, site.Public()}} }}
	c := &concurrentUse{t: t, v: try(Open(dir, o))(t), gone: map[uuid.UUID]bool{}, sums: map[uuid.UUID][]byte{}}
	var sealers, others sync.WaitGroup
	ended := make(chan struct{})
	for range 2 {
		sealers.Go(func() {
			for n := 0; n < 40 || !c.hasShownBoth(); n++ {
				c.sealJob()
			}
		})
		for _, do := range []func(){c.readDocument, c.writeNote, c.copyJob, c.destroyJob} {
			others.Go(func() { repeatUntil(ended, do) })
		}
	}
	others.Go(func() { repeatUntil(ended, func() { c.allowErrors(c.v.RotateShredKey(t.Context())) }) })
	sealers.Wait()
	close(ended)
	others.Wait()
	c.wantRemaining(c.v)
	must(t, c.v.Close())
	again := openFolderVault(t, dir, key)
	c.wantRemaining(again)
}

// hasShownBoth reports whether a job was destroyed, and one was not because of its
// reader.
func (c *concurrentUse) hasShownBoth() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.gone) > 0 && c.inUse > 0
}

func repeatUntil(ended <-chan struct{}, do func()) {
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

func (c *concurrentUse) sealJob() {
	w, err := c.v.Create([]byte("metadata"))
	if err != nil {
		c.t.Error(err)
		return
	}
	if rand.IntN(5) == 0 {
		_, err := w.Write(twoDocuments[0])
		c.allowErrors(errors.Join(err, w.Abort()))
		return
	}
	for _, d := range twoDocuments {
		_, err := w.Write(d)
		c.allowErrors(errors.Join(err, w.EndDocument()))
	}
	job, err := w.Commit([]byte("summary"))
	c.allowErrors(err)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.jobs = append(c.jobs, job.ID)
}

// anyJob returns one of the latest jobs.
func (c *concurrentUse) anyJob() uuid.UUID {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.jobs) == 0 {
		return uuid.Nil
	}
	return c.jobs[len(c.jobs)-1-rand.IntN(min(len(c.jobs), 4))]
}

// allowErrors fails the test for an error that is none of those allowed.
func (c *concurrentUse) allowErrors(err error, may ...error) {
	for _, m := range may {
		if errors.Is(err, m) {
			return
		}
	}
	if err != nil {
		c.t.Error(err)
	}
}

// readDocument reads a document in pieces, and tries to destroy its job meanwhile.
func (c *concurrentUse) readDocument() {
	id, number := c.anyJob(), rand.IntN(2)
	d, err := c.v.Document(id, number)
	if err != nil {
		c.allowErrors(err, ErrNotFound)
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
	c.allowErrors(d.Close())
}

func (c *concurrentUse) writeNote() {
	c.allowErrors(c.v.SetNote(c.anyJob(), []byte("note")), ErrNotFound)
}

func (c *concurrentUse) copyJob() {
	id := c.anyJob()
	p, err := c.v.Copy(id, io.Discard)
	if err != nil {
		c.allowErrors(err, ErrNotFound)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if first := c.sums[id]; first != nil && !bytes.Equal(first, p.Sum[:]) {
		c.t.Error("two copies of a job differ")
	}
	c.sums[id] = p.Sum[:]
}

func (c *concurrentUse) destroyJob() {
	id := c.anyJob()
	err := c.v.Destroy(id)
	c.allowErrors(err, ErrNotFound, ErrInUse)
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case err == nil:
		c.gone[id] = true
	case errors.Is(err, ErrInUse):
		c.inUse++
	}
}

// wantRemaining requires that a vault has exactly the jobs that were not destroyed,
// each of them whole.
func (c *concurrentUse) wantRemaining(v *Vault) {
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
