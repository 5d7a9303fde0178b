package spooler

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// beginPrintJob opens a connection and sends part of a Print-Job.
func (r *testPrinter) beginPrintJob(header string, doc []byte) net.Conn {
	r.Helper()
	c := r.dial()
	fmt.Fprintf(c, "POST /ipp/print HTTP/1.1\r\nHost: %s\r\nContent-Type: application/ipp\r\n%s\r\n\r\n", r.addr, header)
	if doc != nil {
		c.Write(doc)
	}
	return c
}

func answerOf(t *testing.T, c net.Conn) *goipp.Message {
	t.Helper()
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatalf("no answer: %v", err)
	}
	a, err := ipp.ReadMessage(bufio.NewReader(resp.Body), ipp.DefaultLimits)
	if err != nil {
		t.Fatalf("%s: %v", resp.Status, err)
	}
	return a
}

// firstWrite returns a channel that is closed by a document's first Write.
func (s *memoryIntake) firstWrite() <-chan struct{} {
	c := make(chan struct{})
	first := sync.OnceFunc(func() { close(c) })
	s.setFaults(func(s *memoryIntake) { s.onWrite = func(*memoryParking) { first() } })
	return c
}

func TestClientGoneAtAnyPoint(t *testing.T) {
	msg := func(r *testPrinter) []byte { return bytesOf(r, r.newRequest(goipp.OpPrintJob)) }
	doc := incompressible(600_000)
	for name, c := range map[string]struct {
		header func(n int) string
		body   func(m []byte) []byte
		begun  int
	}{
		"in the message":      {nil, func(m []byte) []byte { return m[:len(m)-3] }, 0},
		"after the message":   {nil, func(m []byte) []byte { return m }, 0},
		"after one byte":      {nil, func(m []byte) []byte { return append(m, '%') }, 1},
		"in the document":     {nil, func(m []byte) []byte { return append(m, doc[:300_000]...) }, 1},
		"before the last":     {nil, func(m []byte) []byte { return append(m, doc[:len(doc)-1]...) }, 1},
		"in a chunk":          {chunked, func(m []byte) []byte { return fmt.Appendf(nil, "%x\r\n%s\r\n%x\r\n%s", len(m), m, len(doc), doc[:5]) }, 1},
		"between chunks":      {chunked, func(m []byte) []byte { return fmt.Appendf(nil, "%x\r\n%s\r\n3\r\n%s\r\n", len(m), m, doc[:3]) }, 1},
		"before the end mark": {chunked, func(m []byte) []byte { return fmt.Appendf(nil, "%x\r\n%s\r\n3\r\n%s\r\n0\r\n", len(m), m, doc[:3]) }, 1},
		"in a size":           {chunked, func(m []byte) []byte { return fmt.Appendf(nil, "%x\r\n%s\r\n3zz", len(m), m) }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			for _, reset := range []bool{false, true} {
				r := startPrinter(t)
				m := msg(r)
				header := fmt.Sprint("Content-Length: ", len(m)+len(doc))
				if c.header != nil {
					header = c.header(0)
				}
				conn := r.beginPrintJob(header, c.body(m))
				if reset {
					conn.(*net.TCPConn).SetLinger(0)
				} else {
					conn.(*net.TCPConn).CloseWrite()
					io.Copy(io.Discard, conn)
				}
				conn.Close()
				r.stop()
				if err := <-r.served; err != nil {
					t.Fatal(err)
				}
				begun, parked, aborted := r.intake.counts()
				if parked != 0 || begun != aborted || !reset && begun != c.begun {
					t.Errorf("reset %v: %d begun, %d parked, %d aborted", reset, begun, parked, aborted)
				}
				if open, _ := r.p.jobs.countOpen(); open != 0 {
					t.Errorf("%d jobs are open", open)
				}
				for _, j := range r.p.jobs.listJobs(whichJobs["all"]) {
					if j.state != ipp.JobAborted || !slices.Contains(j.reasons, "submission-interrupted") {
						t.Errorf("job in state %d, %v", j.state, j.reasons)
					}
				}
			}
		})
	}
}

func chunked(int) string { return "Transfer-Encoding: chunked" }

func TestChunkedDocument(t *testing.T) {
	r := startPrinter(t)
	m, doc := bytesOf(t, r.newRequest(goipp.OpPrintJob)), incompressible(300_000)
	body := fmt.Appendf(nil, "%x\r\n%s\r\n", len(m), m)
	for piece := range slices.Chunk(doc, 1000) {
		body = fmt.Appendf(body, "%x\r\n%s\r\n", len(piece), piece)
	}
	c := r.beginPrintJob(chunked(0), append(body, "0\r\n\r\n"...))
	if a := answerOf(t, c); goipp.Status(a.Code) != goipp.StatusOk || !bytes.Equal(r.intake.onlyParked(t).Bytes(), doc) {
		t.Errorf("%v", a)
	}
}

func TestStalledDocumentIsGivenUp(t *testing.T) {
	r := startPrinter(t, func(c *Config) {
		c.Limits.ProgressTimeout, c.Limits.LingerTimeout = 60*time.Millisecond, time.Millisecond
	})
	m := bytesOf(t, r.newRequest(goipp.OpPrintJob))
	c := r.beginPrintJob("Content-Length: 5000", append(m, "%PDF-"...))
	if a := answerOf(t, c); goipp.Status(a.Code) != goipp.StatusErrorTimeout {
		t.Errorf("%v", a)
	}
	r.wantState(1, ipp.JobAborted, "aborted-by-system submission-interrupted")
	if _, parked, aborted := r.intake.counts(); parked != 0 || aborted != 1 {
		t.Errorf("%d parked, %d aborted", parked, aborted)
	}
}

func TestSlowButSteadyDocumentIsTaken(t *testing.T) {
	r := startPrinter(t, func(c *Config) { c.Limits.ProgressTimeout = 500 * time.Millisecond })
	m := bytesOf(t, r.newRequest(goipp.OpPrintJob))
	c := r.beginPrintJob(fmt.Sprint("Content-Length: ", len(m)+40), m)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 40 {
		<-tick.C
		c.Write([]byte("x"))
	}
	if a := answerOf(t, c); goipp.Status(a.Code) != goipp.StatusOk {
		t.Errorf("%v", a)
	}
}

func TestClientGoneAfterTheLastByteDoesNotUndoTheJob(t *testing.T) {
	r := startPrinter(t)
	sealing, goOn := make(chan struct{}), make(chan struct{})
	r.intake.setFaults(func(s *memoryIntake) { s.parkErr = func() error { close(sealing); <-goOn; return nil } })
	m := bytesOf(t, r.newRequest(goipp.OpPrintJob))
	c := r.beginPrintJob(fmt.Sprint("Content-Length: ", len(m)+len(threePages())), append(m, threePages()...))
	<-sealing
	c.Close()
	close(goOn)
	r.stop()
	<-r.served
	r.intake.onlyParked(t)
}

func TestIntakeFails(t *testing.T) {
	full := &Refusal{Err: ErrNoSpace, Message: "Your share of the disk is full."}
	other := errors.New("input/output error")
	for name, c := range map[string]struct {
		set    func(*memoryIntake)
		want   goipp.Status
		says   string
		begins int
	}{
		"no space":            {func(s *memoryIntake) { s.beginErr = full }, goipp.StatusErrorTemporary, full.Message, 0},
		"over the quota":      {func(s *memoryIntake) { s.beginErr = &Refusal{Err: ErrQuota, Message: "Too much of yours is parked."} }, goipp.StatusErrorAccountLimitReached, "Too much of yours is parked.", 0},
		"no space, unsaid":    {func(s *memoryIntake) { s.beginErr = fmt.Errorf("x: %w", ErrNoSpace) }, goipp.StatusErrorTemporary, "There is no space left for the document.", 0},
		"not accepting":       {func(s *memoryIntake) { s.beginErr = ErrNotAccepting }, goipp.StatusErrorNotAcceptingJobs, "No print jobs are accepted at present.", 0},
		"broken":              {func(s *memoryIntake) { s.beginErr = other }, goipp.StatusErrorInternal, "The job could not be stored.", 0},
		"no space, later":     {func(s *memoryIntake) { s.writeErr = func(at int) error { return failIf(at > 400_000, full) } }, goipp.StatusErrorTemporary, full.Message, 1},
		"broken, at once":     {func(s *memoryIntake) { s.writeErr = func(int) error { return other } }, goipp.StatusErrorInternal, "The job could not be stored.", 1},
		"no space at the end": {func(s *memoryIntake) { s.parkErr = func() error { return full } }, goipp.StatusErrorTemporary, full.Message, 1},
		"broken at the end":   {func(s *memoryIntake) { s.parkErr = func() error { return other } }, goipp.StatusErrorInternal, "The job could not be stored.", 1},
		"panics":              {func(s *memoryIntake) { s.parkErr = func() error { panic("at the end") } }, 0, "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			r := startPrinter(t)
			r.intake.setFaults(c.set)
			m := r.newRequest(goipp.OpPrintJob)
			if c.want == 0 {
				if _, err := r.client.Do(t.Context(), m, &ipp.Document{Reader: bytes.NewReader(threePages()), Size: int64(len(threePages()))}); err == nil {
					t.Error("it was answered")
				}
			} else if a := r.mustDo(c.want, m, incompressible(700_000)...); ipp.String(a.Operation, "status-message") != c.says {
				t.Errorf("says %q, want %q", ipp.String(a.Operation, "status-message"), c.says)
			}
			r.wantState(1, ipp.JobAborted, "aborted-by-system")
			if begun, parked, aborted := r.intake.counts(); begun != c.begins || parked != 0 || aborted != c.begins {
				t.Errorf("%d begun, %d parked, %d aborted", begun, parked, aborted)
			}
		})
	}
}

func failIf(now bool, err error) error {
	if now {
		return err
	}
	return nil
}

func TestNumbersRunOut(t *testing.T) {
	r := startPrinter(t, func(c *Config) { c.NextJobID = func() (int, error) { return 0, errors.New("disk full") } })
	r.mustDo(goipp.StatusErrorInternal, r.newRequest(goipp.OpPrintJob), threePages()...)
	r.mustDo(goipp.StatusErrorInternal, r.newRequest(goipp.OpCreateJob))
	if open, _ := r.p.jobs.countOpen(); open != 0 {
		t.Errorf("%d jobs are open", open)
	}
}

// TestRefusedBeforeTheDocument sends a body that never ends: the response must
// arrive all the same.
func TestRefusedBeforeTheDocument(t *testing.T) {
	for name, change := range map[string]func(r *testPrinter, m *goipp.Message){
		"format": func(_ *testPrinter, m *goipp.Message) { m.Operation.Add(ipp.MIME("document-format", "text/plain")) },
		"not accepting": func(r *testPrinter, _ *goipp.Message) {
			r.intake.setFaults(func(s *memoryIntake) { s.condition = Condition{Message: "Not enrolled."} })
		},
		"no space": func(r *testPrinter, _ *goipp.Message) {
			r.intake.setFaults(func(s *memoryIntake) { s.beginErr = ErrNoSpace })
		},
		"operation": func(_ *testPrinter, m *goipp.Message) { m.Code = goipp.Code(goipp.OpPrintURI) },
	} {
		for _, header := range []string{"Content-Length: 99000000000", chunked(0), "Content-Length: 99000000000\r\nExpect: 100-continue"} {
			t.Run(name+" "+header, func(t *testing.T) {
				r := startPrinter(t, func(c *Config) { c.Limits.LingerTimeout = 50 * time.Millisecond })
				m := r.newRequest(goipp.OpPrintJob)
				change(r, m)
				body := bytesOf(t, m)
				if header == chunked(0) {
					body = fmt.Appendf(nil, "%x\r\n%s\r\n4\r\n%%PDF\r\n", len(body), body)
				} else {
					body = append(body, "%PDF"...)
				}
				c := r.beginPrintJob(header, body)
				in := bufio.NewReader(c)
				resp, err := http.ReadResponse(in, nil)
				if err == nil && resp.StatusCode == http.StatusContinue {
					resp, err = http.ReadResponse(in, nil)
				}
				if err != nil || resp.StatusCode != 200 || !resp.Close {
					t.Fatalf("%v, %v", resp, err)
				}
				a, err := ipp.ReadMessage(bufio.NewReader(resp.Body), ipp.DefaultLimits)
				if err != nil || ipp.OK(goipp.Status(a.Code)) {
					t.Errorf("%v, %v", a, err)
				}
				if _, err := io.ReadAll(in); err != nil {
					t.Errorf("the connection is not closed: %v", err)
				}
			})
		}
	}
}

func TestParallelClients(t *testing.T) {
	r := startPrinter(t)
	var all sync.WaitGroup
	for i := range 32 {
		all.Go(func() {
			doc := incompressible(200_000 + i)
			m := r.newRequest(goipp.OpPrintJob, ipp.Name("job-name", fmt.Sprint(len(doc))))
			a, err := r.client.Do(t.Context(), m, &ipp.Document{Reader: bytes.NewReader(doc), Size: int64(len(doc))})
			if err != nil {
				t.Error(err)
				return
			}
			id, _ := ipp.Int(a.Job, "job-id")
			if _, err := r.client.Do(t.Context(), r.newRequest(goipp.OpGetJobAttributes, ipp.Integer("job-id", id)), nil); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	seen := map[int]bool{}
	for _, p := range r.intake.parked {
		seen[p.ticket.JobID] = true
		if fmt.Sprint(p.Len()) != p.ticket.Title {
			t.Errorf("%q has %d bytes", p.ticket.Title, p.Len())
		}
	}
	if len(seen) != 32 {
		t.Errorf("%d jobs of 32", len(seen))
	}
}

// TestIncomingJobsAreBounded for each user and in all; jobs that are parked and
// held do not count.
func TestIncomingJobsAreBounded(t *testing.T) {
	r := startPrinter(t, withHolder, func(c *Config) { c.Limits.IncomingJobs, c.Limits.UserIncomingJobs = 5, 3 })
	as := func(user string, op goipp.Op) *goipp.Message {
		m := r.newRequest(op)
		m.Operation = withAttribute(m.Operation, ipp.Name("requesting-user-name", user))
		return m
	}
	for range 10 {
		r.printHeld()
	}
	for range 3 {
		r.createJob()
	}
	r.mustDo(goipp.StatusErrorTooManyJobs, r.newRequest(goipp.OpCreateJob))
	r.mustDo(goipp.StatusErrorTooManyJobs, r.newRequest(goipp.OpPrintJob), threePages()...)
	r.mustDo(goipp.StatusOk, as("bob", goipp.OpPrintJob), threePages()...)
	r.mustDo(goipp.StatusOk, as("bob", goipp.OpCreateJob))
	r.mustDo(goipp.StatusOk, as("carol", goipp.OpCreateJob))
	r.mustDo(goipp.StatusErrorTooManyJobs, as("dave", goipp.OpCreateJob))
	r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpCancelMyJobs))
	r.mustDo(goipp.StatusOk, as("dave", goipp.OpCreateJob))
	r.createJob()
	r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpCancelMyJobs))
	r.p.jobs.mu.Lock()
	defer r.p.jobs.mu.Unlock()
	if js := r.p.jobs; js.arriving != 3 || len(js.incoming) != 3 || js.incoming["claim alice"] != 0 {
		t.Errorf("%d: %v", js.arriving, js.incoming)
	}
}

// TestEndedJobsAreBounded by forgetting those of the user with the most.
func TestEndedJobsAreBounded(t *testing.T) {
	r := startPrinter(t, func(c *Config) { c.Limits.EndedJobs = 3 })
	bob := r.newRequest(goipp.OpPrintJob)
	bob.Operation = withAttribute(bob.Operation, ipp.Name("requesting-user-name", "bob"))
	r.mustDo(goipp.StatusOk, bob, threePages()...)
	for range 5 {
		r.printJob()
	}
	for id, want := range []goipp.Status{0, goipp.StatusOk, goipp.StatusErrorNotFound, goipp.StatusErrorNotFound, goipp.StatusErrorNotFound, goipp.StatusOk, goipp.StatusOk} {
		if id > 0 {
			r.mustDo(want, r.newRequest(goipp.OpGetJobAttributes, ipp.Integer("job-id", id)))
		}
	}
}

func TestGreatDocumentTakesNoMemory(t *testing.T) {
	r := startPrinter(t)
	r.intake.setFaults(func(s *memoryIntake) { s.onWrite = func(p *memoryParking) { p.Reset() } })
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	const size = 256 << 20
	_, err := r.client.Do(t.Context(), r.newRequest(goipp.OpPrintJob), &ipp.Document{Reader: io.LimitReader(zeros{}, size), Size: size})
	if err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 8<<20 {
		t.Errorf("%d MiB allocated for a document of %d", grown>>20, size>>20)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }
