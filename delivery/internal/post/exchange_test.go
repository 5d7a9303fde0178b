package post

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// hostilePrinter answers a request with a document by any bytes.
type hostilePrinter struct {
	say    []byte
	times  int   // that it says them
	listen int64 // bytes of the request that it takes before; the rest goes on beside
	stays  bool  // it keeps the connection after that
}

// serveConn runs at the printer's end of a connection until the other end closes.
func (h hostilePrinter) serveConn(c net.Conn) {
	defer c.Close()
	_, _ = io.CopyN(io.Discard, c, h.listen)
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		_, _ = io.Copy(io.Discard, c)
	}()
	for range h.times {
		if _, err := c.Write(h.say); err != nil {
			break
		}
	}
	if !h.stays {
		c.Close()
	}
	<-heard
}

// measuredConn counts what is read from a connection.
type measuredConn struct {
	net.Conn
	read int64
}

// Read implements io.Reader. One goroutine reads.
func (m *measuredConn) Read(b []byte) (int, error) {
	n, err := m.Conn.Read(b)
	m.read += int64(n)
	return n, err
}

// TestEarlyAnswer: a printer that answers before it can have read the whole
// document has not confirmed it; one that answers after it has.
func TestEarlyAnswer(t *testing.T) {
	for name, early := range map[string]bool{"after 4 KiB": true, "behind the document": false} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			m := ipp.NewRequest(ipp.Version20, goipp.OpPrintJob, "ipp://p/")
			m.RequestID = askedID
			head, err := m.EncodeBytes()
			if err != nil {
				t.Fatal(err)
			}
			const size = 16 << 20 // more than the buffers of a connection hold
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				c, err := l.Accept()
				if err != nil {
					return
				}
				defer c.Close()
				r := bufio.NewReaderSize(c, 4096)
				req, err := http.ReadRequest(r)
				if err != nil {
					return
				}
				n := int64(4096)
				if !early {
					n = int64(len(head)) + size
				}
				_, _ = io.CopyN(io.Discard, req.Body, n)
				answer, _ := ipp.NewResponse(m, goipp.StatusOk).EncodeBytes()
				fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nContent-Length: %d\r\n\r\n%s", len(answer), answer)
				_, _ = io.Copy(io.Discard, c)
			}()
			conn, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			p := Request{Target: &url.URL{Scheme: "http", Host: "p", Path: "/"}, Message: m, Head: head,
				Document: ipp.Document{Reader: bytes.NewReader(make([]byte, size)), Size: size}}
			tr := newExchange(p, conn).carryOut(t.Context(), time.Minute, time.Minute, Hooks{Began: func() {}, Sent: func() {}, Stuck: func(context.Context) bool { return true }})
			<-ended
			if tr.Early != early || tr.Err != nil {
				t.Errorf("early %v, want %v, %v", tr.Early, early, tr.Err)
			}
		})
	}
}

const posted = 300 // bytes of the document of a request

// postTo sends a request with a document to a printer, which may be silent for
// the limit.
func postTo(t *testing.T, h hostilePrinter, packed, expect bool, limit time.Duration) (Result, *measuredConn) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	near, far := net.Pipe()
	ended := make(chan struct{})
	go func() { defer close(ended); h.serveConn(far) }()
	m := ipp.NewRequest(ipp.Version20, goipp.OpPrintJob, "ipp://p/")
	m.RequestID = askedID
	head, err := m.EncodeBytes()
	if err != nil {
		t.Fatal(err)
	}
	conn := &measuredConn{Conn: near}
	p := Request{
		Target: &url.URL{Scheme: "http", Host: "p", Path: "/"}, Message: m, Head: head, Gzip: packed, Expect: expect,
		Document: ipp.Document{Reader: bytes.NewReader(make([]byte, posted)), Size: posted},
	}
	sent := newExchange(p, conn).carryOut(ctx, limit, limit, Hooks{
		Began: func() {}, Sent: func() {}, Stuck: func(context.Context) bool { return false },
	})
	<-ended
	if ctx.Err() != nil {
		t.Error("it did not end by itself")
	}
	return sent, conn
}

// askedID is the number of the request that is made.
const askedID = 77

// ippAnswer returns an answer as HTTP carries it.
func ippAnswer(status goipp.Status, id uint32) []byte {
	m := goipp.NewResponse(ipp.Version20, status, id)
	m.Job.Add(ipp.Integer("job-id", 5))
	b, err := m.EncodeBytes()
	if err != nil {
		panic(err)
	}
	return b
}

func httpAnswer(header string, body []byte) []byte {
	return append([]byte("HTTP/1.1 "+header+"\r\n\r\n"), body...)
}

func chunkOf(b []byte) []byte { return fmt.Appendf(nil, "%x\r\n%s\r\n", len(b), b) }

const goOnLine = "HTTP/1.1 100 Continue\r\n\r\n"

// printerAnswers returns what printers say, good, broken and hostile.
func printerAnswers() map[string][]byte {
	ok := ippAnswer(goipp.StatusOk, askedID)
	sized := func(n int) string {
		return fmt.Sprintf("200 OK\r\nContent-Type: application/ipp\r\nContent-Length: %d", n)
	}
	chunked := "200 OK\r\nTransfer-Encoding: chunked"
	return map[string][]byte{
		"good":                        append([]byte(goOnLine), httpAnswer(sized(len(ok)), ok)...),
		"good, in chunks":             httpAnswer(chunked, append(chunkOf(ok), "0\r\n\r\n"...)),
		"good, http/1.0":              append([]byte("HTTP/1.0 200 OK\r\n\r\n"), ok...),
		"another request":             httpAnswer(sized(len(ok)), ippAnswer(goipp.StatusOk, askedID+1)),
		"refused":                     httpAnswer(sized(len(ok)), ippAnswer(goipp.StatusErrorBusy, askedID)),
		"not 200":                     httpAnswer("201 Created", ok),
		"not found":                   httpAnswer("404 Not Found\r\nContent-Length: 0", nil),
		"redirected":                  httpAnswer("307 Temporary Redirect\r\nLocation: http://192.0.2.1/", ok),
		"good, too short":             httpAnswer(sized(len(ok)+100), ok),
		"cut":                         httpAnswer(sized(len(ok)), ok[:9]),
		"too long a chunk":            httpAnswer(chunked, []byte("fffffffffffffffff\r\n")),
		"no chunk":                    httpAnswer(chunked, []byte("zz\r\n")),
		"good, in chunks without end": httpAnswer(chunked, chunkOf(ok)),
		"good, in a chunk cut off":    httpAnswer(chunked, append([]byte("ffffffff\r\n"), ok...)),
		"good, with both lengths":     httpAnswer(chunked+"\r\nContent-Length: 3", append(chunkOf(ok), "0\r\n\r\n"...)),
		"a negative length":           httpAnswer("200 OK\r\nContent-Length: -1", ok),
		"two lengths":                 httpAnswer("200 OK\r\nContent-Length: 9\r\nContent-Length: 10", ok),
		"goes on for ever":            []byte(goOnLine),
		"early hints":                 []byte("HTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n"),
		"switches protocols":          httpAnswer("101 Switching Protocols\r\nUpgrade: x", ok),
		"a header":                    []byte("HTTP/1.1 200 OK\r\nX-A: " + strings.Repeat("a", 2000)),
		"headers":                     []byte("HTTP/1.1 200 OK\r\n" + strings.Repeat("A: b\r\n", 300)),
		"one header of many":          []byte("A: b\r\n"),
		"no http":                     []byte("@PJL USTATUS DEVICE\r\nCODE=10001\r\n\f"),
		"tls":                         {0x15, 3, 3, 0, 2, 2, 70},
		"nothing":                     nil,
	}
}

// checkHonest fails the test where an exchange believes what was not said: a
// document counts as taken only by an answer to its own request that says so.
func checkHonest(t *testing.T, h hostilePrinter, sent Result, conn *measuredConn) {
	t.Helper()
	if conn.read > answerSize {
		t.Errorf("%d bytes of an answer were read", conn.read)
	}
	if sent.Bytes > posted || sent.Whole && sent.Bytes != posted {
		t.Errorf("%d bytes of %d, whole: %v", sent.Bytes, posted, sent.Whole)
	}
	if sent.Err != nil {
		return
	}
	switch a := sent.Answer; {
	case a == nil:
		t.Error("taken without an answer")
	case a.RequestID != askedID && a.RequestID > 1 || !ipp.OK(goipp.Status(a.Code)):
		t.Errorf("taken by %s of request %d", goipp.Status(a.Code), a.RequestID)
	case !bytes.Contains(bytes.Repeat(h.say, min(h.times, 2)), []byte(" 200")):
		t.Errorf("taken by %q", h.say)
	}
}

// FuzzExchange lets a printer answer a request with a document by any bytes,
// once or over and over, before it has heard any of it or later, with the
// connection kept or closed after it. That always ends, reads no more than an
// answer may have, and is honest.
func FuzzExchange(f *testing.F) {
	for _, a := range printerAnswers() {
		for _, how := range []byte{0, 3, 5, 6} {
			f.Add(a, uint16(1), 300*uint16(how%3), how)
		}
		f.Add(a, uint16(3000), uint16(0), byte(0))
	}
	f.Fuzz(func(t *testing.T, say []byte, times, listen uint16, how byte) {
		h := hostilePrinter{say: say, times: min(int(times), 1+2*answerSize/(1+len(say))), listen: int64(listen % 1024), stays: how&1 != 0}
		sent, conn := postTo(t, h, how&2 != 0, how&4 != 0, 20*time.Millisecond)
		checkHonest(t, h, sent, conn)
	})
}

// A document is taken by the good answers and by no others, however it was
// sent. A good one is enough, whether or not its printer ever ends it.
func TestExchangeBelieves(t *testing.T) {
	for name, a := range printerAnswers() {
		t.Run(name, func(t *testing.T) {
			good := strings.HasPrefix(name, "good")
			for how := range 4 {
				h := hostilePrinter{say: a, times: 1, listen: 100, stays: good && !strings.Contains(name, "cut off")}
				sent, conn := postTo(t, h, how&1 != 0, how&2 != 0, time.Minute)
				checkHonest(t, h, sent, conn)
				if taken := sent.Err == nil; taken != good {
					t.Errorf("taken: %v, %v", taken, sent.Err)
				}
			}
		})
	}
}

// A printer that says something over and over is heard so long, and no longer.
func TestExchangeFloods(t *testing.T) {
	for name, a := range printerAnswers() {
		if len(a) == 0 || strings.HasPrefix(name, "good") || name == "cut" { // over and over, it is as long as it says
			continue
		}
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			h := hostilePrinter{say: a, times: 16 * answerSize / len(a), listen: 100}
			sent, conn := postTo(t, h, false, true, time.Minute)
			runtime.ReadMemStats(&after)
			checkHonest(t, h, sent, conn)
			if sent.Err == nil {
				t.Error("the document counts as taken")
			}
			// Most of it is thrown away at once: a line is read, and then the
			// next.
			if grown := (after.TotalAlloc - before.TotalAlloc) >> 20; grown > 128 {
				t.Errorf("%d MB were allocated", grown)
			}
		})
	}
}
