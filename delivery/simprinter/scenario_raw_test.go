package simprinter_test

import (
	"bytes"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/printscout/printscout/delivery/simprinter"
)

const uel = "\x1b%-12345X"

const (
	rawHead = uel + "@PJL\r\n@PJL USTATUSOFF\r\n@PJL ECHO ps-1\r\n@PJL USTATUS JOB=ON\r\n" +
		"@PJL JOB NAME=\"ps-1\"\r\n@PJL SET QTY=2\r\n@PJL ENTER LANGUAGE=PDF\r\n"
	rawTail = uel + "@PJL EOJ NAME=\"ps-1\"\r\n@PJL ECHO end-1\r\n" + uel
	rawEnd  = "@PJL USTATUS JOB\r\nEND\r\nNAME=\"ps-1\"\r\nPAGES=3\r\nRESULT=OK\r\n\f"
)

// wrapPJL returns a document as a RAW client sends it.
func wrapPJL(doc []byte) []byte { return slices.Concat([]byte(rawHead), doc, []byte(rawTail)) }

// sendRaw sends a stream, closes its end and hears what the printer says.
func (w *scenarioWorld) sendRaw(stream []byte) string {
	w.Helper()
	c := w.dial(w.p.RawURI())
	if _, err := c.Write(stream); err != nil {
		w.Fatal(err)
	}
	_ = c.(*net.TCPConn).CloseWrite()
	return readAll(c)
}

// rawJob returns the session that has ended last.
func (w *scenarioWorld) rawJob() simprinter.RawJob {
	w.Helper()
	w.waitUntil("a raw session has ended", func() bool { return len(w.p.RawJobs()) > 0 })
	jobs := w.p.RawJobs()
	return jobs[len(jobs)-1]
}

// floodConn sends until it cannot, and says how much went out.
func (w *scenarioWorld) floodConn(c net.Conn) int64 {
	_ = c.SetWriteDeadline(time.Now().Add(time.Second))
	n, _ := io.Copy(c, io.LimitReader(zeros{}, 64<<20))
	return n
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// rawChecks are those of the RAW listener.
var rawChecks = map[string]func(w *scenarioWorld){
	"raw-pjl": func(w *scenarioWorld) {
		if w.p.URI() != "" || w.p.PlainURI() != "" || w.p.AnyURI() != w.p.RawURI() {
			w.Error("it listens for more than RAW")
		}
		said := w.sendRaw(wrapPJL(largeDocument()))
		for _, want := range []string{"@PJL ECHO ps-1\r\n\f", "START\r\nNAME=\"ps-1\"", rawEnd, "@PJL ECHO end-1\r\n\f"} {
			if !strings.Contains(said, want) {
				w.Errorf("it did not say %q but %q", want, said)
			}
		}
		j := w.rawJob()
		if !j.Whole || j.Closed != simprinter.ClosedByClient || j.Copies != 2 || j.Language != "PDF" || j.Pages != 3 || len(j.PJL) != 9 {
			w.Errorf("job %+v", j)
		}
		w.wantKept(j.Document, largeDocument())
		w.wantKept(j.Stream, wrapPJL(largeDocument()))
		if said := w.sendRaw([]byte(uel + "@PJL INFO STATUS\r\n@PJL INFO ID\r\n@PJL INQUIRE X\r\n" + uel)); !strings.Contains(said, "CODE=10001") || !strings.Contains(said, "@PJL INFO ID\r\n\"Software Printer\"\r\n\f") || !strings.Contains(said, `"?"`) {
			w.Errorf("it said %q", said)
		}
	},
	"raw-silent": func(w *scenarioWorld) {
		if said := w.sendRaw(wrapPJL(testPDF(3))); said != "" {
			w.Errorf("it said %q", said)
		}
		w.wantKept(w.rawJob().Document, testPDF(3))
	},
	"raw-text": func(w *scenarioWorld) {
		if said := w.sendRaw(wrapPJL(testPDF(3))); said != "" {
			w.Errorf("it said %q", said)
		}
		w.wantKept(w.rawJob().Document, wrapPJL(testPDF(3)))
	},
	"raw-slow": func(w *scenarioWorld) {
		c := w.dial(w.p.RawURI())
		doc := make([]byte, 6<<10)
		_, _ = c.Write(doc)
		_ = c.(*net.TCPConn).CloseWrite()
		w.wantWait(100 * time.Millisecond)
		w.wantNothing(c)
		w.waitUntil("it has read all", func() bool { w.c.goOn(); return len(w.p.RawJobs()) == 1 })
		w.wantKept(w.rawJob().Document, doc)
	},
	"raw-stops-reading": func(w *scenarioWorld) {
		c := w.dial(w.p.RawURI())
		n := w.floodConn(c)
		if n == 64<<20 || len(w.p.RawJobs()) != 0 {
			w.Errorf("it took %d bytes", n)
		}
		_ = c.(*net.TCPConn).CloseWrite()
		w.waitUntil("it goes on", func() bool { w.p.Resume(); return len(w.p.RawJobs()) == 1 })
		if j := w.rawJob(); j.Bytes < n || j.Closed != simprinter.ClosedByClient {
			w.Errorf("job %+v, %d were written", j, n)
		}
	},
	"raw-out-of-paper": func(w *scenarioWorld) {
		c := w.dial(w.p.RawURI())
		doc := wrapPJL(append(testPDF(3), make([]byte, 128<<10)...))
		go func() {
			_, _ = c.Write(doc)
			_ = c.(*net.TCPConn).CloseWrite()
		}()
		w.wantHeard(c, "CODE=41213")
		w.p.Resume()
		if said := readAll(c); !strings.Contains(said, rawEnd) {
			w.Errorf("then it said %q", said)
		}
		w.wantKept(w.rawJob().Stream, doc)
	},
	"raw-reset": func(w *scenarioWorld) {
		c := w.dial(w.p.RawURI())
		_, lost := c.Write(make([]byte, 256<<10))
		if _, err := io.ReadAll(c); err == nil && lost == nil {
			w.Error("the connection was closed in order")
		}
		if j := w.rawJob(); j.Bytes != 64<<10 || j.Closed != simprinter.ClosedByReset || j.Whole {
			w.Errorf("job %+v", j)
		}
	},
	"raw-closes-on-fin": func(w *scenarioWorld) {
		if said := w.sendRaw(wrapPJL(testPDF(3))); strings.Contains(said, "END") {
			w.Errorf("it said %q", said)
		}
		w.wantKept(w.rawJob().Document, testPDF(3))
		w.wantWait(10 * time.Second)
		c := w.dial(w.p.RawURI())
		_, _ = c.Write(wrapPJL(testPDF(3)))
		w.wantWait(10 * time.Second)
		w.wantHeard(c, "RESULT=OK")
	},
	"raw-never-closes": func(w *scenarioWorld) {
		c := w.dial(w.p.RawURI())
		_, _ = c.Write(wrapPJL(testPDF(3)))
		_ = c.(*net.TCPConn).CloseWrite()
		w.wantHeard(c, "end-1\r\n\f")
		w.wantNothing(c)
	},
	"raw-busy": func(w *scenarioWorld) {
		c := w.dial(w.p.RawURI())
		_, _ = c.Write([]byte("@PJL ECHO hello\r\n"))
		w.wantNothing(c)
		w.p.Resume()
		w.wantHeard(c, "hello")
		second := w.dial(w.p.RawURI())
		_, _ = second.Write([]byte("@PJL ECHO second\r\n"))
		w.wantNothing(second)
		c.Close()
		w.wantHeard(second, "second")
	},
	"raw-refused": func(w *scenarioWorld) { w.wantRefused() },
	"raw-canceled": func(w *scenarioWorld) {
		if said := w.sendRaw(wrapPJL(testPDF(3))); !strings.Contains(said, "RESULT=USER_CANCELED") {
			w.Errorf("it said %q", said)
		}
	},
	"raw-no-pages":   saysOf(testPDF(3), "PAGES=0\r\nRESULT=OK"),
	"raw-gives-up":   saysOf(testPDF(3), "RESULT=RESOURCE_CANCELED"),
	"raw-odd-result": saysOf(testPDF(3), "RESULT=DATA_ERROR"),
	"raw-loses-data": saysOf(testPDF(3), "CODE=30016\r\nDISPLAY=\"20 MEM OVERFLOW\"\r\nONLINE=FALSE\r\n\f"+rawEnd),
	"raw-jams-at-end": func(w *scenarioWorld) {
		if said := w.sendRaw(wrapPJL(testPDF(3))); !strings.Contains(said, "CODE=42010") || strings.Contains(said, "END") {
			w.Errorf("it said %q", said)
		}
	},
	"raw-ends-early": func(w *scenarioWorld) {
		c := w.dial(w.p.RawURI())
		stream := wrapPJL(append(testPDF(3), make([]byte, 128<<10)...))
		_, _ = c.Write(stream[:96<<10])
		w.wantHeard(c, "RESULT=OK")
		_, _ = c.Write(stream[96<<10:])
		_ = c.(*net.TCPConn).CloseWrite()
		if said := readAll(c); strings.Contains(said, "RESULT") {
			w.Errorf("then it said %q", said)
		}
		w.wantKept(w.rawJob().Stream, stream)
	},
	"raw-lies": func(w *scenarioWorld) {
		if said := w.sendRaw(wrapPJL(largeDocument())); !strings.Contains(said, "RESULT=OK") {
			w.Errorf("it said %q", said)
		}
		j := w.rawJob()
		if j.Size != int64(len(largeDocument())) {
			w.Errorf("job %+v", j)
		}
		w.wantKept(j.Document, largeDocument()[:1024])
	},
}

// saysOf wants the printer to say something of a document.
func saysOf(doc []byte, want string) func(*scenarioWorld) {
	return func(w *scenarioWorld) {
		if said := w.sendRaw(wrapPJL(doc)); !strings.Contains(said, want) {
			w.Errorf("it said %q", said)
		}
	}
}

// wantRefused wants a RAW connection that is reset.
func (w *scenarioWorld) wantRefused() {
	w.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(w.p.RawURI(), "socket://"))
	if err != nil {
		return // reset so soon
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	if b, err := io.ReadAll(c); err == nil {
		w.Errorf("the connection was closed in order, behind %q", b)
	}
}

// wantHeard reads until the printer has said something.
func (w *scenarioWorld) wantHeard(c net.Conn, what string) {
	w.Helper()
	var said bytes.Buffer
	b := make([]byte, 1)
	_ = c.SetReadDeadline(time.Now().Add(time.Minute))
	for !strings.Contains(said.String(), what) {
		if _, err := c.Read(b); err != nil {
			w.Fatalf("it said %q, and then %v", said.String(), err)
		}
		said.Write(b)
	}
}

// temporaryFiles returns the temporary files in a folder.
func temporaryFiles(dir string) (out []string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			out = append(out, e.Name())
		}
	}
	return out
}
