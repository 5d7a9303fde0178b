package spooler

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/ipp"
)

// readStatus reads a response from a connection and returns its HTTP status, or
// its IPP status where that is 200.
func readStatus(c net.Conn) string {
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return "closed"
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Sprint(resp.StatusCode)
	}
	a, err := ipp.ReadMessage(bufio.NewReader(resp.Body), ipp.DefaultLimits)
	if err != nil {
		return err.Error()
	}
	return goipp.Status(a.Code).String()
}

// nestedCollections returns nested collections, encoded as in a message.
func nestedCollections(depth int) []byte {
	return append([]byte{0x34, 0, 1, 'c', 0, 0}, bytes.Repeat([]byte{0x4a, 0, 0, 0, 1, 'm', 0x34, 0, 0, 0, 0}, depth)...)
}

// TestAbuse replays what a web page, another user's program or a bad file may
// try, while a good client prints.
func TestAbuse(t *testing.T) {
	peers.Short(t, "a limit of seconds runs out")
	r := startPrinter(t, func(c *Config) {
		c.Limits.HeaderTimeout, c.Limits.MessageTimeout, c.Limits.ProgressTimeout = 2*time.Second, 2*time.Second, 2*time.Second
		c.Limits.LingerTimeout = 10 * time.Millisecond
		c.Limits.Connections = 64
	})
	const line = "POST /ipp/print HTTP/1.1"
	ask := func(op goipp.Op, attrs ...goipp.Attribute) []byte { return bytesOf(t, r.newRequest(op, attrs...)) }
	body := func(b []byte) string {
		return fmt.Sprintf("%s\r\nHost: %s\r\nContent-Type: application/ipp\r\nContent-Length: %d\r\n\r\n%s", line, r.addr, len(b), b)
	}
	open := func(op goipp.Op, more []byte) string {
		b := ask(op)
		return body(append(b[:len(b)-1:len(b)-1], more...))
	}
	with := func(name, value string) string { return r.postRequest(line, http.Header{name: {value}}) }
	host := func(h string) string { return with("Host", fmt.Sprintf("%s:%d", h, r.port)) }
	gzip := ipp.Keyword("compression", "gzip")
	abuses := map[string]struct{ send, want string }{
		"a rebound name":        {host("7f000001.rebind.tld"), "400"},
		"a name of digits":      {host("1.evil.example"), "400"},
		"a local name":          {host("evil.local"), "400"},
		"a page":                {with("Origin", "http://evil.example"), "403"},
		"a page of no origin":   {with("Origin", "null"), "403"},
		"a link":                {with("Referer", "http://evil.example/"), "403"},
		"a browser":             {with("Sec-Fetch-Site", "cross-site"), "403"},
		"a form":                {with("Content-Type", "text/plain"), "415"},
		"a preflight":           {fmt.Sprintf("OPTIONS /ipp/print HTTP/1.1\r\nHost: %s\r\n\r\n", r.addr), "405"},
		"a page asked for":      {fmt.Sprintf("GET / HTTP/1.1\r\nHost: %s\r\n\r\n", r.addr), "405"},
		"an administrator":      {r.postRequest("POST /admin HTTP/1.1", nil), "404"},
		"a path that climbs":    {r.postRequest("POST /ipp/print/../../etc/passwd HTTP/1.1", nil), "404"},
		"a proxy":               {r.postRequest("POST http://evil.example/ipp/print HTTP/1.1", nil), "400"},
		"a file to fetch":       {body(ask(goipp.OpPrintURI, ipp.URI("document-uri", "file:///etc/shadow"))), "server-error-operation-not-supported"},
		"an address to fetch":   {body(ask(goipp.OpSendURI, ipp.URI("document-uri", "http://169.254.169.254/"), ipp.Integer("job-id", 1))), "server-error-operation-not-supported"},
		"an address to send to": {open(goipp.OpCreatePrinterSubscriptions, append([]byte{0x06, 0x45, 0, 20}, "notify-recipient-uri\x00\x09http://e/\x03"...)), "client-error-ignored-all-subscriptions"},
		"the printer paused":    {body(ask(goipp.OpPausePrinter)), "server-error-operation-not-supported"},
		"all jobs purged":       {body(ask(goipp.OpPurgeJobs)), "server-error-operation-not-supported"},
		"eleven collections":    {open(goipp.OpPrintJob, nestedCollections(10)), "client-error-request-entity-too-large"},
		"50000 collections":     {open(goipp.OpPrintJob, nestedCollections(50000)), "client-error-request-entity-too-large"},
		"20000 values":          {open(goipp.OpPrintJob, append([]byte{0x21, 0, 1, 'x', 0, 4, 0, 0, 0, 0}, bytes.Repeat([]byte{0x21, 0, 0, 0, 4, 0, 0, 0, 0}, 20000)...)), "client-error-request-entity-too-large"},
		"a name of 300 bytes":   {open(goipp.OpPrintJob, append([]byte{0x21, 1, 44}, make([]byte, 400)...)), "client-error-request-entity-too-large"},
		"two MiB of attributes": {open(goipp.OpPrintJob, bytes.Repeat(append([]byte{0x41, 0, 1, 'a', 0x7f, 0xff}, make([]byte, 32767)...), 64)), "client-error-request-entity-too-large"},
		"a tag that is none":    {open(goipp.OpPrintJob, []byte{0x7f, 0, 1, 'x', 0, 4, 0xff, 0xff, 0xff, 0xff, 0x03}), "client-error-bad-request"},
		"a bomb":                {body(append(ask(goipp.OpPrintJob, gzip), compressed(make([]byte, 20<<20), gz)...)), "client-error-request-entity-too-large"},
		"a bomb within gzip":    {body(append(ask(goipp.OpPrintJob, gzip), "\x1f\x8b\x08\x00 no gzip"...)), "client-error-compression-error"},
		"half a document":       {strings.Replace(body(append(ask(goipp.OpPrintJob), threePages()...)), "Content-Length: ", "Content-Length: 9", 1), "client-error-timeout"},
		"half a message":        {strings.Replace(body(ask(goipp.OpPrintJob)[:40]), "Content-Length: ", "Content-Length: 9", 1), "client-error-bad-request"},
		"another's job":         {body(append(ask(goipp.OpSendDocument, ipp.Integer("job-id", 1), lastDocument(true)), threePages()...)), "client-error-not-authorized"},
	}
	other := ipp.NewRequest(ipp.Version20, goipp.OpCreateJob, r.client.URI)
	other.Operation.Add(ipp.Name("requesting-user-name", "bob"))
	r.mustDo(goipp.StatusOk, other)

	var crowd []net.Conn
	for range 200 {
		c := r.dial()
		io.WriteString(c, "POST /ipp/print HT")
		crowd = append(crowd, c)
	}
	ended, printed := make(chan struct{}), make(chan int)
	go func() {
		n := 0
		defer func() { printed <- n }()
		for {
			if _, err := r.client.Print(t.Context(), ipp.PrintJob{Title: "t", User: "carol", Format: "application/pdf"}, ipp.Document{Reader: bytes.NewReader(threePages()), Size: int64(len(threePages()))}); err != nil {
				t.Errorf("the good client: %v", err)
				return
			}
			n++
			select {
			case <-ended:
				return
			default:
			}
		}
	}()
	var trying sync.WaitGroup
	for name, c := range abuses {
		conn := r.dial()
		trying.Go(func() { io.WriteString(conn, c.send) })
		trying.Go(func() {
			if got := readStatus(conn); got != c.want {
				t.Errorf("%s: %s, want %s", name, got, c.want)
			}
			conn.Close()
		})
	}
	trying.Wait()
	close(ended)
	if n := <-printed; n < 3 {
		t.Errorf("the good client printed %d times", n)
	}
	for i, c := range crowd {
		if _, err := io.ReadAll(c); err != nil && strings.Contains(err.Error(), "timeout") {
			t.Fatalf("half-sent request %d is still waited for", i)
		}
	}
	for _, p := range r.intake.parked {
		if p.ticket.User != "carol" {
			t.Errorf("parked of %s: %.40q", p.ticket.User, p.Bytes())
		}
	}
}

func TestRatio(t *testing.T) {
	p, _ := newPrinter(t)
	for _, c := range []struct {
		come, octets int64
		want         error
	}{
		{1, ratioFrom, nil},
		{1, ratioFrom + 1, errOverRatio},
		{1 << 20, 200 << 20, nil},
		{1 << 20, 202 << 20, errOverRatio},
		{16 << 30, 16<<30 + 1, errDocumentTooLarge},
	} {
		x := &ippExchange{p: p, body: &requestBody{received: c.come}}
		if err := x.checkSize(c.octets); !errors.Is(err, c.want) {
			t.Errorf("%d of %d: %v", c.octets, c.come, err)
		}
	}
}
