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

// answer sends an IPP message as the fault and the configuration have it.
func (x *exchange) answer(m *goipp.Message) {
	if x.fault.WrongID {
		m.RequestID++
	}
	x.p.echo(m)
	b, err := m.EncodeBytes()
	if err != nil {
		x.status(http.StatusInternalServerError)
		return
	}
	if x.fault.Garbage {
		b = bytes.Repeat([]byte("garbage!"), 8)
	}
	if n := x.fault.AnswerBytes; n > 0 && n < len(b) {
		x.partly(b, n)
	}
	x.send(http.StatusOK, ipp.ContentType, b)
}

// partly sends n bytes of an answer and resets the connection.
func (x *exchange) partly(b []byte, n int) {
	x.w.Header().Set("Content-Type", ipp.ContentType)
	x.w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	_, _ = x.w.Write(b[:n])
	_ = http.NewResponseController(x.w).Flush()
	x.reset()
}

// status answers by an HTTP status alone.
func (x *exchange) status(code int) {
	switch code {
	case http.StatusUnauthorized:
		x.w.Header().Set("WWW-Authenticate", `Basic realm="`+x.p.echoed("printer")+`"`)
	case http.StatusUpgradeRequired:
		x.w.Header().Set("Upgrade", "TLS/1.2, HTTP/1.1")
		x.w.Header().Set("Connection", "Upgrade, close")
	case http.StatusServiceUnavailable:
		x.w.Header().Set("Retry-After", "30")
	}
	x.send(code, "text/plain; charset=utf-8", []byte(x.reason(code)+"\n"))
}

// send sends an answer.
func (x *exchange) send(code int, kind string, body []byte) {
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

// hijack takes the connection from net/http; release closes it.
func (x *exchange) hijack() bool {
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
func (x *exchange) takeOver() (io.Reader, bool) {
	if !x.hijack() {
		return nil, false
	}
	if x.r.ContentLength < 0 {
		return httputil.NewChunkedReader(x.taken.rw.Reader), true
	}
	return io.LimitReader(x.taken.rw.Reader, x.r.ContentLength), true
}

// sendByHand writes an answer to a connection that is closed behind it.
func (x *exchange) sendByHand(code int, body []byte) {
	version := "1.1"
	if x.how.Answers == "1.0" {
		version = "1.0"
	}
	h := x.w.Header().Clone()
	h.Set("Connection", "close")
	if version == "1.1" {
		h.Set("Content-Length", strconv.Itoa(len(body)))
	}
	if !x.hijack() {
		return
	}
	w := x.taken.rw.Writer
	fmt.Fprintf(w, "HTTP/%s %d %s\r\n", version, code, x.reason(code))
	_ = h.Write(w)
	_, _ = w.WriteString("\r\n")
	_, _ = w.Write(body)
	_ = w.Flush()
}

// release closes a connection that was taken over.
func (x *exchange) release() {
	if x.taken != nil {
		_ = x.taken.conn.Close()
	}
}

// reset ends the connection with a TCP reset where the system lets it.
func (x *exchange) reset() {
	reset(x.conn())
	panic(http.ErrAbortHandler)
}

// close ends the connection behind an answer, whatever more is coming.
func (x *exchange) close() {
	_ = http.NewResponseController(x.w).Flush()
	_ = x.conn().Close()
}
