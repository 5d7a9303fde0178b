package spooler

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// fromLoopback marks a request as one that arrived at port 8631 of loopback.
func fromLoopback(req *http.Request) *http.Request {
	req.Host = "localhost:8631"
	req.Header.Set("Content-Type", ipp.ContentType)
	addr := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8631}
	return req.WithContext(context.WithValue(req.Context(), http.LocalAddrContextKey, addr))
}

const fuzzURI = "ipp://localhost:8631/ipp/print"

// addSeeds adds requests of every operation, with and without a document.
func addSeeds(f *testing.F, add func(message, document []byte)) {
	seed := func(op goipp.Op, doc []byte, attrs ...goipp.Attribute) {
		m := ipp.NewRequest(ipp.Version20, op, fuzzURI)
		m.Operation = append(m.Operation, attrs...)
		m.Job.Add(ipp.Enum("finishings", 4))
		m.Job.Add(ipp.Collections("media-col", mediaCol(ipp.MediaSize(21000, 29700))))
		add(bytesOf(f, m), doc)
	}
	for op := range operations {
		seed(op, nil, ipp.Integer("job-id", 1))
		seed(op, threePages(), ipp.Integer("job-id", 1), lastDocument(true))
	}
	seed(goipp.OpPrintJob, compressed(threePages(), gz), ipp.Keyword("compression", "gzip"))
	seed(goipp.OpPrintJob, compressed(threePages(), raw), ipp.Keyword("compression", "deflate"))
	seed(goipp.OpPrintJob, compressed(threePages(), zl), ipp.Keyword("compression", "deflate"))
}

// serveFuzzed checks that a request gets a response, an IPP one if it is
// admitted, and that every job begun is parked or aborted.
func serveFuzzed(t *testing.T, req *http.Request) {
	p, s := newPrinter(t, withAllAbilities)
	// A job for operations on a job.
	p.serveHTTP(httptest.NewRecorder(), requestToPort8631(t, ipp.NewRequest(ipp.Version20, goipp.OpCreateJob, fuzzURI)))
	w := httptest.NewRecorder()
	p.serveHTTP(w, req)
	p.jobs.abortUnfinished()
	if w.Code == http.StatusOK {
		if _, err := ipp.ReadMessage(bufio.NewReader(w.Body), ipp.DefaultLimits); err != nil {
			t.Errorf("an answer that cannot be read: %v", err)
		}
	} else if w.Code >= 500 || w.Body.Len() > 0 {
		t.Errorf("answered %d, %q", w.Code, w.Body)
	}
	if begun, parked, aborted := s.counts(); begun != parked+aborted {
		t.Errorf("%d begun, %d parked, %d aborted", begun, parked, aborted)
	}
	if _, processing := p.jobs.countOpen(); processing != 0 {
		t.Errorf("%d jobs still take a document", processing)
	}
}

// FuzzFront sends arbitrary bytes as an HTTP request.
func FuzzFront(f *testing.F) {
	addSeeds(f, func(m, doc []byte) {
		var req bytes.Buffer
		fromLoopback(httptest.NewRequest(http.MethodPost, "/ipp/print", bytes.NewReader(append(m, doc...)))).Write(&req)
		f.Add(req.Bytes())
	})
	f.Add([]byte("OPTIONS * HTTP/1.1\r\nHost: localhost:8631\r\n\r\n"))
	f.Add([]byte("POST http://localhost:8631/ipp/print HTTP/1.0\r\nOrigin: x\r\nTransfer-Encoding: chunked\r\n\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		req, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(b)))
		if err != nil {
			return
		}
		host, types := req.Host, req.Header["Content-Type"]
		req = fromLoopback(req)
		req.Host, req.Header["Content-Type"] = host, types
		serveFuzzed(t, req)
	})
}

// FuzzMessage sends arbitrary bytes as the body of a request that is admitted.
func FuzzMessage(f *testing.F) {
	addSeeds(f, func(m, doc []byte) { f.Add(append(m, doc...)) })
	f.Fuzz(func(t *testing.T, b []byte) {
		serveFuzzed(t, fromLoopback(httptest.NewRequest(http.MethodPost, "/ipp/print", bytes.NewReader(b))))
	})
}

// BenchmarkPrintJob prints documents of 16 MiB.
func BenchmarkPrintJob(b *testing.B) {
	p, s := newPrinter(b)
	s.onWrite = func(p *memoryParking) { p.Reset() }
	ls, err := Listen(0)
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(b.Context())
	served := make(chan error)
	go func() { served <- p.Serve(ctx, ls...) }()
	tr := &http.Transport{}
	c := ipp.Client{HTTP: &http.Client{Transport: tr, Timeout: time.Minute}, URI: "ipp://" + ls[0].Addr().String() + "/ipp/print"}
	const size = 16 << 20
	b.SetBytes(size)
	for b.Loop() {
		if _, err := c.Print(b.Context(), ipp.PrintJob{Title: "t", User: "u", Format: formatOctet}, ipp.Document{Reader: io.LimitReader(zeros{}, size), Size: size}); err != nil {
			b.Fatal(err)
		}
	}
	tr.CloseIdleConnections()
	stop()
	<-served
}
