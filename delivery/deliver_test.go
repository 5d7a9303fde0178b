package delivery_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/delivery"
	"github.com/printscout/printscout/delivery/simprinter"
	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/internal/outcome"
)

func TestJournalComesBeforeTheAct(t *testing.T) {
	for name, x := range map[string]struct {
		ops  []goipp.Op
		want []delivery.Step
	}{
		"create and send": {nil, []delivery.Step{delivery.StepCreating, delivery.StepCreated, delivery.StepSending, delivery.StepSent, delivery.StepTaken}},
		"print-job":       {onlyJob, []delivery.Step{delivery.StepCreating, delivery.StepSending, delivery.StepSent, delivery.StepTaken}},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCall(t, simprinter.Config{Operations: x.ops}, small)
			var steps []delivery.Step
			c.journal = func(p delivery.Point) error {
				steps = append(steps, p.Step)
				s := c.p.Stats()
				switch p.Step {
				case delivery.StepCreating:
					if s.Requests[goipp.OpCreateJob]+s.Requests[goipp.OpPrintJob] != 0 {
						t.Error("the job was made before it was journaled")
					}
				case delivery.StepSending:
					if s.DocumentBytes+int64(s.Requests[goipp.OpSendDocument]+s.Requests[goipp.OpPrintJob]) != 0 {
						t.Error("the document was sent before that was journaled")
					}
				case delivery.StepCreated, delivery.StepTaken:
					if p.JobID != 1 {
						t.Errorf("job %d", p.JobID)
					}
				}
				if !strings.HasPrefix(p.Token, "ps-") || len(p.Token) != 11 || p.URI != c.p.URI() {
					t.Errorf("point %+v", p)
				}
				return nil
			}
			o := c.deliver()
			checkTruthful(t, c.p, o, c.content)
			if o.State != outcome.Delivered || !slices.Equal(steps, x.want) {
				t.Errorf("%s, %v", o.State, steps)
			}
		})
	}
}

// Canceling or a failing journal, at each point of each way.
func TestEndsAtEachPoint(t *testing.T) {
	sent := []delivery.Step{delivery.StepSent, delivery.StepTaken}
	for way, ops := range map[string][]goipp.Op{"create and send": nil, "print-job": onlyJob} {
		for _, step := range []delivery.Step{delivery.StepCreating, delivery.StepCreated, delivery.StepSending, delivery.StepSent, delivery.StepTaken} {
			if ops != nil && step == delivery.StepCreated {
				continue
			}
			t.Run(way+"/canceled at "+string(step), func(t *testing.T) {
				t.Parallel()
				c := newCall(t, simprinter.Config{Operations: ops, Delay: time.Hour}, small)
				cancelsAt(step)(c)
				o := c.deliver()
				if o.State != outcome.Canceled {
					t.Errorf("%+v", o)
				}
				checkTruthful(t, c.p, o, c.content)
				nothingLeft(t, c.p)
			})
			t.Run(way+"/journal fails at "+string(step), func(t *testing.T) {
				t.Parallel()
				c := newCall(t, simprinter.Config{Operations: ops}, small)
				journalFails(step)(c)
				o := c.deliver()
				want := outcome.NotSent
				if slices.Contains(sent, step) {
					want = outcome.Delivered
				}
				if o.State != want {
					t.Errorf("%+v", o)
				}
				checkTruthful(t, c.p, o, c.content)
				nothingLeft(t, c.p)
			})
		}
	}
}

// nothingLeft checks that no job waits at the printer for what never comes.
func nothingLeft(t *testing.T, p *simprinter.Printer) {
	t.Helper()
	for _, j := range p.Jobs() {
		if j.State < 7 {
			t.Errorf("job %d is left in state %d", j.ID, j.State)
		}
	}
}

func TestSettings(t *testing.T) {
	c := newCall(t, simprinter.Config{}, small)
	size := goipp.Collection{ipp.Integer("x-dimension", 21000), ipp.Integer("y-dimension", 29700)}
	c.doc.Attributes = ticketBytes(
		ipp.Integer("copies", 3), ipp.Keyword("sides", "two-sided-long-edge"), ipp.Keyword("media", "iso_a5_148x210mm"),
		ipp.Enum("print-quality", 5), ipp.Enum("finishings", 3, 4), ipp.Range("page-ranges", 2, 3),
		ipp.Collections("media-col", goipp.Collection{ipp.Collections("media-size", size)}),
		ipp.Keyword("job-hold-until", "indefinite"), ipp.Resolution("printer-resolution", 600), ipp.Integer("number-up", 4),
	)
	o := c.deliver()
	if o.State != outcome.Delivered {
		t.Fatalf("%+v", o)
	}
	got := c.p.Jobs()[0].Attributes
	var names []string
	for _, a := range got {
		names = append(names, a.Name)
	}
	want := []string{"copies", "sides", "print-quality", "finishings", "page-ranges", "media-col", "printer-resolution"}
	if !slices.Equal(names, want) {
		t.Errorf("the printer got %v", names)
	}
	if n, _ := ipp.Int(got, "copies"); n != 3 {
		t.Errorf("%d copies", n)
	}
	if f, _ := ipp.Find(got, "finishings"); len(f.Values) != 1 {
		t.Errorf("finishings %v", f.Values)
	}
	if !slices.Contains(o.Evidence, "Left out, because the printer does not list it: media, finishings, job-hold-until, number-up.") {
		t.Errorf("evidence %q", o.Evidence)
	}
}

func TestCopiesAreNeverFewer(t *testing.T) {
	for name, x := range map[string]struct {
		config simprinter.Config
		copies int
		state  outcome.State
	}{
		"in the range":       {simprinter.Config{}, 99, outcome.Delivered},
		"above the range":    {simprinter.Config{}, 100, outcome.NotSent},
		"none at all":        {simprinter.Config{}, 0, outcome.NotSent},
		"not said, two":      {attributesConfig(ipp.NoValue("copies-supported")), 2, outcome.NotSent},
		"not said, one":      {attributesConfig(ipp.NoValue("copies-supported")), 1, outcome.Delivered},
		"one at a time, two": {attributesConfig(ipp.Range("copies-supported", 1, 1)), 2, outcome.NotSent},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCall(t, x.config, small)
			c.doc.Attributes = ticketBytes(ipp.Integer("copies", x.copies))
			if o := c.deliver(); o.State != x.state || o.State == outcome.NotSent && (o.Reason != outcome.ReasonCopies || c.p.Stats().DocumentBytes > 0) {
				t.Errorf("%+v", o)
			}
		})
	}
}

func TestFormats(t *testing.T) {
	octets := simprinter.Config{Formats: []string{"application/octet-stream", "image/jpeg"}}
	for name, x := range map[string]struct {
		config    simprinter.Config
		format    string
		directory []string
		want      string
	}{
		"listed":                         {simprinter.Config{}, "application/pdf", nil, "application/pdf"},
		"in capitals, with a parameter":  {simprinter.Config{}, "Application/PDF; version=1.7", nil, "application/pdf"},
		"not listed":                     {octets, "application/pdf", nil, ""},
		"unknown, printer senses":        {octets, "", nil, "application/octet-stream"},
		"unknown, printer does not":      {simprinter.Config{}, "application/octet-stream", nil, ""},
		"the directory adds":             {simprinter.Config{Formats: []string{"image/jpeg", "application/pdf"}, Attributes: goipp.Attributes{ipp.MIME("document-format-supported", "image/jpeg")}}, "application/pdf", []string{"application/pdf"}, "application/pdf"},
		"the directory takes away":       {simprinter.Config{}, "application/pdf", []string{"image/jpeg"}, ""},
		"the printer says nothing of it": {attributesConfig(ipp.NoValue("document-format-supported")), "application/pdf", nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCall(t, x.config, small)
			c.doc.Format, c.entry.Formats = x.format, x.directory
			o := c.deliver()
			if x.want == "" {
				if o.State != outcome.NotSent || o.Reason != outcome.ReasonFormat || c.p.Stats().DocumentBytes > 0 {
					t.Errorf("%+v", o)
				}
				return
			}
			if o.State != outcome.Delivered || c.p.Jobs()[0].Format != x.want {
				t.Errorf("%+v, %+v", o, c.p.Jobs())
			}
		})
	}
}

func TestNamesAreClean(t *testing.T) {
	c := newCall(t, simprinter.Config{}, small)
	c.doc.Title = "Größe\r\n@PJL FSDELETE\x1b" + strings.Repeat("é", 300)
	c.doc.User = "  \x00 "
	if o := c.deliver(); o.State != outcome.Delivered {
		t.Fatalf("%+v", o)
	}
	j := c.p.Jobs()[0]
	if len(j.Name) > 255 || !strings.HasPrefix(j.Name, "Größe@PJL FSDELETEéé") || !strings.HasSuffix(j.Name, "]") || j.User != "anonymous" {
		t.Errorf("%d bytes: %q of %q", len(j.Name), j.Name, j.User)
	}
}

func TestPlainNamesForPrintersThatNeedThem(t *testing.T) {
	c := newCall(t, simprinter.Config{}, small)
	c.doc.Title, c.doc.User = "Größe & Maß", "jürgen@büro"
	c.p.SetFault(goipp.OpValidateJob, simprinter.Fault{Status: goipp.StatusErrorInternal, Times: 1})
	if o := c.deliver(); o.State != outcome.Delivered {
		t.Fatalf("%+v", o)
	}
	if j := c.p.Jobs()[0]; !strings.HasPrefix(j.Name, "Gre  Ma [ps-") || j.User != "jrgenbro" {
		t.Errorf("%q of %q", j.Name, j.User)
	}
}

func TestDocumentsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	b := randomContent(small, 1)
	for name, doc := range map[string]delivery.Document{
		"does not open": {Size: small, Open: func() (io.ReadCloser, error) { return nil, errDisk }},
		"no opener":     {Size: small},
		"longer":        {Size: small - 1, Open: documentOf(b).Open},
		"shorter":       {Size: small + 1, Open: documentOf(b).Open},
		"bad at once":   {Size: small, Open: breakingOpener(b, 0, func() {}, errDisk)},
		"bad check at the end": {Size: small, Open: func() (io.ReadCloser, error) {
			r, _ := documentOf(b).Open()
			return struct {
				io.Reader
				io.Closer
			}{io.MultiReader(r, failingReader{errDisk}), r}, nil
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCall(t, simprinter.Config{}, small)
			doc.Format = "application/pdf"
			c.doc = doc
			o := c.deliver()
			if o.State != outcome.NotSent || o.Reason != outcome.ReasonUnreadable {
				t.Errorf("%+v", o)
			}
			checkTruthful(t, c.p, o, b)
			nothingLeft(t, c.p)
		})
	}
}

func TestEvidence(t *testing.T) {
	pages := 7
	c := newCall(t, simprinter.Config{}, small)
	c.p.SetFate(simprinter.Fate{Impressions: &pages, Message: "Done.\x1b[31m"})
	o := c.deliver()
	if o.EvidenceLevel != outcome.EvidenceCounted || o.PagesPrinted == nil || *o.PagesPrinted != 7 {
		t.Errorf("%+v", o)
	}
	if !slices.Contains(o.Evidence, "The printer on job 1: completed (job-completed-successfully): Done.[31m, pages: 7.") {
		t.Errorf("%q", o.Evidence)
	}
	if o.FirstByteMS <= 0 || o.TotalMS < o.FirstByteMS {
		t.Errorf("first byte after %d of %d ms", o.FirstByteMS, o.TotalMS)
	}
	c = newCall(t, simprinter.Config{}, small)
	if o := c.deliver(); o.EvidenceLevel != outcome.EvidenceState || o.PagesPrinted != nil {
		t.Errorf("without a count: %+v", o)
	}
}

func TestCompletionIsKnownSoon(t *testing.T) {
	t.Parallel()
	for _, delay := range []time.Duration{100 * time.Millisecond, time.Second} {
		c := newCall(t, simprinter.Config{Delay: delay}, small)
		c.limits.Unchanged = 10 * time.Second
		if o := c.deliver(); o.State != outcome.Delivered || o.TotalMS-o.FirstByteMS > delay.Milliseconds()+300 {
			t.Errorf("completed after %v, known after %d ms", delay, o.TotalMS-o.FirstByteMS)
		}
		if n := c.p.Stats().TLSConnections; n > 3 {
			t.Errorf("%d connections: to ask first, for the document, to follow", n)
		}
	}
}

func TestOneDocumentAtATime(t *testing.T) {
	p := startPrinter(t, simprinter.Config{SingleJob: true, Delay: 50 * time.Millisecond})
	d := delivery.New(delivery.Config{Timeouts: testLimits()})
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			if o := d.Deliver(t.Context(), entryOf(p), documentOf(randomContent(small, uint64(i))), delivery.Hooks{}); o.State != outcome.Delivered {
				t.Errorf("%+v", o)
			}
		})
	}
	wg.Wait()
	if whole, _ := countPapers(t, p, randomContent(small, 0)); whole != 4 {
		t.Errorf("%d documents came out", whole)
	}
}

func TestPrintersDoNotWaitForEachOther(t *testing.T) {
	slow := startPrinter(t, simprinter.Config{Delay: time.Hour})
	quick := startPrinter(t, simprinter.Config{})
	l := testLimits()
	l.Unchanged = time.Hour
	d := delivery.New(delivery.Config{Timeouts: l})
	ctx, cancel := context.WithCancel(t.Context())
	busy, ended := make(chan struct{}), make(chan delivery.Outcome, 1)
	go func() {
		ended <- d.Deliver(ctx, entryOf(slow), documentOf(randomContent(small, 1)), delivery.Hooks{Journal: func(p delivery.Point) error {
			if p.Step == delivery.StepSent {
				close(busy)
			}
			return nil
		}})
	}()
	<-busy
	other := entryOf(quick)
	other.ID = "p2"
	if o := d.Deliver(t.Context(), other, documentOf(randomContent(small, 2)), delivery.Hooks{}); o.State != outcome.Delivered {
		t.Errorf("%+v", o)
	}
	waiting, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	if o := d.Deliver(waiting, entryOf(slow), documentOf(randomContent(small, 3)), delivery.Hooks{}); o.State != outcome.Canceled || o.Reason != outcome.ReasonCanceled {
		t.Errorf("waiting: %+v", o)
	}
	cancel()
	if o := <-ended; o.State != outcome.Canceled {
		t.Errorf("%+v", o)
	}
	if n := len(slow.Jobs()); n != 1 {
		t.Errorf("%d jobs at the slow printer", n)
	}
}

func TestCanceledAfterSomePages(t *testing.T) {
	c := newCall(t, simprinter.Config{Delay: time.Hour}, small)
	pages := 3
	c.p.SetFate(simprinter.Fate{Impressions: &pages})
	cancelsIn(5)(c)
	o := c.deliver()
	if o.State != outcome.Canceled || !strings.HasSuffix(o.Message, " 3 pages had come out.") || o.PagesPrinted == nil {
		t.Errorf("%+v", o)
	}
}

func TestPrinterThatRefusesToCancel(t *testing.T) {
	t.Parallel()
	c := newCall(t, simprinter.Config{Delay: time.Hour}, small)
	c.p.SetFate(simprinter.Fate{NoCancel: true})
	cancelsIn(5)(c)
	o := c.deliver()
	if o.State != outcome.Uncertain || !slices.ContainsFunc(o.Evidence, func(s string) bool { return strings.Contains(s, "not-possible") }) {
		t.Errorf("%+v", o)
	}
}

func TestPrinterThatGoesAwayWhilePrinting(t *testing.T) {
	t.Parallel()
	c := newCall(t, simprinter.Config{Delay: time.Hour}, small)
	c.limits.Unchanged = time.Minute
	c.p.SetFault(goipp.OpGetJobAttributes, simprinter.Fault{Hook: sync.OnceFunc(func() { go c.p.Close() })})
	o := c.deliver()
	if o.State != outcome.Uncertain || o.Reason != outcome.ReasonNoAnswer || o.EvidenceLevel != outcome.EvidenceTaken {
		t.Errorf("%+v", o)
	}
	if err := errors.Join(c.p.Close()); err != nil {
		t.Error(err)
	}
}

// TestAJobThatIsLeftIsNotCanceled stops following while the printer prints.
func TestAJobThatIsLeftIsNotCanceled(t *testing.T) {
	c := newCall(t, simprinter.Config{Delay: time.Hour}, small)
	rows["left-following"].set(c)
	if o := c.deliver(); o.State != outcome.Uncertain || c.p.Stats().Requests[goipp.OpCancelJob] != 0 {
		t.Errorf("%+v; %d times canceled", o, c.p.Stats().Requests[goipp.OpCancelJob])
	}
}
