package spooler

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// dial opens a bare connection to the printer.
func (r *testPrinter) dial() net.Conn {
	r.Helper()
	c, err := net.Dial("tcp", r.addr)
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(10 * time.Second))
	return c
}

// sendRaw sends bytes and reads one response.
func (r *testPrinter) sendRaw(request string) *http.Response {
	r.Helper()
	c := r.dial()
	if _, err := io.WriteString(c, request); err != nil {
		r.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		r.Fatalf("no answer to %.80q: %v", request, err)
	}
	return resp
}

func bytesOf(t testing.TB, m *goipp.Message) []byte {
	t.Helper()
	b, err := m.EncodeBytes()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// postRequest returns an HTTP request with a Get-Printer-Attributes and a
// changed header.
func (r *testPrinter) postRequest(line string, header http.Header) string {
	body := bytesOf(r, r.newRequest(goipp.OpGetPrinterAttributes, ipp.Keyword("requested-attributes", "printer-name")))
	h := http.Header{
		"Host":           {fmt.Sprint("localhost:", r.port)},
		"Content-Type":   {"application/ipp"},
		"Content-Length": {fmt.Sprint(len(body))},
	}
	for k, v := range header {
		h[k] = v
	}
	var b strings.Builder
	b.WriteString(line + "\r\n")
	h.Write(&b)
	return b.String() + "\r\n" + string(body)
}

func TestGate(t *testing.T) {
	r := startPrinter(t)
	const line = "POST /ipp/print HTTP/1.1"
	at := func(host string) http.Header { return http.Header{"Host": {fmt.Sprintf(host, r.port)}} }
	with := func(name string, values ...string) http.Header { return http.Header{name: values} }
	for name, c := range map[string]struct {
		line   string
		header http.Header
		want   int
	}{
		"localhost":                   {line, nil, 200},
		"localhost.":                  {line, at("localhost.:%d"), 200},
		"LOCALHOST":                   {line, at("LOCALHOST:%d"), 200},
		"127.0.0.1":                   {line, at("127.0.0.1:%d"), 200},
		"[::1]":                       {line, at("[::1]:%d"), 200},
		"root":                        {"POST / HTTP/1.1", nil, 200},
		"a job":                       {"POST /ipp/print/17 HTTP/1.1", nil, 200},
		"query":                       {"POST /ipp/print?x=1 HTTP/1.1", nil, 200},
		"absolute":                    {fmt.Sprintf("POST http://localhost:%d/ipp/print HTTP/1.1", r.port), nil, 200},
		"http/1.0":                    {"POST /ipp/print HTTP/1.0", nil, 200},
		"http/1.0 without host":       {"POST /ipp/print HTTP/1.0", with("Host"), 400},
		"no host":                     {line, with("Host"), 400},
		"two hosts":                   {line, with("Host", fmt.Sprint("localhost:", r.port), "evil.example"), 400},
		"another name":                {line, at("evil.example:%d"), 400},
		"a name of digits":            {line, at("1.evil.example:%d"), 400},
		"an address as a name":        {line, at("127.0.0.1.evil.example:%d"), 400},
		"a rebound name":              {line, at("7f000001.rebind.example:%d"), 400},
		"evil.local":                  {line, at("evil.local:%d"), 400},
		"localhost within":            {line, at("localhost.evil.example:%d"), 400},
		"a long s":                    {line, at("localho\u017ft:%d"), 400},
		"another loopback address":    {line, at("127.0.0.2:%d"), 400},
		"the address in hex":          {line, at("0x7f000001:%d"), 400},
		"the address as a number":     {line, at("2130706433:%d"), 400},
		"the address, short":          {line, at("127.1:%d"), 400},
		"the address in v6":           {line, at("[::ffff:127.0.0.1]:%d"), 400},
		"v4 in brackets":              {line, at("[127.0.0.1]:%d"), 400},
		"v6 without brackets":         {line, at("::1:%d"), 400},
		"v6 with a zone":              {line, at("[::1%%25lo]:%d"), 400},
		"0.0.0.0":                     {line, at("0.0.0.0:%d"), 400},
		"no port":                     {line, with("Host", "localhost"), 400},
		"another port":                {line, with("Host", "localhost:631"), 400},
		"a user":                      {line, at("x@localhost:%d"), 400},
		"absolute elsewhere":          {fmt.Sprintf("POST http://evil.example:%d/ipp/print HTTP/1.1", r.port), nil, 400},
		"absolute, another scheme":    {fmt.Sprintf("POST https://localhost:%d/ipp/print HTTP/1.1", r.port), nil, 400},
		"absolute, with a user":       {fmt.Sprintf("POST http://u@localhost:%d/ipp/print HTTP/1.1", r.port), nil, 400},
		"a page":                      {line, with("Origin", "http://evil.example"), 403},
		"a page of no origin":         {line, with("Origin", "null"), 403},
		"an empty origin":             {line, with("Origin", ""), 403},
		"a page that refers":          {line, with("Referer", "http://localhost/"), 403},
		"a browser":                   {line, with("Sec-Fetch-Site", "none"), 403},
		"get":                         {"GET /ipp/print HTTP/1.1", nil, 405},
		"head":                        {"HEAD /ipp/print HTTP/1.1", nil, 405},
		"put":                         {"PUT /ipp/print HTTP/1.1", nil, 405},
		"options":                     {"OPTIONS /ipp/print HTTP/1.1", nil, 405},
		"options *":                   {"OPTIONS * HTTP/1.1", nil, 405},
		"preflight":                   {"OPTIONS /ipp/print HTTP/1.1", http.Header{"Origin": {"http://e"}, "Access-Control-Request-Private-Network": {"true"}}, 403},
		"another path":                {"POST /admin HTTP/1.1", nil, 404},
		"a path beyond":               {"POST /ipp/print/1/2 HTTP/1.1", nil, 404},
		"job 0":                       {"POST /ipp/print/0 HTTP/1.1", nil, 404},
		"job +1":                      {"POST /ipp/print/+1 HTTP/1.1", nil, 404},
		"a path with dots":            {"POST /ipp/print/../../etc HTTP/1.1", nil, 404},
		"text":                        {line, with("Content-Type", "text/plain"), 415},
		"no type":                     {line, with("Content-Type"), 415},
		"two types":                   {line, with("Content-Type", "application/ipp", "text/plain"), 415},
		"a type and more":             {line, with("Content-Type", "application/ipp; charset=utf-8"), 415},
		"http compression":            {line, with("Content-Encoding", "gzip"), 415},
		"a header of 17 KiB":          {line, with("X-Fill", strings.Repeat("x", 17<<10)), 431},
		"a header of 11 KiB":          {line, with("X-Fill", strings.Repeat("x", 11<<10)), 200},
		"nonsense in the body's size": {line, with("Content-Length", "x"), 400},
		"an empty body":               {line, with("Content-Length", "0"), 400},
	} {
		t.Run(name, func(t *testing.T) {
			r.T = t
			resp := r.sendRaw(r.postRequest(c.line, c.header))
			if resp.StatusCode != c.want {
				t.Fatalf("answered %s, want %d", resp.Status, c.want)
			}
			for name := range resp.Header {
				if name == "Server" || strings.HasPrefix(name, "Access-Control") {
					t.Errorf("%s is told", name)
				}
			}
			switch c.want {
			case 403, 404, 405, 415:
				if b, _ := io.ReadAll(resp.Body); len(b) != 0 {
					t.Errorf("answered with a body: %q", b)
				}
			}
		})
	}
}

func TestManyRequestsOnOneConnection(t *testing.T) {
	r := startPrinter(t)
	c := r.dial()
	in := bufio.NewReader(c)
	for range 3 {
		io.WriteString(c, r.postRequest("POST /ipp/print HTTP/1.1", nil))
		resp, err := http.ReadResponse(in, nil)
		if err != nil || resp.StatusCode != 200 || resp.Close {
			t.Fatalf("%v, %v", resp, err)
		}
		io.Copy(io.Discard, resp.Body)
	}
	chunked := r.newRequest(goipp.OpGetPrinterAttributes)
	b := bytesOf(t, chunked)
	fmt.Fprintf(c, "POST /ipp/print HTTP/1.1\r\nHost: %s\r\nContent-Type: application/ipp\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", r.addr, len(b), b)
	resp, err := http.ReadResponse(in, nil)
	if err != nil || resp.StatusCode != 200 || resp.Close {
		t.Errorf("chunked: %v, %v", resp, err)
	}
}

func TestWhatEveryRequestMustHave(t *testing.T) {
	r := startPrinter(t)
	charset := goipp.MakeAttr("attributes-charset", goipp.TagCharset, goipp.String("utf-8"))
	language := goipp.MakeAttr("attributes-natural-language", goipp.TagLanguage, goipp.String("en"))
	uri := ipp.URI("printer-uri", r.client.URI)
	good := goipp.Attributes{charset, language, uri}
	group := func(tag goipp.Tag, attrs ...goipp.Attribute) goipp.Group { return goipp.Group{Tag: tag, Attrs: attrs} }
	ofPrinter := func(uri string) goipp.Groups {
		return goipp.Groups{group(goipp.TagOperationGroup, charset, language, ipp.URI("printer-uri", uri))}
	}
	for name, c := range map[string]struct {
		change func(*goipp.Message)
		want   goipp.Status
	}{
		"nothing wrong":   {func(m *goipp.Message) {}, goipp.StatusOk},
		"version 1.0":     {func(m *goipp.Message) { m.Version = 0x0100 }, goipp.StatusOk},
		"version 2.2":     {func(m *goipp.Message) { m.Version = 0x0202 }, goipp.StatusOk},
		"version 0.0":     {func(m *goipp.Message) { m.Version = 0 }, goipp.StatusErrorVersionNotSupported},
		"version 9.1":     {func(m *goipp.Message) { m.Version = 0x0901 }, goipp.StatusErrorVersionNotSupported},
		"request 0":       {func(m *goipp.Message) { m.RequestID = 0 }, goipp.StatusErrorBadRequest},
		"request -1":      {func(m *goipp.Message) { m.RequestID = 1<<32 - 1 }, goipp.StatusErrorBadRequest},
		"Print-URI":       {func(m *goipp.Message) { m.Code = goipp.Code(goipp.OpPrintURI) }, goipp.StatusErrorOperationNotSupported},
		"Send-URI":        {func(m *goipp.Message) { m.Code = goipp.Code(goipp.OpSendURI) }, goipp.StatusErrorOperationNotSupported},
		"no operation":    {func(m *goipp.Message) { m.Code = 0x7fff }, goipp.StatusErrorOperationNotSupported},
		"no attributes":   {func(m *goipp.Message) { m.Groups = goipp.Groups{} }, goipp.StatusErrorBadRequest},
		"other group":     {func(m *goipp.Message) { m.Groups = goipp.Groups{group(goipp.TagJobGroup, good...)} }, goipp.StatusErrorBadRequest},
		"operation twice": {func(m *goipp.Message) { m.Groups = append(m.Groups, m.Groups[0]) }, goipp.StatusErrorBadRequest},
		"operation after job": {func(m *goipp.Message) {
			m.Groups = goipp.Groups{group(goipp.TagJobGroup, ipp.Integer("copies", 1)), m.Groups[0]}
		}, goipp.StatusErrorBadRequest},
		"twice the same": {func(m *goipp.Message) { m.Groups[0].Add(uri) }, goipp.StatusErrorBadRequest},
		"twice the same of a job": {func(m *goipp.Message) {
			m.Groups.Add(group(goipp.TagJobGroup, ipp.Integer("copies", 1), ipp.Integer("copies", 1)))
		}, goipp.StatusErrorBadRequest},
		"language first":           {func(m *goipp.Message) { m.Groups[0].Attrs = goipp.Attributes{language, charset, uri} }, goipp.StatusErrorBadRequest},
		"no charset":               {func(m *goipp.Message) { m.Groups[0].Attrs = goipp.Attributes{language, uri} }, goipp.StatusErrorBadRequest},
		"no language":              {func(m *goipp.Message) { m.Groups[0].Attrs = goipp.Attributes{charset, uri} }, goipp.StatusErrorBadRequest},
		"charset as text":          {func(m *goipp.Message) { m.Groups[0].Attrs[0] = ipp.Text("attributes-charset", "utf-8") }, goipp.StatusErrorBadRequest},
		"a charset in capitals":    {func(m *goipp.Message) { m.Groups[0].Attrs[0].Values[0].V = goipp.String("UTF-8") }, goipp.StatusOk},
		"another charset":          {func(m *goipp.Message) { m.Groups[0].Attrs[0].Values[0].V = goipp.String("utf-16") }, goipp.StatusErrorCharset},
		"no printer":               {func(m *goipp.Message) { m.Groups[0].Attrs = goipp.Attributes{charset, language} }, goipp.StatusErrorBadRequest},
		"printer as keyword":       {func(m *goipp.Message) { m.Groups[0].Attrs[2] = ipp.Keyword("printer-uri", r.client.URI) }, goipp.StatusErrorBadRequest},
		"two printers":             {func(m *goipp.Message) { m.Groups[0].Attrs[2] = ipp.URI("printer-uri", r.client.URI, r.client.URI) }, goipp.StatusErrorBadRequest},
		"a printer elsewhere":      {func(m *goipp.Message) { m.Groups = ofPrinter("ipp://printer.example/ipp/print") }, goipp.StatusErrorNotFound},
		"at another port":          {func(m *goipp.Message) { m.Groups = ofPrinter("ipp://localhost:1/ipp/print") }, goipp.StatusErrorNotFound},
		"at another path":          {func(m *goipp.Message) { m.Groups = ofPrinter(fmt.Sprintf("ipp://localhost:%d/x", r.port)) }, goipp.StatusErrorNotFound},
		"by another protocol":      {func(m *goipp.Message) { m.Groups = ofPrinter(fmt.Sprintf("ipps://localhost:%d/ipp/print", r.port)) }, goipp.StatusErrorNotFound},
		"no uri at all":            {func(m *goipp.Message) { m.Groups = ofPrinter("%zz") }, goipp.StatusErrorNotFound},
		"by another of its names":  {func(m *goipp.Message) { m.Groups = ofPrinter(fmt.Sprintf("ipp://[::1]:%d/ipp/print", r.port)) }, goipp.StatusOk},
		"by http":                  {func(m *goipp.Message) { m.Groups = ofPrinter(fmt.Sprintf("http://localhost:%d/ipp/print", r.port)) }, goipp.StatusOk},
		"without path":             {func(m *goipp.Message) { m.Groups = ofPrinter(fmt.Sprintf("ipp://localhost:%d", r.port)) }, goipp.StatusOk},
		"an attribute of no sense": {func(m *goipp.Message) { m.Groups[0].Add(ipp.Integer("nonsense", 1)) }, goipp.StatusOk},
		"requested as names":       {func(m *goipp.Message) { m.Groups[0].Add(ipp.Name("requested-attributes", "all")) }, goipp.StatusErrorBadRequest},
		"a job without job-id":     {func(m *goipp.Message) { m.Code = goipp.Code(goipp.OpGetJobAttributes) }, goipp.StatusErrorBadRequest},
		"a job elsewhere": {func(m *goipp.Message) {
			m.Code = goipp.Code(goipp.OpGetJobAttributes)
			m.Groups[0].Attrs[2] = ipp.URI("job-uri", "ipp://printer.example/ipp/print/1")
		}, goipp.StatusErrorNotFound},
		"a job that is none": {func(m *goipp.Message) {
			m.Code = goipp.Code(goipp.OpGetJobAttributes)
			m.Groups[0].Attrs[2] = ipp.URI("job-uri", r.client.URI+"/x")
		}, goipp.StatusErrorNotFound},
		"eleven collections deep": {func(m *goipp.Message) {
			c := goipp.Collection{ipp.Integer("x", 1)}
			for range 10 {
				c = goipp.Collection{ipp.Collections("c", c)}
			}
			m.Groups.Add(group(goipp.TagJobGroup, ipp.Collections("c", c)))
		}, goipp.StatusErrorRequestEntity},
		"2001 attributes": {func(m *goipp.Message) {
			for i := range 2001 {
				m.Groups[0].Add(ipp.Integer(fmt.Sprint("a", i), 1))
			}
		}, goipp.StatusErrorRequestEntity},
	} {
		t.Run(name, func(t *testing.T) {
			r.T = t
			m := ipp.NewRequest(ipp.Version20, goipp.OpGetPrinterAttributes, r.client.URI)
			m.Groups = goipp.Groups{group(goipp.TagOperationGroup, good...)}
			m.Groups = m.Groups.DeepCopy()
			c.change(m)
			a := r.mustDo(c.want, m)
			if a.Version.Major() != 1 && a.Version.Major() != 2 {
				t.Errorf("answered in version %s", a.Version)
			}
		})
	}
}

func TestMalformedMessages(t *testing.T) {
	r := startPrinter(t)
	good := bytesOf(t, r.newRequest(goipp.OpGetPrinterAttributes))
	for name, c := range map[string]struct {
		body []byte
		want goipp.Status
	}{
		"cut off":       {good[:len(good)-1], goipp.StatusErrorBadRequest},
		"head alone":    {good[:8], goipp.StatusErrorBadRequest},
		"text":          {append(good[:8:8], "GET / HTTP/1.1\r\n\r\n"...), goipp.StatusErrorRequestEntity},
		"over a MiB":    {append(good[:len(good)-1:len(good)-1], bytes.Repeat(append([]byte{0x41, 0, 1, 'a', 0xff, 0xff}, make([]byte, 65535)...), 17)...), goipp.StatusErrorRequestEntity},
		"odd value":     {append(good[:len(good)-1:len(good)-1], 0x21, 0, 1, 'x', 0, 1, 0, 3), goipp.StatusErrorBadRequest},
		"other version": {append([]byte{7}, good[1:20]...), goipp.StatusErrorVersionNotSupported},
	} {
		t.Run(name, func(t *testing.T) {
			r.T = t
			resp := r.sendRaw(fmt.Sprintf("POST /ipp/print HTTP/1.1\r\nHost: %s\r\nContent-Type: application/ipp\r\nContent-Length: %d\r\n\r\n%s", r.addr, len(c.body), c.body))
			a, err := ipp.ReadMessage(bufio.NewReader(resp.Body), ipp.DefaultLimits)
			if resp.StatusCode != 200 || err != nil || goipp.Status(a.Code) != c.want {
				t.Errorf("%s, %v, %v, want %s", resp.Status, a, err, c.want)
			}
		})
	}
	if resp := r.sendRaw(fmt.Sprintf("POST /ipp/print HTTP/1.1\r\nHost: %s\r\nContent-Type: application/ipp\r\nContent-Length: 7\r\n\r\nabcdefg", r.addr)); resp.StatusCode != 400 {
		t.Errorf("seven bytes: %s", resp.Status)
	}
}

func TestSlowHeaderIsNotWaitedFor(t *testing.T) {
	r := startPrinter(t, func(c *Config) { c.Limits.HeaderTimeout = 50 * time.Millisecond })
	c := r.dial()
	io.WriteString(c, "POST /ipp/print HTTP/1.1\r\nHost: ")
	if b, err := io.ReadAll(c); err != nil {
		t.Errorf("it still waits after %q: %v", b, err)
	}
}

func TestSlowMessageIsNotWaitedFor(t *testing.T) {
	r := startPrinter(t, func(c *Config) {
		c.Limits.MessageTimeout, c.Limits.LingerTimeout = 50*time.Millisecond, time.Millisecond
	})
	c := r.dial()
	fmt.Fprintf(c, "POST /ipp/print HTTP/1.1\r\nHost: %s\r\nContent-Type: application/ipp\r\nContent-Length: 100\r\n\r\n\x02\x00\x00\x0b\x00\x00\x00\x01\x01", r.addr)
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	if a, err := ipp.ReadMessage(bufio.NewReader(resp.Body), ipp.DefaultLimits); err != nil || goipp.Status(a.Code) != goipp.StatusErrorBadRequest {
		t.Errorf("%v, %v", a, err)
	}
}
