package simprinter

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"strconv"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// sendAnswer sends an IPP message as the fault and the configuration say.
func (x *httpExchange) sendAnswer(m *goipp.Message) {
	if x.fault.WrongID {
		m.RequestID++
	}
	x.printer.addEcho(m)
	b, err := m.EncodeBytes()
	if err != nil {
		x.sendStatus(http.StatusInternalServerError)
		return
	}
	if x.fault.Garbage {
		b = bytes.Repeat([]byte("garbage!"), 8)
	}
	if n := x.fault.AnswerBytes; n > 0 && n < len(b) {
		x.sendPartly(b, n)
	}
	x.sendResponse(http.StatusOK, ipp.ContentType, b)
}

// sendPartly sends n bytes of an answer and resets the connection.
func (x *httpExchange) sendPartly(b []byte, n int) {
	x.writer.Header().Set("Content-Type", ipp.ContentType)
	x.writer.Header().Set("Content-Length", strconv.Itoa(len(b)))
	_, _ = x.writer.Write(b[:n])
	_ = http.NewResponseController(x.writer).Flush()
	x.resetConn()
}

// sendStatus answers by only an HTTP status.
func (x *httpExchange) sendStatus(code int) {
	switch code {
	case http.StatusUnauthorized:
		x.writer.Header().Set("WWW-Authenticate", `Basic realm="`+x.printer.withEcho("printer")+`"`)
	case http.StatusUpgradeRequired:
		x.writer.Header().Set("Upgrade", "TLS/1.2, HTTP/1.1")
		x.writer.Header().Set("Connection", "Upgrade, close")
	case http.StatusServiceUnavailable:
		x.writer.Header().Set("Retry-After", "30")
	}
	x.sendResponse(code, "text/plain; charset=utf-8", []byte(x.reasonPhrase(code)+"\n"))
}

// sendResponse sends an answer.
func (x *httpExchange) sendResponse(code int, kind string, body []byte) {
	x.writer.Header().Set("Content-Type", kind)
	if x.fault.Early > 0 || x.message == nil {
		// net/http would wait for more of the body before it answers.
		_ = http.NewResponseController(x.writer).EnableFullDuplex()
	}
	if x.printer.config.Echo != "" {
		x.writer.Header().Set("Server", x.printer.config.Echo)
	}
	if x.behavior.Answers == "1.0" || x.taken != nil || x.printer.config.Echo != "" && code != http.StatusOK { // net/http has reason phrases of its own
		x.sendByHand(code, body)
		return
	}
	if x.behavior.Answers != "chunked" {
		x.writer.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	x.writer.WriteHeader(code)
	if x.behavior.Answers == "chunked" {
		_ = http.NewResponseController(x.writer).Flush()
	}
	_, _ = x.writer.Write(body)
}

// takenOver is a connection that net/http no longer has.
type takenOver struct {
	conn net.Conn
	rw   *bufio.ReadWriter
}

// hijackConn takes the connection from net/http; releaseConn closes it.
func (x *httpExchange) hijackConn() bool {
	if x.taken != nil {
		return true
	}
	c, rw, err := http.NewResponseController(x.writer).Hijack()
	if err != nil {
		return false
	}
	x.taken = &takenOver{c, rw}
	return true
}

// takeOver reads the body without 100-continue, which net/http would send.
func (x *httpExchange) takeOver() (io.Reader, bool) {
	if !x.hijackConn() {
		return nil, false
	}
	if x.request.ContentLength < 0 {
		return httputil.NewChunkedReader(x.taken.rw.Reader), true
	}
	return io.LimitReader(x.taken.rw.Reader, x.request.ContentLength), true
}

// sendByHand writes an answer to a connection that is closed after it.
func (x *httpExchange) sendByHand(code int, body []byte) {
	version := "1.1"
	if x.behavior.Answers == "1.0" {
		version = "1.0"
	}
	h := x.writer.Header().Clone()
	h.Set("Connection", "close")
	if version == "1.1" {
		h.Set("Content-Length", strconv.Itoa(len(body)))
	}
	if !x.hijackConn() {
		return
	}
	w := x.taken.rw.Writer
	fmt.Fprintf(w, "HTTP/%s %d %s\r\n", version, code, x.reasonPhrase(code))
	_ = h.Write(w)
	_, _ = w.WriteString("\r\n")
	_, _ = w.Write(body)
	_ = w.Flush()
}

// releaseConn closes a connection that was taken over.
func (x *httpExchange) releaseConn() {
	if x.taken != nil {
		_ = x.taken.conn.Close()
	}
}

// resetConn ends the connection with a TCP reset if the system allows it.
func (x *httpExchange) resetConn() {
	resetConn(x.netConn())
	panic(http.ErrAbortHandler)
}

// closeConn ends the connection after an answer, whatever more is coming.
func (x *httpExchange) closeConn() {
	_ = http.NewResponseController(x.writer).Flush()
	_ = x.netConn().Close()
}
