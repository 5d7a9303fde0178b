package spooler

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// ippExchange is one IPP request and its response.
type ippExchange struct {
	p      *Printer
	w      http.ResponseWriter
	r      *http.Request
	rc     *http.ResponseController
	body   *requestBody
	reader *bufio.Reader // reads the body, buffered
	port   int
	host   string // host and port by which the client addresses the printer

	msg    *goipp.Message
	op     operation
	res    *resource // the printer that the request is for
	jobID  int       // of an operation on a job
	user   string    // who makes the request; "" where not known
	source Source    // of that name
	admin  bool      // the kernel says that the client is an administrator
	// allowance is the key under which the request's jobs and subscriptions are
	// counted.
	allowance string
	spent     bool // the read deadline may have been set to cut off the document
	// answered is called when the response was sent or could not be; may be nil.
	answered func()
}

// reply is the outcome of an operation, from which the response is made.
type reply struct {
	status      goipp.Status
	message     string
	operation   goipp.Attributes // in addition to those of every response
	unsupported goipp.Attributes
	groups      []goipp.Group
}

var readers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, readerSize) }}

func (p *Printer) newExchange(w http.ResponseWriter, r *http.Request, port int) *ippExchange {
	x := &ippExchange{p: p, w: w, r: r, res: p.main, rc: http.NewResponseController(w), port: port, host: r.Host}
	if at := ":" + strconv.Itoa(port); !strings.HasSuffix(x.host, at) {
		x.host += at
	}
	x.body = newBody(r, x.rc, p.limits.MessageTimeout)
	x.reader = readers.Get().(*bufio.Reader)
	x.reader.Reset(x.body)
	return x
}

// releaseReader ends the exchange and returns its buffered reader to the pool.
func (x *ippExchange) releaseReader() {
	if x.answered != nil {
		x.answered()
	}
	x.reader.Reset(nil)
	readers.Put(x.reader)
}

// serveRequest reads the message, executes its operation and responds.
func (x *ippExchange) serveRequest() {
	msg, err := ipp.ReadMessage(x.reader, messageLimits)
	if msg == nil {
		turnAway(x.w, x.r, http.StatusBadRequest)
		return
	}
	x.msg = msg
	rep, err := x.dispatchOperation(err)
	if err != nil {
		rep = replyToError(err)
	}
	x.p.cfg.Log.Debug("answered a print client", "operation", goipp.Op(msg.Code), "status", rep.status)
	x.sendReply(rep)
}

// replyToError returns the reply for an error of an operation.
func replyToError(err error) *reply {
	r, ok := errors.AsType[*refusal](err)
	if !ok {
		r = refuse(goipp.StatusErrorInternal, "Something went wrong within the scout.")
	}
	return &reply{status: r.status, message: r.message, unsupported: r.unsupported}
}

// dispatchOperation checks in the order of RFC 8011 §4.1.8: the version, then
// the operation, then the rest.
func (x *ippExchange) dispatchOperation(unreadable error) (*reply, error) {
	if v := x.msg.Version.Major(); v != 1 && v != 2 {
		return nil, refuse(goipp.StatusErrorVersionNotSupported, "IPP version %s is not supported.", x.msg.Version)
	}
	if errors.Is(unreadable, ipp.ErrTooLarge) {
		return nil, refuse(goipp.StatusErrorRequestEntity, "The request is too large.")
	}
	if unreadable != nil {
		return nil, badRequest("The request could not be read.")
	}
	op, ok := x.p.operations[goipp.Op(x.msg.Code)]
	if !ok {
		return nil, refuse(goipp.StatusErrorOperationNotSupported, "The operation is not supported.")
	}
	x.op = op
	if err := x.checkRequest(); err != nil {
		return nil, err
	}
	if err := x.identifyClient(); err != nil {
		return nil, err
	}
	return op.run(x)
}

// sendReply sends the reply. Where the body was not read to its end the
// connection is closed, but only after the client has had a chance to read.
func (x *ippExchange) sendReply(rep *reply) {
	whole := x.hasReadBody()
	if !whole {
		x.w.Header().Set("Connection", "close")
	}
	_ = x.rc.SetWriteDeadline(time.Now().Add(x.p.limits.AnswerTimeout))
	if err := ipp.WriteResponse(x.w, x.responseMessage(rep)); err != nil {
		x.p.cfg.Log.Debug("a print client did not take its answer", "error", err)
		return
	}
	// Flush now, since the printer may end as soon as this returns.
	_ = x.rc.Flush()
	if !whole {
		x.body.linger(x.p.limits.LingerTimeout)
	}
}

// hasReadBody reports whether the body was read to its end. After an operation
// without a document only the end of a chunked body can follow.
func (x *ippExchange) hasReadBody() bool {
	if !x.body.ended && x.op.run != nil && !x.op.document {
		_, _ = x.reader.Peek(1)
	}
	return x.body.ended && !x.spent
}

// responseMessage returns the response with its groups in the order of RFC 8011
// §4.1.7: the unsupported attributes come before those of the result.
func (x *ippExchange) responseMessage(rep *reply) *goipp.Message {
	m := ipp.NewResponse(x.msg, rep.status)
	if rep.message != "" {
		m.Operation.Add(ipp.Text("status-message", ipp.Clean(rep.message, textSize)))
	}
	m.Operation = append(m.Operation, rep.operation...)
	m.Groups = goipp.Groups{{Tag: goipp.TagOperationGroup, Attrs: m.Operation}}
	if len(rep.unsupported) > 0 {
		m.Groups.Add(goipp.Group{Tag: goipp.TagUnsupportedGroup, Attrs: rep.unsupported})
	}
	m.Groups = append(m.Groups, rep.groups...)
	return m
}

// hasDocument waits for the first byte after the message, and reports whether
// there is one.
func (x *ippExchange) hasDocument() (bool, error) {
	x.body.startDocument(x.p.limits.ProgressTimeout)
	_, err := x.reader.Peek(1)
	switch {
	case err == nil:
		return true, nil
	case err == io.EOF:
		return false, nil
	}
	return false, x.bodyError()
}

// bodyError returns the refusal for a body that could not be read to its end.
func (x *ippExchange) bodyError() error {
	if x.body.timedOut() {
		return errDocumentStalled
	}
	return errDocumentCutOff
}

func (x *ippExchange) printerURI(r *resource) string { return "ipp://" + x.host + r.path }

func (x *ippExchange) jobURI(id int) string {
	return "ipp://" + x.host + mainPath + "/" + strconv.Itoa(id)
}
