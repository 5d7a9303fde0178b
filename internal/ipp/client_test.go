package ipp

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/OpenPrinting/goipp"
)

// printer answers every request by f.
func printer(t *testing.T, f func(m *goipp.Message, body io.Reader, w http.ResponseWriter)) *Client {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		br := bufio.NewReader(r.Body)
		m, err := ReadMessage(br, RequestLimits)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		f(m, br, w)
	}))
	t.Cleanup(srv.Close)
	return &Client{HTTP: srv.Client(), URI: "ipp" + strings.TrimPrefix(srv.URL, "http") + "/ipp/print"}
}

func TestPrintSendsTheDocumentWhole(t *testing.T) {
	doc := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	var got []byte
	c := printer(t, func(m *goipp.Message, body io.Reader, w http.ResponseWriter) {
		got, _ = io.ReadAll(body)
		a := NewResponse(m, goipp.StatusOk)
		a.Job.Add(Integer("job-id", 42))
		WriteResponse(w, a)
	})
	id, err := c.Print(t.Context(), PrintJob{Title: "t", User: "u", Format: "application/pdf"}, Document{bytes.NewReader(doc), int64(len(doc))})
	if err != nil || id != 42 {
		t.Fatalf("id %d, %v", id, err)
	}
	if !bytes.Equal(got, doc) {
		t.Errorf("%d bytes came, not the %d sent", len(got), len(doc))
	}
}

func TestDoTellsWhatThePrinterSaid(t *testing.T) {
	c := printer(t, func(m *goipp.Message, _ io.Reader, w http.ResponseWriter) {
		a := NewResponse(m, goipp.StatusErrorNotAcceptingJobs)
		a.Operation.Add(Text("status-message", "out of \x1b[31mpaper\n"))
		WriteResponse(w, a)
	})
	_, err := c.Do(t.Context(), NewRequest(Version20, goipp.OpGetPrinterAttributes, c.URI), nil)
	if !IsStatus(err, goipp.StatusErrorNotAcceptingJobs) || !strings.HasSuffix(err.Error(), ": out of [31mpaper") {
		t.Errorf("got %v", err)
	}
}

func TestDoRefusesAnAnswerToAnotherRequest(t *testing.T) {
	c := printer(t, func(m *goipp.Message, _ io.Reader, w http.ResponseWriter) {
		m.RequestID++
		WriteResponse(w, NewResponse(m, goipp.StatusOk))
	})
	if _, err := c.Do(t.Context(), NewRequest(Version20, goipp.OpGetJobs, c.URI), nil); !errors.Is(err, ErrMalformed) {
		t.Errorf("got %v", err)
	}
}

func TestDoTellsHTTPStatus(t *testing.T) {
	c := printer(t, func(_ *goipp.Message, _ io.Reader, w http.ResponseWriter) { w.WriteHeader(http.StatusUpgradeRequired) })
	_, err := c.Do(context.Background(), NewRequest(Version20, goipp.OpGetJobs, c.URI), nil)
	if he, ok := errors.AsType[*HTTPError](err); !ok || he.Code != http.StatusUpgradeRequired {
		t.Errorf("got %v", err)
	}
}

func TestHTTPURL(t *testing.T) {
	for in, want := range map[string]string{
		"ipp://h/ipp/print":      "http://h:631/ipp/print",
		"ipps://h:443/ipp/print": "https://h:443/ipp/print",
		"ipps://[::1]/p":         "https://[::1]:631/p",
		"http://h/":              "",
		"ipp://u:p@h/":           "",
		"ipp:///x":               "",
		"socket://h":             "",
		"::":                     "",
	} {
		got, err := HTTPURL(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v", in, got, err)
		}
	}
}

func TestDecoded(t *testing.T) {
	for in, want := range map[string]string{
		"Büro": "Büro", "B\xfcro": "Büro", "\x80 5": "€ 5", "a\x81b": "ab", "": "", "caf\xe9 \x93x\x94": "café “x”",
	} {
		if got := DecodeText(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestClean(t *testing.T) {
	for _, c := range []struct {
		in    string
		limit int
		want  string
	}{
		{"plain", 10, "plain"},
		{"a\x00b\r\nc\x1b[0m\u0085", 99, "abc[0m"},
		{"invoice\u202efdp.exe", 99, "invoicefdp.exe"},
		{"\xff\xfeok", 99, "ok"},
		{"größe", 3, "gr"},
		{"größe", 4, "grö"},
	} {
		if got := Clean(c.in, c.limit); got != c.want {
			t.Errorf("Clean(%q, %d) = %q, want %q", c.in, c.limit, got, c.want)
		}
	}
}

func TestAnswersInAKnownVersion(t *testing.T) {
	for in, want := range map[goipp.Version]goipp.Version{0x0100: 0x0101, 0x0101: 0x0101, 0x0200: 0x0200, 0x0202: 0x0202, 0x0300: 0x0200, 0x0000: 0x0101} {
		if got := NewResponse(&goipp.Message{Version: in}, goipp.StatusOk).Version; got != want {
			t.Errorf("%s answered in %s, want %s", in, got, want)
		}
	}
}
