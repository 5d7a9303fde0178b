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

// wrapped is a document as a RAW client sends it.
func wrapped(doc []byte) []byte { return slices.Concat([]byte(rawHead), doc, []byte(rawTail)) }

// raw sends a stream, closes its end and hears what the printer says.
func (w *world) raw(stream []byte) string {
	w.Helper()
	c := w.dial(w.p.RawURI())
	if _, err := c.Write(stream); err != nil {
		w.Fatal(err)
	}
	_ = c.(*net.TCPConn).CloseWrite()
	return readAll(c)
}

// rawJob is the session that has ended last.
func (w *world) rawJob() simprinter.RawJob {
	w.Helper()
	w.settled("a raw session has ended", func() bool { return len(w.p.RawJobs()) > 0 })
	jobs := w.p.RawJobs()
	return jobs[len(jobs)-1]
}

// flood sends until it cannot, and says how much went out.
func (w *world) flood(c net.Conn) int64 {
	_ = c.SetWriteDeadline(time.Now().Add(time.Second))
	n, _ := io.Copy(c, io.LimitReader(zeros{}, 64<<20))
	return n
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// rawChecks are those of the RAW listener.
var rawChecks = map[string]func(w *world){
	"raw-pjl": func(w *world) {
		if w.p.URI() != "" || w.p.PlainURI() != "" || w.p.AnyURI() != w.p.RawURI() {
			w.Error("it listens for more than RAW")
		}
		said := w.raw(wrapped(large()))
		for _, want := range []string{"@PJL ECHO ps-1\r\n\f", "START\r\nNAME=\"ps-1\"", rawEnd, "@PJL ECHO end-1\r\n\f"} {
			if !strings.Contains(said, want) {
				w.Errorf("it did not say %q but %q", want, said)
			}
		}
		j := w.rawJob()
		if !j.Whole || j.Closed != simprinter.ClosedByClient || j.Copies != 2 || j.Language != "PDF" || j.Pages != 3 || len(j.PJL) != 9 {
			w.Errorf("job %+v", j)
		}
		w.kept(j.Document, large())
		w.kept(j.Stream, wrapped(large()))
		if said := w.raw([]byte(uel + "@PJL INFO STATUS\r\n@PJL INFO ID\r\n@PJL INQUIRE X\r\n" + uel)); !strings.Contains(said, "CODE=10001") || !strings.Contains(said, "@PJL INFO ID\r\n\"Software Printer\"\r\n\f") || !strings.Contains(said, `"?"`) {
			w.Errorf("it said %q", said)
		}
	},
	"raw-silent": func(w *world) {
		if said := w.raw(wrapped(pdf(3))); said != "" {
			w.Errorf("it said %q", said)
		}
		w.kept(w.rawJob().Document, pdf(3))
	},
	"raw-text": func(w *world) {
		if said := w.raw(wrapped(pdf(3))); said != "" {
			w.Errorf("it said %q", said)
		}
		w.kept(w.rawJob().Document, wrapped(pdf(3)))
	},
	"raw-slow": func(w *world) {
		c := w.dial(w.p.RawURI())
		doc := make([]byte, 6<<10)
		_, _ = c.Write(doc)
		_ = c.(*net.TCPConn).CloseWrite()
		w.waits(100 * time.Millisecond)
		w.nothing(c)
		w.settled("it has read all", func() bool { w.c.goOn(); return len(w.p.RawJobs()) == 1 })
		w.kept(w.rawJob().Document, doc)
	},
	"raw-stops-reading": func(w *world) {
		c := w.dial(w.p.RawURI())
		n := w.flood(c)
		if n == 64<<20 || len(w.p.RawJobs()) != 0 {
			w.Errorf("it took %d bytes", n)
		}
		_ = c.(*net.TCPConn).CloseWrite()
		w.settled("it goes on", func() bool { w.p.Resume(); return len(w.p.RawJobs()) == 1 })
		if j := w.rawJob(); j.Bytes < n || j.Closed != simprinter.ClosedByClient {
			w.Errorf("job %+v, %d were written", j, n)
		}
	},
	"raw-out-of-paper": func(w *world) {
		c := w.dial(w.p.RawURI())
		doc := wrapped(append(pdf(3), make([]byte, 128<<10)...))
		go func() {
			_, _ = c.Write(doc)
			_ = c.(*net.TCPConn).CloseWrite()
		}()
		w.hears(c, "CODE=41213")
		w.p.Resume()
		if said := readAll(c); !strings.Contains(said, rawEnd) {
			w.Errorf("then it said %q", said)
		}
		w.kept(w.rawJob().Stream, doc)
	},
	"raw-reset": func(w *world) {
		c := w.dial(w.p.RawURI())
		_, lost := c.Write(make([]byte, 256<<10))
		if _, err := io.ReadAll(c); err == nil && lost == nil {
			w.Error("the connection was closed in order")
		}
		if j := w.rawJob(); j.Bytes != 64<<10 || j.Closed != simprinter.ClosedByReset || j.Whole {
			w.Errorf("job %+v", j)
		}
	},
	"raw-closes-on-fin": func(w *world) {
		if said := w.raw(wrapped(pdf(3))); strings.Contains(said, "END") {
			w.Errorf("it said %q", said)
		}
		w.kept(w.rawJob().Document, pdf(3))
		w.waits(10 * time.Second)
		c := w.dial(w.p.RawURI())
		_, _ = c.Write(wrapped(pdf(3)))
		w.waits(10 * time.Second)
		w.hears(c, "RESULT=OK")
	},
	"raw-never-closes": func(w *world) {
		c := w.dial(w.p.RawURI())
		_, _ = c.Write(wrapped(pdf(3)))
		_ = c.(*net.TCPConn).CloseWrite()
		w.hears(c, "end-1\r\n\f")
		w.nothing(c)
	},
	"raw-busy": func(w *world) {
		c := w.dial(w.p.RawURI())
		_, _ = c.Write([]byte("@PJL ECHO hello\r\n"))
		w.nothing(c)
		w.p.Resume()
		w.hears(c, "hello")
		second := w.dial(w.p.RawURI())
		_, _ = second.Write([]byte("@PJL ECHO second\r\n"))
		w.nothing(second)
		c.Close()
		w.hears(second, "second")
	},
	"raw-refused": func(w *world) { w.refused() },
	"raw-canceled": func(w *world) {
		if said := w.raw(wrapped(pdf(3))); !strings.Contains(said, "RESULT=USER_CANCELED") {
			w.Errorf("it said %q", said)
		}
	},
	"raw-no-pages":   saysOf(pdf(3), "PAGES=0\r\nRESULT=OK"),
	"raw-gives-up":   saysOf(pdf(3), "RESULT=RESOURCE_CANCELED"),
	"raw-odd-result": saysOf(pdf(3), "RESULT=DATA_ERROR"),
	"raw-loses-data": saysOf(pdf(3), "CODE=30016\r\nDISPLAY=\"20 MEM OVERFLOW\"\r\nONLINE=FALSE\r\n\f"+rawEnd),
	"raw-jams-at-end": func(w *world) {
		if said := w.raw(wrapped(pdf(3))); !strings.Contains(said, "CODE=42010") || strings.Contains(said, "END") {
			w.Errorf("it said %q", said)
		}
	},
	"raw-ends-early": func(w *world) {
		c := w.dial(w.p.RawURI())
		stream := wrapped(append(pdf(3), make([]byte, 128<<10)...))
		_, _ = c.Write(stream[:96<<10])
		w.hears(c, "RESULT=OK")
		_, _ = c.Write(stream[96<<10:])
		_ = c.(*net.TCPConn).CloseWrite()
		if said := readAll(c); strings.Contains(said, "RESULT") {
			w.Errorf("then it said %q", said)
		}
		w.kept(w.rawJob().Stream, stream)
	},
	"raw-lies": func(w *world) {
		if said := w.raw(wrapped(large())); !strings.Contains(said, "RESULT=OK") {
			w.Errorf("it said %q", said)
		}
		j := w.rawJob()
		if j.Size != int64(len(large())) {
			w.Errorf("job %+v", j)
		}
		w.kept(j.Document, large()[:1024])
	},
}

// saysOf wants the printer to say something of a document.
func saysOf(doc []byte, want string) func(*world) {
	return func(w *world) {
		if said := w.raw(wrapped(doc)); !strings.Contains(said, want) {
			w.Errorf("it said %q", said)
		}
	}
}

// refused wants a RAW connection that is reset.
func (w *world) refused() {
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

// hears reads until the printer has said something.
func (w *world) hears(c net.Conn, what string) {
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

// leftovers are temporary files.
func leftovers(dir string) (out []string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			out = append(out, e.Name())
		}
	}
	return out
}
