package simprinter_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/delivery/simprinter"
	"github.com/printscout/printscout/internal/ipp"
)

// startPlain starts a printer without TLS and a client of it, with a clock
// that stands still.
func startPlain(t *testing.T, c simprinter.Config) *scenarioWorld {
	t.Helper()
	clock := &clock{ch: make(chan time.Time)}
	c.NoTLS, c.After = true, clock.after
	return &scenarioWorld{T: t, p: startPrinter(t, c), c: clock}
}

func TestTellsCopiesThatAreCountedTwice(t *testing.T) {
	w := startPlain(t, simprinter.Config{})
	m := ipp.NewRequest(ipp.Version20, goipp.OpPrintJob, w.p.PlainURI())
	m.Job.Add(ipp.Integer("copies", 2))
	doc := "\x1b%-12345X@PJL SET QTY=3\r\n@PJL ENTER LANGUAGE=PDF\r\n%PDF"
	if _, err := w.client("").Do(t.Context(), m, &ipp.Document{Reader: strings.NewReader(doc), Size: int64(len(doc))}); err != nil {
		t.Fatal(err)
	}
	if j := w.lastJob(); j.Copies != 2 || j.PJLCopies != 3 {
		t.Errorf("%d by IPP, %d by PJL", j.Copies, j.PJLCopies)
	}
	w.mustPrint(testPDF(1))
	if j := w.lastJob(); j.Copies != 1 || j.PJLCopies != 0 {
		t.Errorf("%d by IPP, %d by PJL", j.Copies, j.PJLCopies)
	}
}

func TestSaysWhoItIs(t *testing.T) {
	w := startPlain(t, simprinter.Config{UUID: "f81d4fae-7dec-11d0-a765-00a0c91e6bf6", Serial: "X1"})
	w.wantAttribute("printer-uuid", "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6")
	w.wantAttribute("printer-serial-number", "X1")
	w.wantAttribute("printer-device-id", "MFG:Print Scout;MDL:Software Printer;CMD:PDF,JPEG,PWGRaster,URF;SN:X1;")
	if more := ipp.String(w.printerAttributes(), "printer-more-info"); !strings.HasPrefix(more, "http://127.0.0.1:") {
		t.Errorf("printer-more-info is %q", more)
	}
	a, err := w.jobAttributes(w.mustPrint(testPDF(2)))
	if n, _ := ipp.Int(a, "job-impressions"); err != nil || n != 2 || ipp.String(a, "job-originating-user-name") != "u" {
		t.Errorf("%d pages, %v", n, err)
	}
	if up, ok := ipp.Int(a, "job-printer-up-time"); !ok || up < 1 || ipp.String(a, "job-uuid") != "urn:uuid:"+w.lastJob().UUID {
		t.Errorf("up for %d", up)
	}
}

func TestCancelAtPanel(t *testing.T) {
	w := startPlain(t, simprinter.Config{Fate: simprinter.Fate{Never: true}})
	id := w.mustPrint(testPDF(1))
	if !w.p.CancelAtPanel(id) || w.p.CancelAtPanel(id) || w.p.CancelAtPanel(99) {
		t.Error("it cannot be canceled, or twice")
	}
	w.wantState(id, 7, "job-canceled-at-device")
}

func TestRebootKeepsFiles(t *testing.T) {
	w := startPlain(t, simprinter.Config{})
	w.mustPrint(testPDF(1))
	first := w.lastJob().File
	w.p.Reboot()
	if id := w.mustPrint(testPDF(2)); id != 1 {
		t.Errorf("job numbers go on with %d", id)
	}
	w.wantKept(first, testPDF(1))
	w.wantKept(w.lastJob().File, testPDF(2))
	if w.lastJob().File == first {
		t.Error("the second document is in the first one's file")
	}
}

func TestAJobThatWasCanceledIsNotResumed(t *testing.T) {
	w := startPlain(t, simprinter.Config{Fate: simprinter.Fate{Stop: &simprinter.Stop{State: 4}}})
	id := w.mustPrint(testPDF(1))
	if _, err := w.sendRequest(goipp.OpCancelJob, ipp.Integer("job-id", id)); err != nil {
		t.Fatal(err)
	}
	w.p.Resume()
	w.wantState(id, 7, "job-canceled-by-user")
}

func TestAnyOpIsForWhatHasNoFaultOfItsOwn(t *testing.T) {
	w := startPlain(t, simprinter.Config{})
	w.p.SetFault(simprinter.AnyOp, simprinter.Fault{Status: goipp.StatusErrorDevice})
	w.p.SetFault(goipp.OpGetJobs, simprinter.Fault{Status: goipp.StatusErrorBusy})
	_, err := w.sendRequest(goipp.OpGetJobs)
	w.wantStatus(err, goipp.StatusErrorBusy)
	_, err = w.sendRequest(goipp.OpGetPrinterAttributes)
	w.wantStatus(err, goipp.StatusErrorDevice)
	w.p.SetFault(simprinter.AnyOp, simprinter.Fault{HTTP: 403, Times: 1})
	c := w.dial(w.p.PlainURI())
	w.postHeader(c, 20<<20, false, "") // it does not wait for the message
	b := make([]byte, 12)
	if _, err := io.ReadFull(c, b); err != nil || string(b) != "HTTP/1.1 403" {
		t.Errorf("%q, %v", b, err)
	}
	if _, err = w.sendRequest(goipp.OpGetPrinterAttributes); err != nil {
		t.Errorf("the second time: %v", err)
	}
}

func TestWireCutsAnswersToo(t *testing.T) {
	w := startPlain(t, simprinter.Config{Wire: simprinter.Wire{ResetOut: 100, Times: 1}})
	c := w.dial(w.p.PlainURI())
	w.postHeader(c, 0, true, "")
	if b, err := io.ReadAll(c); len(b) > 100 || err == nil {
		t.Errorf("%d bytes came, %v", len(b), err)
	}
	w.printerAttributes()
}

func TestWake(t *testing.T) {
	w := startPlain(t, simprinter.Config{Sleep: simprinter.Sleep{For: simprinter.Duration(time.Hour)}})
	done := make(chan error, 1)
	go func() { _, err := w.sendRequest(goipp.OpGetPrinterAttributes); done <- err }()
	w.waitUntil("it knocked", func() bool { return w.p.Stats().PlainConnections == 1 })
	w.p.Wake()
	if err := <-done; err != nil {
		t.Error(err)
	}
	w.p.Wake()
}

func TestCloseInItsSleep(t *testing.T) {
	w := startPlain(t, simprinter.Config{Raw: &simprinter.Raw{StopAfter: 4, NeverClose: true}, Sleep: simprinter.Sleep{For: simprinter.Duration(time.Hour)}})
	ipp, raw := w.dial(w.p.PlainURI()), w.dial(w.p.RawURI())
	for _, c := range []io.Writer{ipp, raw} {
		_, _ = c.Write([]byte("POST"))
	}
	if err := w.p.Close(); err != nil {
		t.Error(err)
	}
}

func TestRawTakesOneSessionAtATime(t *testing.T) {
	w := startPlain(t, simprinter.Config{Raw: &simprinter.Raw{Refuse: true}})
	first := w.dial(w.p.RawURI())
	_, _ = first.Write([]byte("@PJL ECHO first\r\n"))
	w.wantHeard(first, "first\r\n\f")
	w.wantRefused()
	_, _ = first.Write([]byte("bare"))
	first.Close()
	j := w.rawJob()
	w.wantKept(j.Document, []byte("bare"))
	if !j.Whole || j.Pages != 1 {
		t.Errorf("job %+v", j)
	}
	w.p.SetRaw(simprinter.Raw{Code: 40021, Text: "DOOR OPEN"})
	w.wantHeard(w.dial(w.p.RawURI()), "@PJL USTATUS DEVICE\r\nCODE=40021\r\nDISPLAY=\"DOOR OPEN\"\r\nONLINE=FALSE\r\n\f")
}

func TestARawJobWithoutItsEndIsNotWhole(t *testing.T) {
	w := startPlain(t, simprinter.Config{Raw: &simprinter.Raw{}})
	w.sendRaw(bytes.TrimSuffix(wrapPJL(testPDF(1)), []byte(rawTail)))
	if j := w.rawJob(); j.Whole || j.Closed != simprinter.ClosedByClient || j.Size != int64(len(testPDF(1))) {
		t.Errorf("job %+v", j)
	}
}

func TestFaultsOfAnswersEndWithTheirTimes(t *testing.T) {
	w := startPlain(t, simprinter.Config{})
	w.p.SetFault(goipp.OpGetPrinterAttributes, simprinter.Fault{Garbage: true, Times: 1})
	if _, err := w.sendRequest(goipp.OpGetPrinterAttributes); err == nil {
		t.Error("garbage could be read")
	}
	w.printerAttributes()
}
