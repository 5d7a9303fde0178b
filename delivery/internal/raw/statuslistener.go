package raw

import (
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"
)

const maxEvidence = 16

// statusListener reads what the printer says during and after sending. Its
// listen runs in a goroutine of its own, until the connection is closed.
type statusListener struct {
	token      string
	tellPerson func(string) // for a person
	giveUp     func()       // the printer gave the job up before the document was out
	wake       chan struct{}
	done       chan struct{} // closed when nothing more is heard

	mu            sync.Mutex
	reportedState           // all that is known
	at            time.Time // when the printer last said anything of our job, or anything new of itself
	gone          error     // io.EOF, or why nothing more can be heard; nil while it can
	evidence      []string
	said          string // to the person, last
}

// reportedState is what the printer has said of our job, and of itself.
type reportedState struct {
	began    bool   // the job
	id       string // of the job, as the printer numbers it; empty if not told
	echoed   bool   // our last ECHO
	ended    bool   // the job
	complete bool   // everything that it says of the end has come
	result   string
	pages    *int
	inner    int    // pages of jobs that ended within ours
	waits    string // what it needs a person for, as a sentence; empty if nothing
	lost     string // how some of the document was lost, as a sentence; empty if it was not
	last     bool   // the end of the document is on its way: told by the sender
	out      bool   // the document is out: told by the sender
	cut      bool   // the printer gave the job up before that
	early    bool   // the printer ended the job well before that
}

func newStatusListener(token string, tell func(string), giveUp func()) *statusListener {
	return &statusListener{
		token: token, tellPerson: tell, giveUp: giveUp, at: time.Now(),
		wake: make(chan struct{}, 1), done: make(chan struct{}),
	}
}

func (e *statusListener) listen(conn net.Conn) {
	defer close(e.done)
	p := pjlParser{onReply: e.handleReply}
	buf := make([]byte, 4096)
	for {
		n, err := conn.Read(buf)
		p.parsePiece(buf[:n])
		if err != nil {
			p.endReply()
			e.updateState(func() { e.gone = err })
			return
		}
	}
}

func (e *statusListener) snapshot() (reportedState, time.Time, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.reportedState, e.at, e.gone
}

func (e *statusListener) updateState(f func()) {
	e.mu.Lock()
	f()
	e.mu.Unlock()
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// documentLast notes that the end of the document is on its way. What the
// printer says of the job's end from now on may be an answer to that.
func (e *statusListener) documentLast() { e.updateState(func() { e.last = true }) }

// documentOut notes that the whole document is out.
func (e *statusListener) documentOut() { e.updateState(func() { e.out = true }) }

// addEvidence adds a sentence, once, while there is room. The lock is held.
func (e *statusListener) addEvidence(format string, args ...any) {
	s := fmt.Sprintf(format, args...)
	for _, had := range e.evidence {
		if had == s {
			return
		}
	}
	if len(e.evidence) < maxEvidence {
		e.evidence = append(e.evidence, s)
	}
}

func (e *statusListener) handleReply(r *pjlReply) {
	switch r.kind {
	case "ECHO":
		e.handleEcho(r.text)
	case "USTATUS JOB":
		e.handleJob(r)
	case "USTATUS DEVICE", "INFO STATUS":
		e.handleDevice(r)
	}
}

func (e *statusListener) handleEcho(text string) {
	e.updateState(func() {
		switch text {
		case e.token:
			e.at = time.Now()
			e.addEvidence("The printer answers to PJL.")
		case endEcho(e.token):
			e.at, e.echoed = time.Now(), true
			e.addEvidence("The printer has read the job to its end: its ECHO came back.")
		}
	})
}

// handleDevice handles a status of the printer itself.
func (e *statusListener) handleDevice(r *pjlReply) {
	digits, _ := r.value("CODE")
	code, err := strconv.Atoi(digits)
	if _, last := r.value("ONLINE"); err != nil || !last && !r.ended {
		return
	}
	display, _ := r.value("DISPLAY")
	c := conditionOf(code, display)
	say := c.sentence
	e.updateState(func() {
		if say == "" && e.waits != "" {
			say = "The printer goes on."
		}
		if e.waits = ""; c.person {
			e.waits = c.sentence
		}
		if c.lost && e.lost == "" {
			e.lost = c.sentence
		}
		if say == e.said {
			say = ""
			return
		}
		if e.at, e.said = time.Now(), say; say != "" {
			e.addEvidence("%s", say)
		}
	})
	if say != "" {
		e.tellPerson(say)
	}
}
