package spooler

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

func TestEndWaitsForADocument(t *testing.T) {
	r := startPrinter(t)
	written := r.intake.firstWrite()
	m := bytesOf(t, r.newRequest(goipp.OpPrintJob))
	doc := incompressible(600_000)
	c := r.beginPrintJob(fmt.Sprint("Content-Length: ", len(m)+len(doc)), append(m, doc[:400_000]...))
	<-written
	r.stop()
	c.Write(doc[400_000:])
	if a := answerOf(t, c); goipp.Status(a.Code) != goipp.StatusOk {
		t.Errorf("%v", a)
	}
	if err := <-r.served; err != nil {
		t.Error(err)
	}
	r.intake.onlyParked(t)
}

func TestEndGivesUpADocumentThatDoesNotCome(t *testing.T) {
	r := startPrinter(t, func(c *Config) {
		c.Limits.EndTimeout, c.Limits.LingerTimeout = 20*time.Millisecond, 20*time.Millisecond
	})
	written := r.intake.firstWrite()
	m := bytesOf(t, r.newRequest(goipp.OpPrintJob))
	c := r.beginPrintJob("Content-Length: 1000000000", append(m, incompressible(600_000)...))
	<-written
	r.stop()
	if a := answerOf(t, c); goipp.Status(a.Code) != goipp.StatusErrorServiceUnavailable {
		t.Errorf("%v", a)
	}
	if err := <-r.served; err != nil {
		t.Error(err)
	}
	if _, parked, aborted := r.intake.counts(); parked != 0 || aborted != 1 {
		t.Errorf("%d parked, %d aborted", parked, aborted)
	}
}

func TestEndTakesNoNewRequest(t *testing.T) {
	p, _ := newPrinter(t)
	p.refuseRequests()
	w := httptest.NewRecorder()
	p.serveHTTP(w, requestToPort8631(t, ipp.NewRequest(ipp.Version20, goipp.OpCreateJob, "ipp://localhost:8631/ipp/print")))
	if w.Code != http.StatusServiceUnavailable {
		t.Errorf("%d", w.Code)
	}
}

// requestToPort8631 returns a request as if it had arrived at port 8631.
func requestToPort8631(t testing.TB, m *goipp.Message) *http.Request {
	req := httptest.NewRequest(http.MethodPost, "/ipp/print", bytes.NewReader(bytesOf(t, m)))
	return fromLoopback(req)
}

func TestJobWhoseDocumentNeverComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _ := newPrinter(t)
		m := ipp.NewRequest(ipp.Version20, goipp.OpCreateJob, "ipp://localhost:8631/ipp/print")
		p.serveHTTP(httptest.NewRecorder(), requestToPort8631(t, m))
		j, err := p.jobs.jobByID(1)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			wait time.Duration
			want int
		}{{5*time.Minute - time.Second, ipp.JobPending}, {time.Second, ipp.JobAborted}} {
			<-time.After(c.wait)
			synctest.Wait()
			p.jobs.mu.Lock()
			if j.state != c.want {
				t.Errorf("in state %d, want %d", j.state, c.want)
			}
			p.jobs.mu.Unlock()
		}
		if open, _ := p.jobs.countOpen(); open != 0 {
			t.Errorf("%d jobs are open", open)
		}
	})
}
