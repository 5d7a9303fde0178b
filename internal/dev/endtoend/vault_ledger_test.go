//go:build unix

package endtoend

import (
	"crypto/sha256"
	"fmt"
	"sync"
	"testing"

	"github.com/printscout/printscout/internal/control"
)

// sum is what a document is known by.
type sum [sha256.Size]byte

// asked is what was begun with a job: at most one thing at a time.
type asked int

const (
	askedNothing asked = iota
	askedCancel
	askedRelease
)

// entry is a job that a client printed, and what is known of it.
type entry struct {
	title string
	docs  []sum
	bytes int64

	kept      bool   // its client was told so, or it was seen
	asked     asked  // and perhaps not answered
	ended     string // how it came to its end: nothing may come of it any more
	uncertain bool   // it was so after the last start
}

// ledger is what the clients know. A job is found in it by its title.
type ledger struct {
	mu   sync.Mutex
	jobs map[string]*entry
	came map[sum]int // how often each document came out
}

func newLedger() *ledger { return &ledger{jobs: map[string]*entry{}, came: map[sum]int{}} }

// begin writes down a job that is about to be printed.
func (l *ledger) begin(docs [][]byte) *entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := &entry{title: fmt.Sprintf("job %d", len(l.jobs))}
	for _, d := range docs {
		e.docs, e.bytes = append(e.docs, sha256.Sum256(d)), e.bytes+int64(len(d))
	}
	l.jobs[e.title] = e
	return e
}

func (l *ledger) note(change func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change()
}

// claim picks one of the listed jobs that nothing was asked of, to ask it.
func (l *ledger) claim(listed []control.Job, what asked) (*entry, string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, j := range listed {
		if e := l.jobs[j.Title]; e != nil && e.kept && e.asked == askedNothing && j.State == "parked" {
			e.asked = what
			return e, j.ID
		}
	}
	return nil, ""
}

// open are the jobs that have not come to their end.
func (l *ledger) open() (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.jobs {
		if e.ended == "" {
			n++
		}
	}
	return n
}

// check compares what the scout lists after a start with what the clients
// know, and takes over what only now is certain.
func (l *ledger) check(t *testing.T, listed []control.Job) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	here := map[string]*control.Job{}
	for _, j := range listed {
		if here[j.Title] != nil || l.jobs[j.Title] == nil {
			t.Errorf("%s is there twice, or was never printed", j.Title)
		}
		here[j.Title] = &j
	}
	for _, e := range l.jobs {
		l.checkJob(t, e, here[e.title])
	}
}

func (l *ledger) checkJob(t *testing.T, e *entry, j *control.Job) {
	t.Helper()
	out := l.printed(t, e)
	switch {
	case j != nil && e.ended != "":
		t.Errorf("%s is %s again; it was %s", e.title, j.State, e.ended)
	case j != nil:
		checkHere(t, e, j, out)
	case e.ended == "settled": // by a person, who saw what of it came out
	case e.ended != "":
		if want := map[string]int{"delivered": len(e.docs)}[e.ended]; out != want {
			t.Errorf("%s was %s, and %d of its %d documents came out", e.title, e.ended, out, len(e.docs))
		}
	case e.asked == askedRelease:
		e.ended = "delivered"
		if out != len(e.docs) {
			t.Errorf("%s is gone, and %d of its %d documents came out", e.title, out, len(e.docs))
		}
	case e.asked == askedCancel:
		e.ended = "canceled"
	case e.kept:
		t.Errorf("%s was acknowledged and is lost", e.title)
	default:
		e.ended = "never acknowledged"
	}
}

// checkHere looks at a job that is there: whole, and in a state that it can
// be in.
func checkHere(t *testing.T, e *entry, j *control.Job, out int) {
	t.Helper()
	if j.Bytes != e.bytes || j.Documents != len(e.docs) {
		t.Errorf("%s has %d bytes in %d documents of %d in %d", e.title, j.Bytes, j.Documents, e.bytes, len(e.docs))
	}
	if out > 0 && e.asked != askedRelease {
		t.Errorf("%s came out, and nobody released it", e.title)
	}
	e.kept = true
	switch {
	case j.State == "uncertain" && e.asked == askedRelease:
	case j.State == "parked":
		if out == 0 {
			e.asked = askedNothing
		}
	default:
		t.Errorf("%s is %s", e.title, j.State)
	}
}

// printed is how many documents of a job came out. None may come out twice.
func (l *ledger) printed(t *testing.T, e *entry) (n int) {
	t.Helper()
	for i, d := range e.docs {
		switch l.came[d] {
		case 0:
		case 1:
			n++
		default:
			t.Errorf("document %d of %s came out %d times", i+1, e.title, l.came[d])
		}
	}
	return n
}
