package simprinter

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"slices"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// operations are those the printer can carry out.
var operations = []goipp.Op{
	goipp.OpPrintJob, goipp.OpValidateJob, goipp.OpCreateJob, goipp.OpSendDocument,
	goipp.OpCancelJob, goipp.OpGetJobAttributes, goipp.OpGetJobs, goipp.OpGetPrinterAttributes,
}

// exchange is one request and what is needed to answer it.
type exchange struct {
	w     http.ResponseWriter
	r     *http.Request
	m     *goipp.Message
	body  io.Reader // the document
	fault Fault
}

func (x exchange) conn() net.Conn { return x.r.Context().Value(connKey{}).(net.Conn) }

func (p *Printer) handle(w http.ResponseWriter, r *http.Request) {
	if !p.enter() {
		panic(http.ErrAbortHandler)
	}
	defer p.handling.Done()
	if status := refuseHTTP(r); status != 0 {
		http.Error(w, http.StatusText(status), status)
		return
	}
	br := bufio.NewReader(r.Body)
	m, err := ipp.Read(br, ipp.RequestLimits)
	if err != nil {
		a := ipp.NewResponse(m, goipp.StatusErrorBadRequest)
		a.Operation.Add(ipp.Text("status-message", ipp.Clean(err.Error(), 255)))
		_ = ipp.Write(w, a)
		return
	}
	p.count(func(s *Stats) { s.Requests[goipp.Op(m.Code)]++ })
	p.answer(exchange{w: w, r: r, m: m, body: br, fault: p.takeFault(goipp.Op(m.Code))})
}

// enter counts a request in, unless the printer is closing.
func (p *Printer) enter() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.closing:
		return false
	default:
		p.handling.Add(1)
		return true
	}
}

func refuseHTTP(r *http.Request) int {
	switch {
	case r.URL.Path != path:
		return http.StatusNotFound
	case r.Method != http.MethodPost:
		return http.StatusMethodNotAllowed
	case r.Header.Get("Content-Type") != ipp.ContentType:
		return http.StatusUnsupportedMediaType
	}
	return 0
}

func (p *Printer) answer(x exchange) {
	if x.fault.Hook != nil {
		x.fault.Hook()
	}
	if !x.fault.After && p.fail(x) {
		return
	}
	a := p.carryOut(x)
	if x.fault.Done != nil {
		x.fault.Done()
	}
	if x.fault.ResetAtEnd || x.fault.CutAfter > 0 || a == nil {
		x.reset()
	}
	if x.fault.After && p.fail(x) {
		return
	}
	_ = ipp.Write(x.w, a)
}

// fail answers, or does not, as the fault says; false where it says nothing.
func (p *Printer) fail(x exchange) bool {
	f := x.fault
	switch {
	case f.Silent:
		_, _ = io.Copy(io.Discard, x.body)
		select {
		case <-p.closing:
		case <-x.r.Context().Done():
		}
		x.reset()
	case f.HTTP != 0:
		http.Error(x.w, http.StatusText(f.HTTP), f.HTTP)
	case f.Status != 0:
		a := ipp.NewResponse(x.m, f.Status)
		if f.Message != "" {
			a.Operation.Add(ipp.Text("status-message", f.Message))
		}
		_ = ipp.Write(x.w, a)
	default:
		return false
	}
	return true
}

// reset ends the connection with a TCP reset where the system lets it.
func (x exchange) reset() {
	c := x.conn()
	if t, ok := c.(*tls.Conn); ok {
		c = t.NetConn()
	}
	if t, ok := c.(*net.TCPConn); ok {
		_ = t.SetLinger(0)
	}
	_ = c.Close()
	panic(http.ErrAbortHandler)
}

// carryOut does what is asked and makes the answer; nil is no answer.
func (p *Printer) carryOut(x exchange) *goipp.Message {
	if s := p.refuse(x.m); s != goipp.StatusOk {
		return ipp.NewResponse(x.m, s)
	}
	switch goipp.Op(x.m.Code) {
	case goipp.OpGetPrinterAttributes:
		return p.getPrinter(x.m)
	case goipp.OpValidateJob:
		return ipp.NewResponse(x.m, goipp.StatusOk)
	case goipp.OpCreateJob:
		return p.createJob(x)
	case goipp.OpPrintJob:
		return p.printJob(x)
	case goipp.OpSendDocument:
		return p.sendDocument(x)
	case goipp.OpCancelJob:
		return p.cancelJob(x.m)
	case goipp.OpGetJobAttributes:
		return p.getJob(x.m)
	}
	return p.getJobs(x.m)
}

// refuse is the status for a request that cannot be carried out as it is.
func (p *Printer) refuse(m *goipp.Message) goipp.Status {
	op := goipp.Op(m.Code)
	format := ipp.String(m.Operation, "document-format")
	_, compressed := ipp.Find(m.Operation, "compression")
	switch {
	case m.Version.Major() > 2 || m.Version.Major() == 0 || p.config.OnlyIPP11 && m.Version.Major() > 1:
		return goipp.StatusErrorVersionNotSupported
	case len(m.Operation) < 2 || m.Operation[0].Name != "attributes-charset" || m.Operation[1].Name != "attributes-natural-language":
		return goipp.StatusErrorBadRequest
	case !slices.Contains(operations, op) || !slices.Contains(p.config.Operations, op):
		return goipp.StatusErrorOperationNotSupported
	case compressed && ipp.String(m.Operation, "compression") != "none":
		return goipp.StatusErrorCompressionNotSupported
	case format != "" && op != goipp.OpGetPrinterAttributes && !slices.Contains(p.config.Formats, format):
		return goipp.StatusErrorDocumentFormatNotSupported
	}
	return goipp.StatusOk
}
