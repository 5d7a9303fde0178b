package simprinter

import (
	"net"
	"slices"
)

// Raw is how the RAW listener behaves, as port 9100 of a printer does. It
// takes one session at a time. The zero value understands PJL and has no
// problems.
type Raw struct {
	// Busy has the session taken by another client until Resume.
	Busy bool `json:"busy"`
	// Refuse resets a connection that comes while there is a session;
	// otherwise it waits for its turn.
	Refuse bool `json:"refuse"`
	// Pace is how long it waits before each 4 KiB that it reads.
	Pace Duration `json:"pace"`
	// StopAfter stops reading after that many bytes until Resume, if above 0:
	// the window closes when this computer's buffers are full, some megabytes
	// later. Small ones make loopback crawl.
	StopAfter int64 `json:"stop_after"`
	// ResetAfter resets the connection after that many bytes, if above 0.
	ResetAfter int64 `json:"reset_after"`
	// LoseAfter prints that many document bytes and loses the rest, if above
	// 0, and says nothing of it.
	LoseAfter int64 `json:"lose_after"`
	// Silent answers nothing, whatever it is asked.
	Silent bool `json:"silent"`
	// NoPJL knows no PJL: it answers nothing and prints the PJL as text.
	NoPJL bool `json:"no_pjl"`
	// CloseOnFIN closes the connection as soon as the client has closed its
	// end, and drops what it would still have said.
	CloseOnFIN bool `json:"close_on_fin"`
	// NeverClose keeps the connection after the client has closed its end.
	NeverClose bool `json:"never_close"`
	// Code is a status (HP PJL TRM, app. D) that it reports unasked: at
	// StopAfter, or else when a session begins; 0 is none.
	Code   int    `json:"code"`
	Text   string `json:"text"`   // what the panel shows with it
	Result string `json:"result"` // of the job's end; "" is OK
	// CodeLast makes it report Code when a job has come to its end.
	CodeLast bool `json:"code_last"`
	// Pages is the count that it reports; nil is the true one.
	Pages *int `json:"pages"`
	// EndAfter makes it report after that many bytes that the job ended well,
	// if above 0, and not at its end. NoEnd makes it never report that.
	EndAfter int64 `json:"end_after"`
	NoEnd    bool  `json:"no_end"`
}

// How a RAW session ended.
const (
	ClosedByClient  = "client"  // the client closed its end, then the printer closed
	ClosedByPrinter = "printer" // by the printer, before the client did
	ClosedByReset   = "reset"   // by a TCP reset of the printer
	ClosedBroken    = "broken"  // the client reset it, or it was lost
)

// RawJob is what the printer knows of a RAW session that has ended.
type RawJob struct {
	Stream   string   // path of the file with all that came
	Document string   // path of what stood between the wrappers; empty if nothing did
	PJL      []string // the PJL lines that came, in their order
	Name     string   // of @PJL JOB
	Language string   // of @PJL ENTER LANGUAGE
	Copies   int      // as asked for by PJL; 0 if not given
	Bytes    int64    // of the stream
	Size     int64    // of the document, as it came
	Pages    int      // that it counted; at least 1 if there was a document
	Whole    bool     // the client closed its end, and a PJL job had come to its EOJ
	Closed   string   // one of the constants above
}

// RawJobs returns the RAW sessions that have ended and brought something.
func (p *Printer) RawJobs() []RawJob {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := slices.Clone(p.rawJobs)
	for i := range out {
		out[i].PJL = slices.Clone(out[i].PJL)
	}
	return out
}

// SetRaw changes how RAW sessions behave that begin from now on.
func (p *Printer) SetRaw(r Raw) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rawFaults = r
}

// takeRaw returns how a session is to behave, and what the next Resume closes.
func (p *Printer) takeRaw() (Raw, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.rawFaults, p.resumed
}

func (p *Printer) serveRaw(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		if !p.enterHandling() {
			_ = c.Close()
			continue
		}
		go func() {
			defer p.handling.Done()
			p.rawConnection(c)
		}()
	}
}

// rawConnection waits for its turn, or is refused.
func (p *Printer) rawConnection(c net.Conn) {
	defer c.Close()
	f, resumed := p.takeRaw()
	if f.Busy {
		if f.Refuse {
			resetConn(c)
			return
		}
		if !p.untilResumed(resumed) {
			return
		}
	}
	if !p.awaitTurn(f.Refuse) {
		resetConn(c)
		return
	}
	defer func() { <-p.session }()
	s := &rawSession{printer: p, conn: c, faults: f, ended: make(chan struct{})}
	if err := s.serveSession(); err != nil {
		p.log.Warn("a raw session was lost", "error", err)
	}
}

// awaitTurn waits until there is no other session, and returns false if it
// must not wait or the printer closes.
func (p *Printer) awaitTurn(refuse bool) bool {
	select {
	case p.session <- struct{}{}:
		return true
	default:
	}
	if refuse {
		return false
	}
	select {
	case p.session <- struct{}{}:
		return true
	case <-p.closing:
		return false
	}
}
