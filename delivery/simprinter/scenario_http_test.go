package simprinter_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

func asHTTP(err error) (*ipp.HTTPError, bool) { return errors.AsType[*ipp.HTTPError](err) }

// httpChecks are those of sleep, HTTP, connections and answers.
var httpChecks = map[string]func(w *scenarioWorld){
	"sleeps-18s": func(w *scenarioWorld) {
		done := make(chan error, 1)
		go func() {
			_, err := w.sendRequest(goipp.OpGetPrinterAttributes)
			done <- err
		}()
		w.waitUntil("it knocked", func() bool { return w.p.Stats().TLSConnections == 1 })
		if n := len(w.p.Stats().Requests); n != 0 {
			w.Errorf("%d requests were read in its sleep", n)
		}
		w.wantWait(18 * time.Second)
		if err := <-done; err != nil {
			w.Error(err)
		}
	},
	"sleeps-refusing": func(w *scenarioWorld) {
		for range 2 {
			if _, err := w.sendRequest(goipp.OpGetPrinterAttributes); err == nil {
				w.Error("it answered in its sleep")
			}
		}
		w.wantWait(18 * time.Second)
		w.waitUntil("it answers", func() bool { _, err := w.sendRequest(goipp.OpGetPrinterAttributes); return err == nil })
	},
	"early-401": func(w *scenarioWorld) {
		c := w.dial(w.p.PlainURI())
		w.postHeader(c, 20<<20, true, "")
		_, _ = c.Write(make([]byte, 1<<10))
		r, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil || r.StatusCode != 401 || r.Header.Get("WWW-Authenticate") == "" {
			w.Fatalf("%v, %v", r, err)
		}
		w.waitUntil("it has closed the connection", func() bool { _, err := c.Write([]byte{0}); return err != nil })
	},
	"expect-417": func(w *scenarioWorld) {
		c := w.dial(w.p.PlainURI())
		w.postHeader(c, 10, false, "Expect: 100-continue\r\n")
		if r, err := http.ReadResponse(bufio.NewReader(c), nil); err != nil || r.StatusCode != 417 {
			w.Errorf("%v, %v", r, err)
		}
		w.mustPrint(testPDF(1))
	},
	"expect-never": func(w *scenarioWorld) {
		c := w.dial(w.p.PlainURI())
		w.postHeader(c, len(testPDF(1)), true, "Expect: 100-continue\r\n")
		w.wantNothing(c)
		_, _ = c.Write(testPDF(1))
		if r, err := http.ReadResponse(bufio.NewReader(c), nil); err != nil || r.StatusCode != 200 {
			w.Errorf("%v, %v", r, err)
		}
		w.wantKept(w.lastJob().File, testPDF(1))
	},
	"expect-late": func(w *scenarioWorld) {
		c := w.dial(w.p.PlainURI())
		w.postHeader(c, len(testPDF(1)), false, "Expect: 100-continue\r\n")
		w.wantWait(3 * time.Second)
		if line, _ := bufio.NewReader(c).ReadString('\n'); !strings.HasPrefix(line, "HTTP/1.1 100") {
			w.Errorf("got %q", line)
		}
	},
	"upgrade-426": func(w *scenarioWorld) {
		_, err := w.client(w.p.PlainURI()).Print(w.Context(), ipp.PrintJob{Format: "application/pdf"}, ipp.Document{Reader: bytes.NewReader(testPDF(1)), Size: int64(len(testPDF(1)))})
		w.wantHTTP(err, 426)
		c := w.dial(w.p.PlainURI())
		w.postHeader(c, 0, true, "")
		if r, err := http.ReadResponse(bufio.NewReader(c), nil); err != nil || !strings.Contains(r.Header.Get("Upgrade"), "TLS") {
			w.Errorf("%v, %v", r, err)
		}
		w.mustPrint(testPDF(1))
	},
	"http10": func(w *scenarioWorld) {
		c := w.dial(w.p.PlainURI())
		w.postHeader(c, len(testPDF(1)), true, "")
		_, _ = c.Write(testPDF(1))
		said := readAll(c)
		if !strings.HasPrefix(said, "HTTP/1.0 200") || strings.Contains(said, "Content-Length") {
			w.Errorf("it said %q", said)
		}
		c = w.dial(w.p.PlainURI())
		_, _ = io.WriteString(c, "POST /ipp/print HTTP/1.1\r\nHost: x\r\nContent-Type: application/ipp\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
		if said := readAll(c); !strings.HasPrefix(said, "HTTP/1.0 411") {
			w.Errorf("to chunks it said %q", said)
		}
		w.mustPrint(testPDF(1))
	},
	"chunked": func(w *scenarioWorld) {
		c := w.dial(w.p.PlainURI())
		w.postHeader(c, len(testPDF(1)), true, "")
		_, _ = c.Write(testPDF(1))
		if r, err := http.ReadResponse(bufio.NewReader(c), nil); err != nil || r.ContentLength != -1 || len(r.TransferEncoding) != 1 {
			w.Errorf("%v, %v", r, err)
		}
		w.mustPrint(testPDF(1))
	},
	"drops-at-64k":     func(w *scenarioWorld) { w.wantDropped(8) },
	"drops-and-prints": func(w *scenarioWorld) { w.wantDropped(9) },
	"wire-drops": func(w *scenarioWorld) {
		if _, err := w.printDocument(largeDocument()); err == nil {
			w.Error("it answered")
		}
		w.waitUntil("the job has ended", func() bool { return len(w.p.Jobs()) == 1 && w.lastJob().State == 8 })
		if n := w.lastJob().Size; n >= 96<<10 || n == 0 {
			w.Errorf("%d document bytes came", n)
		}
		w.mustPrint(testPDF(1))
	},
	"stalls-at-64k": func(w *scenarioWorld) {
		c := w.dial(w.p.PlainURI())
		w.postHeader(c, 64<<20, true, "")
		_ = c.SetWriteDeadline(time.Now().Add(time.Second))
		if _, err := c.Write(make([]byte, 64<<20)); err == nil {
			w.Error("it took all of 64 MiB")
		}
	},
	"silent-document": func(w *scenarioWorld) {
		c := w.dial(w.p.PlainURI())
		w.postHeader(c, 4, true, "")
		_, _ = c.Write([]byte("%PDF"))
		w.wantNothing(c)
		if len(w.printerAttributes()) == 0 || len(w.p.Jobs()) != 0 {
			w.Errorf("jobs: %+v", w.p.Jobs())
		}
	},
	"answer-lost": func(w *scenarioWorld) { w.printedBut("") },
	"answer-cut": func(w *scenarioWorld) {
		c := w.dial(w.p.PlainURI())
		w.postHeader(c, len(testPDF(1)), true, "")
		_, _ = c.Write(testPDF(1))
		r, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			w.Fatal(err)
		}
		if b, err := io.ReadAll(r.Body); len(b) > 20 || err == nil || r.ContentLength <= 20 {
			w.Errorf("%d of %d bytes came, %v", len(b), r.ContentLength, err)
		}
		w.wantKept(w.lastJob().File, testPDF(1))
	},
	"answer-garbage": func(w *scenarioWorld) {
		if _, err := w.printDocument(testPDF(1)); err == nil {
			w.Error("it could be read")
		}
		w.wantKept(w.lastJob().File, testPDF(1))
	},
	"answer-wrong-id": func(w *scenarioWorld) { w.printedBut("it answers request") },
	"answers-late": func(w *scenarioWorld) {
		done := make(chan error, 1)
		go func() { _, err := w.printDocument(testPDF(1)); done <- err }()
		w.wantWait(5 * time.Second)
		if err := <-done; err != nil {
			w.Error(err)
		}
	},
	"printed-then-503":  func(w *scenarioWorld) { w.printedBut("503") },
	"printed-then-busy": func(w *scenarioWorld) { w.printedBut("server-error-busy") },
}

// wantDropped wants a connection that is reset after 64 KiB of a document.
func (w *scenarioWorld) wantDropped(state int) {
	w.Helper()
	if _, err := w.printDocument(largeDocument()); err == nil {
		w.Error("it answered")
	}
	w.waitUntil("the job has ended", func() bool { return len(w.p.Jobs()) == 1 && w.lastJob().State == state })
	if j := w.lastJob(); j.Size != 64<<10 || j.Whole || (j.File != "") != (state == 9) {
		w.Errorf("job %+v", j)
	}
}

// printedBut wants a document that is printed, and an answer that says otherwise.
func (w *scenarioWorld) printedBut(says string) {
	w.Helper()
	if _, err := w.printDocument(testPDF(1)); err == nil || !strings.Contains(err.Error(), says) {
		w.Errorf("got %v, want %q", err, says)
	}
	if j := w.lastJob(); j.State != 9 || !j.Whole {
		w.Errorf("job %+v", j)
	}
	w.wantKept(w.lastJob().File, testPDF(1))
}
