package delivery_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/delivery"
	"github.com/printscout/printscout/delivery/simprinter"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/internal/outcome"
)

// occupyPrinter begins another person's job at the printer.
func occupyPrinter(c *deliveryCall) {
	alone := &http.Transport{DisableKeepAlives: true}
	other := ipp.Client{HTTP: &http.Client{Transport: alone}, URI: c.p.PlainURI()}
	m := ipp.NewRequest(ipp.Version20, goipp.OpCreateJob, c.p.PlainURI())
	m.Operation.Add(ipp.Name("job-name", "somebody else's"))
	if _, err := other.Do(c.ctx, m, nil); err != nil {
		panic(err)
	}
}

// givesUp gives that job up.
func givesUp(c *deliveryCall) { c.p.CancelAtPanel(1) }

// knownByUUID has no pin, and the uuid that the printer has until its second
// connection. The first is somebody else's.
func knownByUUID(c *deliveryCall) {
	plainOnly(c)
	c.entry.UUID = "urn:uuid:" + c.p.UUID()
	conn, err := net.Dial("tcp", hostOf(c.p.PlainURI()))
	if err != nil {
		panic(err)
	}
	conn.Close()
}

func hostOf(uri string) string {
	u, err := url.Parse(uri)
	if err != nil {
		panic(err)
	}
	return u.Host
}

// testMemory is the memory of one Deliverer.
type testMemory struct {
	mu   sync.Mutex
	last []byte
}

// Load implements delivery.Memory.
func (n *testMemory) Load(string) []byte {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.last
}

// Save implements delivery.Memory.
func (n *testMemory) Save(_ string, known []byte) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.last = known
}

// deliverAgain delivers to the same printer once more, which has to go well.
func (v *scenarioRun) deliverAgain(t *testing.T) simprinter.Job {
	t.Helper()
	if o := v.deliver(); o.State != outcome.Delivered {
		t.Errorf("the second time: %+v", o)
	}
	jobs := v.p.Jobs()
	last := jobs[len(jobs)-1]
	if !last.Whole || !sameFile(t, last.File, v.content) {
		t.Errorf("the second time came %+v", last)
	}
	return last
}

// wantsRemembered wants something to be remembered of the printer, and the next
// delivery to go by it.
func wantsRemembered(what string) func(*testing.T, *scenarioRun) {
	return func(t *testing.T, v *scenarioRun) {
		if known := string(v.memory.Load("")); !strings.Contains(known, what) {
			t.Errorf("it remembers nothing of %s: %s", what, known)
		}
		v.deliverAgain(t)
	}
}

// wantsFewerConnections is wantsRemembered, and wants the second delivery to
// need that many connections fewer than the first.
func wantsFewerConnections(what string, fewer int) func(*testing.T, *scenarioRun) {
	return func(t *testing.T, v *scenarioRun) {
		first := v.p.Stats().TLSConnections
		wantsRemembered(what)(t, v)
		if second := v.p.Stats().TLSConnections - first; second > first-fewer {
			t.Errorf("%d connections the first time and %d the second", first, second)
		}
	}
}

// printsUncompressed wants the gzip that failed to be left out the next time.
func printsUncompressed(t *testing.T, v *scenarioRun) {
	wantsRemembered(`"no_gzip":true`)(t, v)
	if jobs := v.p.Jobs(); jobs[len(jobs)-1].Compressed || documentRequests(v.p) != 2 {
		t.Errorf("%d documents were sent: %+v", documentRequests(v.p), jobs)
	}
	checkTruthful(t, v.p, delivery.Outcome{Result: outcome.Result{State: outcome.Delivered}}, v.content)
}

func compressedIs(want bool) func(*testing.T, *scenarioRun) {
	return func(t *testing.T, v *scenarioRun) {
		if got := v.p.Jobs()[0].Compressed; got != want {
			t.Errorf("it came compressed: %v", got)
		}
	}
}

// threeCopies wants copies to be asked for in only one place.
func threeCopies(t *testing.T, v *scenarioRun) {
	if j := v.p.Jobs()[0]; j.Copies != 3 || j.PJLCopies != 0 {
		t.Errorf("%d copies by IPP, %d by PJL", j.Copies, j.PJLCopies)
	}
}

// neverPlainAgain wants a printer that asked for TLS not to be spoken to
// without a second time.
func neverPlainAgain(t *testing.T, v *scenarioRun) {
	wantsRemembered(`"upgraded":"ipps:`)(t, v)
	if n := v.p.Stats().PlainConnections; n != 1 {
		t.Errorf("%d plain connections", n)
	}
}

// throughOnePort lets the printer be reached, by TLS or without, at one port
// that the directory names as plain.
func throughOnePort(c *deliveryCall) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	o := &onePort{Listener: l, secure: hostOf(c.p.URI()), plain: hostOf(c.p.PlainURI())}
	o.carrying.Go(o.serve)
	c.cleanup(func() { l.Close(); o.carrying.Wait() })
	c.entry.Floor, c.entry.URIs = directory.GradeIPP, []string{"ipp://" + l.Addr().String() + "/ipp/print"}
}

// onePort carries connections to the one or the other port of a printer.
type onePort struct {
	net.Listener
	secure, plain string
	carrying      sync.WaitGroup
}

func (o *onePort) serve() {
	for {
		c, err := o.Accept()
		if err != nil {
			return
		}
		o.carrying.Go(func() { o.carry(c) })
	}
}

// handshake is the type of the record that TLS begins with (RFC 8446 §5.1).
const handshake = 22

// carry goes by the first byte.
func (o *onePort) carry(c net.Conn) {
	defer c.Close()
	in := bufio.NewReader(c)
	first, err := in.Peek(1)
	if err != nil {
		return
	}
	to := o.plain
	if first[0] == handshake {
		to = o.secure
	}
	p, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer p.Close()
	o.carrying.Go(func() {
		_, _ = io.Copy(c, p)
		c.Close()
	})
	_, _ = io.Copy(p, in)
}

// uptimeOf makes the printer's up-time that many seconds longer.
func uptimeOf(seconds int) func(*deliveryCall) {
	return func(c *deliveryCall) { c.p.Age(time.Duration(seconds) * time.Second) }
}

// cancelsOnceMoved cancels when the number of the job is another person's.
func cancelsOnceMoved(c *deliveryCall) {
	c.onJournal(delivery.StepTaken, func() error {
		go func() {
			for len(c.p.Jobs()) < 2 && c.ctx.Err() == nil {
				runtime.Gosched()
			}
			c.cancel()
		}()
		return nil
	})
}

// leavesStranger wants another person's job to be unchanged.
func leavesStranger(t *testing.T, v *scenarioRun) {
	jobs := v.p.Jobs()
	if other := jobs[len(jobs)-1]; other.User != "alice" || other.State != 5 {
		t.Errorf("somebody else's job: %+v", other)
	}
	if n := v.p.Stats().Requests[goipp.OpCancelJob]; n > 0 {
		t.Errorf("%d jobs were canceled", n)
	}
}

// longTitle is more than a printer keeps that cuts names.
func longTitle(c *deliveryCall) {
	c.doc.Title = "Quarterly figures of the year before last, with notes"
}

// fitsTheToken wants the next job's name to be whole at the printer.
func fitsTheToken(t *testing.T, v *scenarioRun) {
	if j := v.deliverAgain(t); len(j.Name) > 40 || !strings.Contains(j.Name, "[ps-") {
		t.Errorf("the name is %q", j.Name)
	}
}
