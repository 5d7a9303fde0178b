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

// hostile is a printer that answers a request with a document by whatever
// bytes there are.
type hostile struct {
	say    []byte
	times  int   // that it says them
	listen int64 // bytes of the request that it takes before; the rest goes on beside
	stays  bool  // it keeps the connection behind that
}

// serve runs at the printer's end of a connection until the other end closes.
func (h hostile) serve(c net.Conn) {
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

// measured counts what is read from a connection.
type measured struct {
	net.Conn
	read int64
}

// Read implements io.Reader. One goroutine reads.
func (m *measured) Read(b []byte) (int, error) {
	n, err := m.Conn.Read(b)
	m.read += int64(n)
	return n, err
}

// TestEarlyAnswer: a printer that says yes before it can have read the whole
// document has not confirmed it; one that says so behind it has.
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
func postTo(t *testing.T, h hostile, packed, expect bool, limit time.Duration) (Result, *measured) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	near, far := net.Pipe()
	ended := make(chan struct{})
	go func() { defer close(ended); h.serve(far) }()
	m := ipp.NewRequest(ipp.Version20, goipp.OpPrintJob, "ipp://p/")
	m.RequestID = askedID
	head, err := m.EncodeBytes()
	if err != nil {
		t.Fatal(err)
	}
	conn := &measured{Conn: near}
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

// saying is an answer as HTTP brings it.
func saying(status goipp.Status, id uint32) []byte {
	m := goipp.NewResponse(ipp.Version20, status, id)
	m.Job.Add(ipp.Integer("job-id", 5))
	b, err := m.EncodeBytes()
	if err != nil {
		panic(err)
	}
	return b
}

func over(header string, body []byte) []byte {
	return append([]byte("HTTP/1.1 "+header+"\r\n\r\n"), body...)
}

func chunk(b []byte) []byte { return fmt.Appendf(nil, "%x\r\n%s\r\n", len(b), b) }

const goOnLine = "HTTP/1.1 100 Continue\r\n\r\n"

// answers are what printers say, good, broken and hostile.
func answers() map[string][]byte {
	ok := saying(goipp.StatusOk, askedID)
	sized := func(n int) string {
		return fmt.Sprintf("200 OK\r\nContent-Type: application/ipp\r\nContent-Length: %d", n)
	}
	chunked := "200 OK\r\nTransfer-Encoding: chunked"
	return map[string][]byte{
		"good":                        append([]byte(goOnLine), over(sized(len(ok)), ok)...),
		"good, in chunks":             over(chunked, append(chunk(ok), "0\r\n\r\n"...)),
		"good, http/1.0":              append([]byte("HTTP/1.0 200 OK\r\n\r\n"), ok...),
		"another request":             over(sized(len(ok)), saying(goipp.StatusOk, askedID+1)),
		"refused":                     over(sized(len(ok)), saying(goipp.StatusErrorBusy, askedID)),
		"not 200":                     over("201 Created", ok),
		"not found":                   over("404 Not Found\r\nContent-Length: 0", nil),
		"redirected":                  over("307 Temporary Redirect\r\nLocation: http://192.0.2.1/", ok),
		"good, too short":             over(sized(len(ok)+100), ok),
		"cut":                         over(sized(len(ok)), ok[:9]),
		"too long a chunk":            over(chunked, []byte("fffffffffffffffff\r\n")),
		"no chunk":                    over(chunked, []byte("zz\r\n")),
		"good, in chunks without end": over(chunked, chunk(ok)),
		"good, in a chunk cut off":    over(chunked, append([]byte("ffffffff\r\n"), ok...)),
		"good, with both lengths":     over(chunked+"\r\nContent-Length: 3", append(chunk(ok), "0\r\n\r\n"...)),
		"a negative length":           over("200 OK\r\nContent-Length: -1", ok),
		"two lengths":                 over("200 OK\r\nContent-Length: 9\r\nContent-Length: 10", ok),
		"goes on for ever":            []byte(goOnLine),
		"early hints":                 []byte("HTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n"),
		"switches protocols":          over("101 Switching Protocols\r\nUpgrade: x", ok),
		"a header":                    []byte("HTTP/1.1 200 OK\r\nX-A: " + strings.Repeat("a", 2000)),
		"headers":                     []byte("HTTP/1.1 200 OK\r\n" + strings.Repeat("A: b\r\n", 300)),
		"one header of many":          []byte("A: b\r\n"),
		"no http":                     []byte("@PJL USTATUS DEVICE\r\nCODE=10001\r\n\f"),
		"tls":                         {0x15, 3, 3, 0, 2, 2, 70},
		"nothing":                     nil,
	}
}

// honest fails the test where an exchange believes what was not said: a
// document counts as taken only by an answer to its own request that says so.
func honest(t *testing.T, h hostile, sent Result, conn *measured) {
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
// connection kept or closed behind. That always ends, reads no more than an
// answer may have, and is honest.
func FuzzExchange(f *testing.F) {
	for _, a := range answers() {
		for _, how := range []byte{0, 3, 5, 6} {
			f.Add(a, uint16(1), 300*uint16(how%3), how)
		}
		f.Add(a, uint16(3000), uint16(0), byte(0))
	}
	f.Fuzz(func(t *testing.T, say []byte, times, listen uint16, how byte) {
		h := hostile{say: say, times: min(int(times), 1+2*answerSize/(1+len(say))), listen: int64(listen % 1024), stays: how&1 != 0}
		sent, conn := postTo(t, h, how&2 != 0, how&4 != 0, 20*time.Millisecond)
		honest(t, h, sent, conn)
	})
}

// A document is taken by the good answers and by no others, however it was
// sent. A good one is enough, whether or not its printer ever ends it.
func TestExchangeBelieves(t *testing.T) {
	for name, a := range answers() {
		t.Run(name, func(t *testing.T) {
			good := strings.HasPrefix(name, "good")
			for how := range 4 {
				h := hostile{say: a, times: 1, listen: 100, stays: good && !strings.Contains(name, "cut off")}
				sent, conn := postTo(t, h, how&1 != 0, how&2 != 0, time.Minute)
				honest(t, h, sent, conn)
				if taken := sent.Err == nil; taken != good {
					t.Errorf("taken: %v, %v", taken, sent.Err)
				}
			}
		})
	}
}

// A printer that says something over and over is heard so long, and no longer.
func TestExchangeFloods(t *testing.T) {
	for name, a := range answers() {
		if len(a) == 0 || strings.HasPrefix(name, "good") || name == "cut" { // over and over, it is as long as it says
			continue
		}
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			h := hostile{say: a, times: 16 * answerSize / len(a), listen: 100}
			sent, conn := postTo(t, h, false, true, time.Minute)
			runtime.ReadMemStats(&after)
			honest(t, h, sent, conn)
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
