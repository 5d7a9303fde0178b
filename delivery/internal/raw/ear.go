package raw

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/printscout/printscout/internal/ipp"
)

const maxEvidence = 16

// ear hears what the printer says while and after it is sent to. Its listen
// runs in a goroutine of its own, until the connection is closed.
type ear struct {
	token string
	tell  func(string) // for a person
	early func()       // the printer ended the job before the document was out
	wake  chan struct{}
	done  chan struct{} // closed when nothing more is heard

	mu       sync.Mutex
	known              // all that is known
	last     time.Time // when something was said of our job, or something new of the printer
	gone     error     // io.EOF, or why nothing more can be heard; nil while it can
	evidence []string
	said     string // to the person, last
}

// known is what the printer has said of our job, and of itself.
type known struct {
	began  bool // the job
	echoed bool // our last ECHO
	ended  bool // the job
	result string
	pages  *int
	waits  bool // for a person
	out    bool // the document is out: told by the sender
	cut    bool // the job ended before that
}

func newEar(token string, tell func(string), early func()) *ear {
	return &ear{
		token: token, tell: tell, early: early, last: time.Now(),
		wake: make(chan struct{}, 1), done: make(chan struct{}),
	}
}

func (e *ear) listen(conn net.Conn) {
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

func (e *ear) get() (known, time.Time, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.known, e.last, e.gone
}

func (e *ear) set(f func()) {
	e.mu.Lock()
	f()
	e.mu.Unlock()
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// documentOut says that from now on the end of the job may be its good end.
func (e *ear) documentOut() { e.set(func() { e.out = true }) }

// note adds a sentence, once, while there is room. The lock is held.
func (e *ear) note(format string, args ...any) {
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

func (e *ear) got(r *reply) {
	switch r.kind {
	case "ECHO":
		e.echo(r.text)
	case "USTATUS JOB":
		e.job(r)
	case "USTATUS DEVICE", "INFO STATUS":
		e.device(r)
	}
}

func (e *ear) echo(text string) {
	e.set(func() {
		switch text {
		case e.token:
			e.last = time.Now()
			e.note("The printer answers to PJL.")
		case endEcho(e.token):
			e.last, e.echoed = time.Now(), true
			e.note("The printer has read the job to its end: its ECHO came back.")
		}
	})
}

// job takes what is said of jobs: ours is the one with our token for a name.
// Replies come in pieces, so that it is called with the same one again.
func (e *ear) job(r *reply) {
	name, _ := r.value("NAME")
	if !strings.EqualFold(name, e.token) {
		return
	}
	result, told := r.value("RESULT")
	switch {
	case r.has("START"):
		e.set(func() { e.last, e.began = time.Now(), true; e.note("The printer began the job.") })
	case r.has("END") && (told || r.ended):
		e.jobEnded(strings.ToUpper(ipp.Clean(result, maxWords)), pagesOf(r))
	}
}

func pagesOf(r *reply) *int {
	s, _ := r.value("PAGES")
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return nil
	}
	return &n
}

func (e *ear) jobEnded(result string, pages *int) {
	cut := false
	e.set(func() {
		e.last = time.Now()
		if pages != nil {
			e.pages = pages
		}
		switch {
		case !e.out && (result == EndedOK || result == ""):
			e.note("The printer told of the end of the job before the document was out; that proves nothing.")
		default:
			cut = !e.out && !e.cut
			e.cut = e.cut || cut
			e.ended, e.result = true, result
			e.noteEnd()
		}
	})
	if cut {
		e.early()
	}
}

// noteEnd puts the printer's last word in a sentence. The lock is held.
func (e *ear) noteEnd() {
	result, pages := e.result, ""
	if result == "" {
		result = "not said how"
	}
	if e.pages != nil {
		pages = fmt.Sprintf(", %d pages", *e.pages)
	}
	e.note("The printer says that the job ended: %s%s.", result, pages)
}

// device takes a status of the printer itself.
func (e *ear) device(r *reply) {
	digits, _ := r.value("CODE")
	code, err := strconv.Atoi(digits)
	if _, last := r.value("ONLINE"); err != nil || !last && !r.ended {
		return
	}
	display, _ := r.value("DISPLAY")
	c := conditionOf(code, display)
	say := c.sentence
	e.set(func() {
		if say == "" && e.waits {
			say = "The printer goes on."
		}
		e.waits = c.person
		if say == e.said {
			say = ""
			return
		}
		if e.last, e.said = time.Now(), say; say != "" {
			e.note("%s", say)
		}
	})
	if say != "" {
		e.tell(say)
	}
}
