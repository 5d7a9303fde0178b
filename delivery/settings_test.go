package delivery_test

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/delivery"
	"github.com/printscout/printscout/delivery/simprinter"
	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/internal/outcome"
)

// Three copies come out as three, wherever they are asked for: never nine.
func TestCopiesAreNotSquared(t *testing.T) {
	const pjl = "\x1b%-12345X@PJL JOB\r\n@PJL SET QTY=3\r\n@PJL ENTER LANGUAGE=PDF\r\n"
	for name, c := range map[string]struct {
		before string // the document
		own    int    // copies in the document
		asked  goipp.Attributes
		says   bool
	}{
		"by the job":              {"", 0, goipp.Attributes{ipp.Integer("copies", 3)}, false},
		"by both":                 {pjl, 3, goipp.Attributes{ipp.Integer("copies", 3)}, true},
		"by the document":         {pjl, 3, nil, true},
		"by the document, job: 1": {pjl, 3, goipp.Attributes{ipp.Integer("copies", 1)}, true},
	} {
		t.Run(name, func(t *testing.T) {
			c2 := newCall(t, simprinter.Config{}, small)
			c2.content = append([]byte(c.before), c2.content...)
			c2.doc.Size, c2.doc.Copies, c2.doc.Attributes = int64(len(c2.content)), c.own, ticketBytes(c.asked...)
			c2.doc.Open = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(c2.content)), nil }
			o := c2.deliver()
			if o.State != outcome.Delivered {
				t.Fatalf("%+v", o)
			}
			j := c2.p.Jobs()[0]
			if n := j.Copies * max(1, j.PJLCopies); n != 3 {
				t.Errorf("%d by IPP, %d by PJL", j.Copies, j.PJLCopies)
			}
			if says := strings.Contains(strings.Join(o.Evidence, " "), "asks for its 3 copies itself"); says != c.says {
				t.Errorf("evidence %q", o.Evidence)
			}
		})
	}
}

func TestCopiesThatDoNotAgree(t *testing.T) {
	c := newCall(t, simprinter.Config{}, small)
	c.doc.Copies, c.doc.Attributes = 2, ticketBytes(ipp.Integer("copies", 3))
	if o := c.deliver(); o.State != outcome.NotSent || o.Reason != outcome.ReasonCopies || c.p.Stats().DocumentBytes > 0 {
		t.Errorf("%+v", o)
	}
}

// TestSettingsAreFitted: what was fitted is sent, and told in the evidence.
func TestSettingsAreFitted(t *testing.T) {
	c := newCall(t, attributesConfig(ipp.Keyword("sides-supported", "one-sided"), ipp.Keyword("job-sheets-supported", "none", "standard"), ipp.Keyword("job-sheets-default", "standard")), small)
	c.doc.Attributes = ticketBytes(ipp.Keyword("media", "iso-a4"), ipp.Keyword("sides", "two-sided-long-edge"))
	o := c.deliver()
	if o.State != outcome.Delivered {
		t.Fatalf("%+v", o)
	}
	got := c.p.Jobs()[0].Attributes
	for name, want := range map[string]string{"media": "iso_a4_210x297mm", "sides": "one-sided", "job-sheets": "none"} {
		if s := ipp.String(got, name); s != want {
			t.Errorf("%s %q", name, s)
		}
	}
	if !slices.Contains(o.Evidence, "Printed with media iso_a4_210x297mm instead of media iso-a4: the printer does not list media iso-a4.") {
		t.Errorf("evidence %q", o.Evidence)
	}
}

// Every request that describes the job says that it may be printed with
// other settings, and says it before the document.
func TestFidelityIsSaid(t *testing.T) {
	for name, ops := range map[string][]int{"by Create-Job": {2, 4, 5, 6, 8, 9, 10, 11}, "by Print-Job": {2, 4, 8, 9, 10, 11}} {
		said := map[goipp.Op]bool{}
		p := plainPrinter(t, func(w http.ResponseWriter, _ *http.Request, m *goipp.Message) {
			v, ok := ipp.Bool(m.Operation, "ipp-attribute-fidelity")
			said[goipp.Op(m.Code)] = ok && !v
			a := obeyRequest(m)
			switch goipp.Op(m.Code) {
			case goipp.OpGetPrinterAttributes:
				a.Printer = goipp.Attributes{ipp.MIME("document-format-supported", "application/pdf"), ipp.Enum("operations-supported", ops...)}
			case goipp.OpCreateJob, goipp.OpSendDocument:
				a.Job = goipp.Attributes{ipp.Integer("job-id", 5), ipp.Enum("job-state", 3)}
			}
			_ = ipp.WriteResponse(w, a)
		})
		o := delivery.New(delivery.Config{Timeouts: testLimits()}).Deliver(t.Context(), p, documentOf(randomContent(small, 1)), delivery.Hooks{})
		want := goipp.OpPrintJob
		if slices.Contains(ops, int(goipp.OpCreateJob)) {
			want = goipp.OpCreateJob
		}
		if o.State != outcome.Delivered || !said[goipp.OpValidateJob] || !said[want] || said[goipp.OpSendDocument] || said[goipp.OpGetJobAttributes] {
			t.Errorf("%s: %v, %+v", name, said, o)
		}
	}
}

// A printer that says by Validate-Job that it will print all pages gets none.
func TestIgnoredPageRanges(t *testing.T) {
	printed := false
	p := plainPrinter(t, func(w http.ResponseWriter, _ *http.Request, m *goipp.Message) {
		a := obeyRequest(m)
		switch goipp.Op(m.Code) {
		case goipp.OpGetPrinterAttributes:
			a.Printer.Add(ipp.Boolean("page-ranges-supported", true))
		case goipp.OpValidateJob:
			a.Code = goipp.Code(goipp.StatusOkIgnoredOrSubstituted)
			a.Unsupported.Add(ipp.Range("page-ranges", 2, 3))
		case goipp.OpPrintJob:
			printed = true
		}
		_ = ipp.WriteResponse(w, a)
	})
	doc := documentOf(randomContent(small, 1))
	doc.Attributes = ticketBytes(ipp.Range("page-ranges", 2, 3))
	if o := delivery.New(delivery.Config{Timeouts: testLimits()}).Deliver(t.Context(), p, doc, delivery.Hooks{}); o.Reason != outcome.ReasonPages || printed {
		t.Errorf("%+v", o)
	}
}
