package raw

import (
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"
)

const maxEvidence = 16

// statusListener hears what the printer says while and after it is sent to. Its listen
// runs in a goroutine of its own, until the connection is closed.
type statusListener struct {
	token  string
	tell   func(string) // for a person
	giveUp func()       // the printer gave the job up before the document was out
	wake   chan struct{}
	done   chan struct{} // closed when nothing more is heard

	mu       sync.Mutex
	known              // all that is known
	at       time.Time // when something was said of our job, or something new of the printer
	gone     error     // io.EOF, or why nothing more can be heard; nil while it can
	evidence []string
	said     string // to the person, last
}

// known is what the printer has said of our job, and of itself.
type known struct {
	began    bool   // the job
	id       string // of the job, as the printer numbers it; empty where not told
	echoed   bool   // our last ECHO
	ended    bool   // the job
	complete bool   // all that it says of the end has come
	result   string
	pages    *int
	inner    int    // pages of jobs that ended within ours
	waits    string // what it needs a person for, as a sentence; empty where nothing
	lost     string // how some of the document was lost, as a sentence; empty where it was not
	last     bool   // the end of the document is on its way: told by the sender
	out      bool   // the document is out: told by the sender
	cut      bool   // the printer gave the job up before that
	early    bool   // the printer ended the job well before that
}

func newStatusListener(token string, tell func(string), giveUp func()) *statusListener {
	return &statusListener{
		token: token, tell: tell, giveUp: giveUp, at: time.Now(),
		wake: make(chan struct{}, 1), done: make(chan struct{}),
	}
}

func (e *statusListener) listen(conn net.Conn) {
	defer close(e.done)
	p := parser{got: e.got}
	buf := make([]byte, 4096)
	for {
		n, err := conn.Read(buf)
		p.write(buf[:n])
		if err != nil {
			p.end()
			e.set(func() { e.gone = err })
			return
		}
	}
}

func (e *statusListener) get() (known, time.Time, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.known, e.at, e.gone
}

func (e *statusListener) set(f func()) {
	e.mu.Lock()
	f()
	e.mu.Unlock()
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// documentLast tells that the end of the document is on its way. What the
// printer says of the job's end from now on may be an answer to that.
func (e *statusListener) documentLast() { e.set(func() { e.last = true }) }

// documentOut tells that the whole document is out.
func (e *statusListener) documentOut() { e.set(func() { e.out = true }) }

// note adds a sentence, once, while there is room. The lock is held.
func (e *statusListener) note(format string, args ...any) {
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

func (e *statusListener) got(r *reply) {
	switch r.kind {
	case "ECHO":
		e.echo(r.text)
	case "USTATUS JOB":
		e.job(r)
	case "USTATUS DEVICE", "INFO STATUS":
		e.device(r)
	}
}

func (e *statusListener) echo(text string) {
	e.set(func() {
		switch text {
		case e.token:
			e.at = time.Now()
			e.note("The printer answers to PJL.")
		case endEcho(e.token):
			e.at, e.echoed = time.Now(), true
			e.note("The printer has read the job to its end: its ECHO came back.")
		}
	})
}

// device takes a status of the printer itself.
func (e *statusListener) device(r *reply) {
	digits, _ := r.value("CODE")
	code, err := strconv.Atoi(digits)
	if _, last := r.value("ONLINE"); err != nil || !last && !r.ended {
		return
	}
	display, _ := r.value("DISPLAY")
	c := conditionOf(code, display)
	say := c.sentence
	e.set(func() {
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
			e.note("%s", say)
		}
	})
	if say != "" {
		e.tell(say)
	}
}
