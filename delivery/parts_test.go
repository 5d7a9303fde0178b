package delivery

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/internal/outcome"
)

func TestSourceHoldsBackTheEndUntilItIsChecked(t *testing.T) {
	whole := []byte("0123456789")
	bad := errors.New("does not authenticate")
	for name, x := range map[string]struct {
		r    io.Reader
		want string
		ok   bool
	}{
		"as said":                  {bytes.NewReader(whole), "0123456789", true},
		"end with the last bytes":  {iotest.DataErrReader(bytes.NewReader(whole)), "0123456789", true},
		"byte by byte":             {iotest.OneByteReader(bytes.NewReader(whole)), "0123456789", true},
		"longer":                   {bytes.NewReader(append(whole, 'x')), "", false},
		"shorter":                  {bytes.NewReader(whole[:9]), "012345678", false},
		"fails behind the end":     {io.MultiReader(bytes.NewReader(whole), iotest.ErrReader(bad)), "", false},
		"fails in the middle":      {io.MultiReader(bytes.NewReader(whole[:4]), iotest.ErrReader(bad)), "0123", false},
		"one byte, then behind it": {iotest.OneByteReader(io.MultiReader(bytes.NewReader(whole), iotest.ErrReader(bad))), "012345678", false},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := newDocumentSource(Document{Size: 10, Open: func() (io.ReadCloser, error) { return io.NopCloser(x.r), nil }})
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(s)
			if string(got) != x.want || (err == nil) != x.ok || (s.readError() == nil) != x.ok {
				t.Errorf("%q, %v", got, err)
			}
			if !x.ok && !errors.Is(err, errDocument) {
				t.Errorf("got %v", err)
			}
			if err := errors.Join(s.Close(), s.Close()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestLocksAreForgotten(t *testing.T) {
	var l printerLocks
	unlock, err := l.lockPrinter(t.Context(), "p", func() { t.Error("it was free") })
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	waited := false
	if _, err := l.lockPrinter(ctx, "p", func() { waited = true }); !errors.Is(err, context.Canceled) || !waited {
		t.Errorf("got %v, %v", err, waited)
	}
	unlock()
	if len(l.held) != 0 {
		t.Errorf("%d locks are left", len(l.held))
	}
}

func TestEndpoints(t *testing.T) {
	uris := []string{"ipp://a/ipp/print", "socket://a", "ipps://a", "ipps://b:444/x", "ipps://b:444/x", "ipps://b:444/y"}
	for scheme, want := range map[string]string{
		"ipps": "[{a:443 [{ipps://a:443/ipp/print} {ipps://a:443/ipp/printer} {ipps://a:443/ipp} {ipps://a:443/printer} {ipps://a:443/ipp/port1} {ipps://a:443/}]} " +
			"{a:631 [{ipps://a:631/ipp/print} {ipps://a:631/ipp/printer} {ipps://a:631/ipp} {ipps://a:631/printer} {ipps://a:631/ipp/port1} {ipps://a:631/}]} " +
			"{b:444 [{ipps://b:444/x} {ipps://b:444/y}]}]",
		"ipp": "[{a [{ipp://a/ipp/print}]}]",
	} {
		if got := fmt.Sprint(endpointsOf(uris, scheme)); got != want {
			t.Errorf("%s: %v", scheme, got)
		}
	}
}

func TestPollsFastWhileSomebodyWaits(t *testing.T) {
	for since, most := range map[time.Duration]time.Duration{
		0: 50 * time.Millisecond, 29 * time.Second: 250 * time.Millisecond, time.Minute: 2 * time.Second, time.Hour: 10 * time.Second,
	} {
		if d := pollInterval(since); d > most {
			t.Errorf("after %v every %v", since, d)
		}
	}
}

func TestReasonsThatStop(t *testing.T) {
	for reason, want := range map[string]bool{
		"media-jam-error": true, "media-empty": true, "door-open": true, "paused": true, "spool-area-full-error": true,
		"media-empty-report": false, "toner-low-warning": false, "media-low": false, "none": false, "connecting-to-device": false,
	} {
		if blocksPrinting(reason) != want {
			t.Errorf("%s: %v", reason, !want)
		}
	}
	full := printerInfo{goipp.Attributes{ipp.Keyword("printer-state-reasons", "none", "spool-area-full-warning")}}
	if f := asFailure("P", "", full.checkReady("P")); f.reason != outcome.ReasonBusy {
		t.Errorf("spool area full: %+v", f)
	}
}

func TestEvidenceKeepsTheLastWord(t *testing.T) {
	a := &attempt{}
	for i := range 100 {
		a.addEvidence("%d", i)
	}
	if len(a.evidence) != maxEvidence || a.evidence[maxEvidence-1] != "99" {
		t.Errorf("%d: %q", len(a.evidence), a.evidence)
	}
}

func TestTimeoutsHaveDefaults(t *testing.T) {
	got := Timeouts{Answer: time.Minute}.withDefaults()
	want := Timeouts{5 * time.Second, 30 * time.Second, 30 * time.Second, time.Minute, time.Minute, 10 * time.Second, time.Minute, 10 * time.Minute, 2 * time.Hour}
	if got != want {
		t.Errorf("%+v", got)
	}
}

// FuzzAnswers gives a printer's bytes to everything that reads a printer's
// answers. Whatever they are: nothing is said to be printed unless the
// printer says completed, nothing is said to be unprinted unless it counts
// none, and what people read is clean and short.
func FuzzAnswers(f *testing.F) {
	add := func(attrs ...goipp.Attribute) {
		m := goipp.NewResponse(ipp.Version20, goipp.StatusOk, 1)
		m.Printer, m.Job, m.Unsupported = attrs, attrs, attrs
		b, _ := m.EncodeBytes()
		f.Add(b)
	}
	add(ipp.Enum("operations-supported", 2, 4, 5, 6), ipp.MIME("document-format-supported", "application/pdf"), ipp.Range("copies-supported", 1, 9))
	add(ipp.Enum("printer-state", 5), ipp.Keyword("printer-state-reasons", "media-jam-error"), ipp.Text("printer-state-message", "jam\x1b[0m"))
	add(ipp.Integer("job-id", 3), ipp.Enum("job-state", 9), ipp.Integer("job-impressions-completed", 2), ipp.Name("job-name", "t [ps-00000000]"))
	add(ipp.Enum("job-state", 8), ipp.Integer("job-impressions-completed", 0), ipp.Integer("job-media-sheets-completed", 1), ipp.Integer("job-k-octets", -1))
	add(ipp.Integer("copies", 2), ipp.Keyword("copies-supported", "many"), ipp.NoValue("job-state"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := ipp.ReadMessage(bufio.NewReader(bytes.NewReader(b)), ipp.DefaultLimits)
		if err != nil {
			return
		}
		fuzzPrinter(t, m)
		fuzzJob(t, m)
	})
}

func fuzzPrinter(t *testing.T, m *goipp.Message) {
	i := printerInfo{m.Printer}
	p := directory.Printer{Name: "P"}
	if err := i.checkReady("P"); err != nil {
		checkReadable(t, asFailure("P", "u", err).message)
	}
	if format, err := i.formatFor(p, "application/pdf"); err == nil && format != "application/pdf" {
		t.Errorf("sent as %q", format)
	}
	id := i.readIdentity()
	for _, s := range append(id.Formats, id.Name, id.Location, id.MakeModel, id.UUID) {
		checkReadable(t, s)
	}
}

func fuzzJob(t *testing.T, m *goipp.Message) {
	j := readJobStatus(m.Job)
	a := &attempt{printer: directory.Printer{Name: "P"}, doc: Document{Size: 4096}, known: &printerMemory{}, unconfirmed: true}
	if err := a.checkUnsupported(m); err != nil {
		checkReadable(t, asFailure("P", "u", err).message)
	}
	if !j.ended() {
		return
	}
	o := a.concludedOutcome(j)
	if against, _ := j.reasonsAgainst(); o.State == outcome.Delivered && len(against) > 0 {
		t.Errorf("delivered, though the printer says %v", against)
	}
	if o.State == outcome.Delivered && (j.state != ipp.JobCompleted || j.octets < 4) {
		t.Errorf("delivered: %+v", j)
	}
	if o.State == outcome.NotSent && (j.state == ipp.JobCompleted || j.most == nil || *j.most != 0) {
		t.Errorf("not sent: %+v", j)
	}
	checkReadable(t, o.Message)
	for _, e := range a.evidence {
		checkReadable(t, e)
	}
}

func checkReadable(t *testing.T, s string) {
	t.Helper()
	if len(s) > 4096 || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		t.Errorf("%d bytes: %.200q", len(s), s)
	}
}
