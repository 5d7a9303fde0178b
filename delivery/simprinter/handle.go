package simprinter

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// supportedOperations are those the printer can carry out.
var supportedOperations = []goipp.Op{
	goipp.OpPrintJob, goipp.OpValidateJob, goipp.OpCreateJob, goipp.OpSendDocument,
	goipp.OpCancelJob, goipp.OpGetJobAttributes, goipp.OpGetJobs, goipp.OpGetPrinterAttributes,
}

// httpExchange is one request and what is needed to answer it.
type httpExchange struct {
	printer  *Printer
	writer   http.ResponseWriter
	request  *http.Request
	message  *goipp.Message
	body     io.Reader // the document
	fault    Fault
	behavior HTTP
	taken    *takenOver // nil while net/http has the connection
}

func (x *httpExchange) netConn() net.Conn { return x.request.Context().Value(connKey{}).(net.Conn) }

func (p *Printer) handleHTTP(w http.ResponseWriter, r *http.Request) {
	if !p.enterHandling() {
		panic(http.ErrAbortHandler)
	}
	defer p.handling.Done()
	x := &httpExchange{printer: p, writer: w, request: r, behavior: p.config.HTTP}
	defer x.releaseConn()
	if status := p.refuseHTTP(r); status != 0 {
		x.sendStatus(status)
		return
	}
	if f, now := p.takeUnread(); now {
		x.sendStatus(f.HTTP)
		return
	}
	body, ok := p.expectedBody(x)
	if !ok {
		return
	}
	br := bufio.NewReader(body)
	m, err := ipp.ReadMessage(br, ipp.RequestLimits)
	if err != nil {
		a := ipp.NewResponse(m, goipp.StatusErrorBadRequest)
		a.Operation.Add(ipp.Text("status-message", ipp.Clean(p.withEcho(err.Error()), 255)))
		x.sendAnswer(a)
		return
	}
	p.updateStats(func(s *Stats) { s.Requests[goipp.Op(m.Code)]++ })
	x.message, x.body, x.fault = m, br, p.takeFault(goipp.Op(m.Code), compressionOf(m) != "none")
	p.answerIPP(x)
}

// expectedBody returns the request's body, after Expect has been treated as
// configured. It returns false if the request has been answered.
func (p *Printer) expectedBody(x *httpExchange) (io.Reader, bool) {
	if x.request.Header.Get("Expect") == "" {
		return x.request.Body, true
	}
	switch {
	case x.behavior.Expect == "refuse":
		x.sendStatus(http.StatusExpectationFailed)
		return nil, false
	case x.behavior.Expect == "never":
		return x.takeOver()
	}
	return x.request.Body, p.waitFor(time.Duration(x.behavior.ExpectAfter))
}

func (p *Printer) refuseHTTP(r *http.Request) int {
	switch {
	case p.config.HTTP.Upgrade && r.TLS == nil:
		return http.StatusUpgradeRequired
	case r.URL.Path != p.config.Path:
		return http.StatusNotFound
	case r.Method != http.MethodPost:
		return http.StatusMethodNotAllowed
	case r.Header.Get("Content-Type") != ipp.ContentType:
		return http.StatusUnsupportedMediaType
	case p.config.HTTP.Answers == "1.0" && r.ContentLength < 0:
		return http.StatusLengthRequired
	}
	return 0
}

func (p *Printer) answerIPP(x *httpExchange) {
	if x.fault.Hook != nil {
		x.fault.Hook()
	}
	if !x.fault.After && p.applyFault(x) {
		return
	}
	a := p.carryOut(x)
	if x.fault.Done != nil {
		x.fault.Done()
	}
	if x.fault.ResetAtEnd || x.fault.CutAfter > 0 || a == nil {
		x.resetConn()
	}
	if x.fault.After && p.applyFault(x) {
		return
	}
	if !p.waitFor(time.Duration(x.fault.Wait)) {
		x.resetConn()
	}
	x.sendAnswer(a)
}

// applyFault answers, or does not, as the fault says. It returns false if the
// fault says nothing.
func (p *Printer) applyFault(x *httpExchange) bool {
	f := x.fault
	if f.Early > 0 {
		_, _ = io.CopyN(io.Discard, x.body, f.Early)
		defer x.closeConn()
	}
	switch {
	case f.Silent:
		_, _ = io.Copy(io.Discard, x.body)
		select {
		case <-p.closing:
		case <-x.request.Context().Done():
		}
		x.resetConn()
	case f.HTTP != 0:
		x.sendStatus(f.HTTP)
	case f.Status != 0:
		a := ipp.NewResponse(x.message, f.Status)
		if f.Message != "" {
			a.Operation.Add(ipp.Text("status-message", p.withEcho(f.Message)))
		}
		x.sendAnswer(a)
	default:
		return false
	}
	return true
}

// carryOut carries out the request and returns the answer, nil for no answer.
func (p *Printer) carryOut(x *httpExchange) *goipp.Message {
	if s := p.refusalStatus(x.message); s != goipp.StatusOk {
		return ipp.NewResponse(x.message, s)
	}
	switch goipp.Op(x.message.Code) {
	case goipp.OpGetPrinterAttributes:
		return p.getPrinter(x.message)
	case goipp.OpValidateJob:
		return ipp.NewResponse(x.message, goipp.StatusOk)
	case goipp.OpCreateJob:
		return p.createJob(x)
	case goipp.OpPrintJob:
		return p.printJob(x)
	case goipp.OpSendDocument:
		return p.sendDocument(x)
	case goipp.OpCancelJob:
		return p.cancelJob(x.message)
	case goipp.OpGetJobAttributes:
		return p.getJob(x.message)
	}
	return p.getJobs(x.message)
}
