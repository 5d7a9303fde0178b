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
	x.p.addEcho(m)
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
	x.w.Header().Set("Content-Type", ipp.ContentType)
	x.w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	_, _ = x.w.Write(b[:n])
	_ = http.NewResponseController(x.w).Flush()
	x.resetConn()
}

// sendStatus answers by only an HTTP status.
func (x *httpExchange) sendStatus(code int) {
	switch code {
	case http.StatusUnauthorized:
		x.w.Header().Set("WWW-Authenticate", `Basic realm="`+x.p.withEcho("printer")+`"`)
	case http.StatusUpgradeRequired:
		x.w.Header().Set("Upgrade", "TLS/1.2, HTTP/1.1")
		x.w.Header().Set("Connection", "Upgrade, close")
	case http.StatusServiceUnavailable:
		x.w.Header().Set("Retry-After", "30")
	}
	x.sendResponse(code, "text/plain; charset=utf-8", []byte(x.reasonPhrase(code)+"\n"))
}

// sendResponse sends an answer.
func (x *httpExchange) sendResponse(code int, kind string, body []byte) {
	x.w.Header().Set("Content-Type", kind)
	if x.fault.Early > 0 || x.m == nil {
		// net/http would wait for more of the body before it answers.
		_ = http.NewResponseController(x.w).EnableFullDuplex()
	}
	if x.p.config.Echo != "" {
		x.w.Header().Set("Server", x.p.config.Echo)
	}
	if x.how.Answers == "1.0" || x.taken != nil || x.p.config.Echo != "" && code != http.StatusOK { // net/http has reason phrases of its own
		x.sendByHand(code, body)
		return
	}
	if x.how.Answers != "chunked" {
		x.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	x.w.WriteHeader(code)
	if x.how.Answers == "chunked" {
		_ = http.NewResponseController(x.w).Flush()
	}
	_, _ = x.w.Write(body)
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
	c, rw, err := http.NewResponseController(x.w).Hijack()
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
	if x.r.ContentLength < 0 {
		return httputil.NewChunkedReader(x.taken.rw.Reader), true
	}
	return io.LimitReader(x.taken.rw.Reader, x.r.ContentLength), true
}

// sendByHand writes an answer to a connection that is closed after it.
func (x *httpExchange) sendByHand(code int, body []byte) {
	version := "1.1"
	if x.how.Answers == "1.0" {
		version = "1.0"
	}
	h := x.w.Header().Clone()
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

// resetConn ends the connection with a TCP reset where the system lets it.
func (x *httpExchange) resetConn() {
	resetConn(x.netConn())
	panic(http.ErrAbortHandler)
}

// closeConn ends the connection after an answer, whatever more is coming.
func (x *httpExchange) closeConn() {
	_ = http.NewResponseController(x.w).Flush()
	_ = x.netConn().Close()
}
