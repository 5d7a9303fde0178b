package simprinter

import (
	"github.com/OpenPrinting/goipp"
)

// AnyOp stands for every operation that has no fault of its own.
const AnyOp = goipp.Op(0)

// Fault is what goes wrong with an operation. The zero value is none.
type Fault struct {
	// Status is answered instead of carrying the operation out.
	Status  goipp.Status `json:"-"`
	Message string       `json:"message"` // status-message with it
	// HTTP is an HTTP status answered instead of an IPP message. As a fault
	// of AnyOp it is answered by the header, before the body is read.
	HTTP int `json:"http"`
	// Early answers Status or HTTP after that many document bytes, and closes
	// the connection while more comes.
	Early int64 `json:"early"`
	// Silent never answers; what comes is taken and the operation not carried
	// out.
	Silent bool `json:"silent"`
	// After makes Status, HTTP and Silent happen after the operation has been
	// carried out, the document printed.
	After bool `json:"after"`
	// Compressed restricts the fault to compressed documents.
	Compressed bool `json:"compressed"`

	// CutAfter resets the connection after that many document bytes, if above 0.
	CutAfter int64 `json:"cut_after"`
	// StallAfter stops reading after that many document bytes, if above 0.
	StallAfter int64 `json:"stall_after"`
	// LoseAfter prints that many document bytes and loses the rest, if above
	// 0, and says nothing of it.
	LoseAfter int64 `json:"lose_after"`
	// PanelAfter cancels the job at the panel after that many document bytes,
	// if above 0. The rest is taken and answered server-error-job-canceled.
	PanelAfter int64 `json:"panel_after"`

	// ResetAtEnd carries the operation out and resets the connection instead
	// of answering.
	ResetAtEnd bool `json:"reset_at_end"`
	// Wait is how late it answers.
	Wait Duration `json:"wait"`
	// AnswerBytes resets the connection after that many bytes of the answer's
	// IPP message, if above 0.
	AnswerBytes int `json:"answer_bytes"`
	// Garbage answers bytes that are not an IPP message, with status 200.
	Garbage bool `json:"garbage"`
	// WrongID answers another request than the one that was made.
	WrongID bool `json:"wrong_id"`

	// Times is how often it happens; 0 is always.
	Times int `json:"times"`
	// Hook runs before the operation is looked at, Done once it has been
	// carried out, before it is answered.
	Hook func() `json:"-"`
	Done func() `json:"-"`
}

// Wire is what goes wrong with connections by IPP and IPPS, whatever is said
// over them. Bytes are those on the wire, TLS and HTTP included.
type Wire struct {
	ResetIn  int64 `json:"reset_in"`  // resets after that many bytes have come in, if above 0
	ResetOut int64 `json:"reset_out"` // resets after that many bytes have gone out, if above 0
	Times    int   `json:"times"`     // how many connections it happens to; 0 is all
}

// SetFault makes an operation fail from now on; the zero Fault ends that.
func (p *Printer) SetFault(op goipp.Op, f Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults[op] = f
}

// SetWire makes connections fail that are accepted from now on.
func (p *Printer) SetWire(w Wire) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wire = w
}

// takeFault returns the fault of an operation, its own before that of all.
func (p *Printer) takeFault(op goipp.Op, compressed bool) Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	f, own := p.faults[op]
	if !own {
		op = AnyOp
		f = p.faults[op]
	}
	if f.Compressed && !compressed {
		return Fault{}
	}
	switch f.Times {
	case 0:
	case 1:
		delete(p.faults, op)
	default:
		left := f
		left.Times--
		p.faults[op] = left
	}
	return f
}

// takeUnread returns the fault that is answered before anything has been read.
func (p *Printer) takeUnread() (Fault, bool) {
	p.mu.Lock()
	f := p.faults[AnyOp]
	p.mu.Unlock()
	if f.HTTP == 0 || f.After || f.Early > 0 || f.Compressed {
		return Fault{}, false
	}
	return p.takeFault(AnyOp, false), true
}

// takeWire returns what goes wrong with the next connection.
func (p *Printer) takeWire() Wire {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := p.wire
	switch w.Times {
	case 0:
	case 1:
		p.wire = Wire{}
	default:
		p.wire.Times--
	}
	return w
}
