package spooler

import (
	"bufio"
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/spooler/docinfo"
)

func TestPrintJobParks(t *testing.T) {
	r := startPrinter(t)
	m := r.newRequest(goipp.OpPrintJob,
		ipp.Name("job-name", "Quarter\x1b[2J\u202e report"),
		ipp.MIME("document-format", "application/pdf"))
	m.Job = goipp.Attributes{ipp.Integer("copies", 2), ipp.Keyword("sides", "two-sided-long-edge"), ipp.Keyword("print-color-mode", "monochrome")}
	a := r.mustDo(goipp.StatusOk, m, threePages()...)
	id, _ := ipp.Int(a.Job, "job-id")
	if uri := ipp.String(a.Job, "job-uri"); uri != r.client.URI+"/1" || id != 1 {
		t.Errorf("job %d at %q", id, uri)
	}
	r.wantState(id, ipp.JobCompleted, "job-completed-successfully")

	p := r.intake.onlyParked(t)
	if !bytes.Equal(p.Bytes(), threePages()) {
		t.Errorf("parked %q", p.Bytes())
	}
	k := p.ticket
	if k.Title != "Quarter[2J report" || k.User != "alice" || p.docs[0].Format != "application/pdf" || k.Copies != 2 ||
		k.Sides != "two-sided-long-edge" || k.Color != "monochrome" || p.docs[0].Compression != "none" || k.JobID != id ||
		!strings.HasPrefix(k.JobUUID, "urn:uuid:") || k.Created.IsZero() {
		t.Errorf("ticket %+v", k)
	}
	kept, err := ipp.ReadMessage(bufio.NewReader(bytes.NewReader(k.Attributes)), ipp.DefaultLimits)
	if err != nil || !kept.Job.Equal(m.Job) {
		t.Errorf("attributes kept: %v, %v", kept, err)
	}
	if len(k.LeftOut) > 0 {
		t.Errorf("left out: %v", k.LeftOut)
	}
	if p.info.Pages == nil || *p.info.Pages != 3 || p.info.Certainty != docinfo.Estimated || p.info.Format != docinfo.FormatPDF {
		t.Errorf("told of the document: %+v", p.info)
	}
	if p.ctx.Err() == nil {
		t.Error("the document's context has not ended")
	}
}

// TestNamesOfOddClients: a blank name counts as none, and text that is not
// UTF-8 is read as what such clients write.
func TestNamesOfOddClients(t *testing.T) {
	for name, want := range map[string]string{
		"   ": "Untitled", "\t": "Untitled", " Report ": "Report", "B\xfcro \x80": "Büro €", "Büro": "Büro",
	} {
		r := startPrinter(t)
		r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpPrintJob, ipp.Name("job-name", name)), threePages()...)
		if got := r.intake.onlyParked(t).ticket.Title; got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

// TestLeftOutIsKept: what is not offered is named in the response, and in what
// is kept of the job.
func TestLeftOutIsKept(t *testing.T) {
	r := startPrinter(t)
	m := r.newRequest(goipp.OpPrintJob)
	m.Job = goipp.Attributes{ipp.Integer("copies", 2), ipp.Keyword("sides", "three-sided"), ipp.Keyword("acme-gloss", "high")}
	a := r.mustDo(goipp.StatusOkIgnoredOrSubstituted, m, threePages()...)
	if got := r.intake.onlyParked(t).ticket.LeftOut; len(a.Unsupported) != 2 || !slices.Equal(got, []string{"sides", "acme-gloss"}) {
		t.Errorf("left out %q, told %v", got, a.Unsupported)
	}
}

func TestWhatIsNotSaid(t *testing.T) {
	r := startPrinter(t)
	m := ipp.NewRequest(ipp.Version11, goipp.OpPrintJob, r.client.URI)
	r.mustDo(goipp.StatusOk, m, []byte("\xff\xd8\xff\xe0 picture")...)
	k := r.intake.onlyParked(t).ticket
	if k.User != "anonymous" || k.Title != "Untitled" || r.intake.onlyParked(t).docs[0].Format != "application/octet-stream" || k.Copies != 1 || k.Sides != "" || k.Color != "" {
		t.Errorf("ticket %+v", k)
	}
	if f := r.intake.onlyParked(t).info.Format; f != docinfo.FormatJPEG {
		t.Errorf("format by content %q", f)
	}
}

func TestLongNamesAreCut(t *testing.T) {
	r := startPrinter(t)
	m := r.newRequest(goipp.OpPrintJob, ipp.Name("job-name", strings.Repeat("ö", 300)))
	r.mustDo(goipp.StatusOk, m, threePages()...)
	if got := r.intake.onlyParked(t).ticket.Title; got != strings.Repeat("ö", 127) {
		t.Errorf("%d bytes: %q", len(got), got)
	}
}

func TestCreateJobAndSendDocument(t *testing.T) {
	for _, closes := range []goipp.Op{0, goipp.OpCloseJob, goipp.OpSendDocument} {
		r := startPrinter(t)
		id := r.createJob(ipp.Name("job-name", "a"))
		r.wantState(id, ipp.JobPending, "job-incoming")
		send := r.newRequest(goipp.OpSendDocument, ipp.Integer("job-id", id), lastDocument(closes == 0), ipp.MIME("document-format", "application/pdf"))
		r.mustDo(goipp.StatusOk, send, threePages()...)
		if closes != 0 {
			r.wantState(id, ipp.JobPending, "job-incoming")
			r.mustDo(goipp.StatusOk, r.newRequest(closes, ipp.Integer("job-id", id), lastDocument(true)))
		}
		r.wantState(id, ipp.JobCompleted, "job-completed-successfully")
		if got := r.intake.onlyParked(t); !bytes.Equal(got.Bytes(), threePages()) || got.ticket.Title != "a" {
			t.Errorf("parked %q as %q", got.Bytes(), got.ticket.Title)
		}

		r.mustDo(goipp.StatusErrorNotPossible, r.newRequest(goipp.OpSendDocument, ipp.Integer("job-id", id), lastDocument(true)), threePages()...)
		r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpSendDocument, ipp.Integer("job-id", id), lastDocument(true)))
		r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpCloseJob, ipp.Integer("job-id", id)))
		r.mustDo(goipp.StatusErrorNotPossible, r.newRequest(goipp.OpCancelJob, ipp.Integer("job-id", id)))
		r.wantState(id, ipp.JobCompleted, "job-completed-successfully")
		r.intake.onlyParked(t)
	}
}

func TestSendDocumentRefused(t *testing.T) {
	r := startPrinter(t)
	id := r.createJob()
	of := func(attrs ...goipp.Attribute) *goipp.Message {
		return r.newRequest(goipp.OpSendDocument, append(attrs, ipp.Integer("job-id", id))...)
	}
	r.mustDo(goipp.StatusErrorBadRequest, of(), threePages()...)
	r.mustDo(goipp.StatusErrorBadRequest, of(lastDocument(false)))
	r.mustDo(goipp.StatusErrorDocumentFormatNotSupported, of(lastDocument(true), ipp.MIME("document-format", "image/png")), threePages()...)
	r.mustDo(goipp.StatusErrorCompressionNotSupported, of(lastDocument(true), ipp.Keyword("compression", "compress")), threePages()...)
	r.wantState(id, ipp.JobPending, "job-incoming")
	r.mustDo(goipp.StatusOk, of(lastDocument(true)), threePages()...)
	r.intake.onlyParked(t)
}

func TestJobWithoutDocumentIsAborted(t *testing.T) {
	r := startPrinter(t)
	for _, m := range []*goipp.Message{
		r.newRequest(goipp.OpSendDocument, lastDocument(true)),
		r.newRequest(goipp.OpCloseJob),
	} {
		id := r.createJob()
		m.Operation.Add(ipp.Integer("job-id", id))
		r.mustDo(goipp.StatusOk, m)
		r.wantState(id, ipp.JobAborted, "aborted-by-system submission-interrupted")
		r.mustDo(goipp.StatusErrorNotPossible, r.newRequest(goipp.OpSendDocument, ipp.Integer("job-id", id), lastDocument(true)), threePages()...)
	}
}

func TestCancel(t *testing.T) {
	r := startPrinter(t)
	id := r.createJob()
	stranger := ipp.NewRequest(ipp.Version20, goipp.OpCancelJob, r.client.URI)
	stranger.Operation.Add(ipp.Name("requesting-user-name", "Alice"))
	stranger.Operation.Add(ipp.Integer("job-id", id))
	for _, op := range []goipp.Op{goipp.OpCancelJob, goipp.OpCloseJob, goipp.OpSendDocument} {
		stranger.Code = goipp.Code(op)
		r.mustDo(goipp.StatusErrorNotAuthorized, stranger)
	}
	r.wantState(id, ipp.JobPending, "job-incoming")

	m := ipp.NewRequest(ipp.Version20, goipp.OpCancelJob, r.client.URI)
	m.Operation = append(m.Operation[:2], ipp.URI("job-uri", r.client.URI+"/1"), ipp.Name("requesting-user-name", "alice"))
	r.mustDo(goipp.StatusOk, m)
	r.wantState(id, ipp.JobCanceled, "job-canceled-by-user")
	r.mustDo(goipp.StatusErrorNotPossible, m)
	r.mustDo(goipp.StatusErrorJobCanceled, r.newRequest(goipp.OpSendDocument, ipp.Integer("job-id", id), lastDocument(true)), threePages()...)
	r.mustDo(goipp.StatusErrorNotFound, r.newRequest(goipp.OpCancelJob, ipp.Integer("job-id", 99)))
	if begun, _, _ := r.intake.counts(); begun != 0 {
		t.Errorf("%d documents were begun", begun)
	}
}

func TestCancelMyJobs(t *testing.T) {
	r := startPrinter(t)
	one, two := r.createJob(), r.createJob()
	other := ipp.NewRequest(ipp.Version20, goipp.OpCreateJob, r.client.URI)
	other.Operation.Add(ipp.Name("requesting-user-name", "bob"))
	r.mustDo(goipp.StatusOk, other)

	r.mustDo(goipp.StatusErrorNotPossible, r.newRequest(goipp.OpCancelMyJobs, ipp.Integer("job-ids", one, 3)))
	r.wantState(one, ipp.JobPending, "job-incoming")
	r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpCancelMyJobs, ipp.Integer("job-ids", one)))
	r.wantState(one, ipp.JobCanceled, "job-canceled-by-user")
	r.wantState(two, ipp.JobPending, "job-incoming")
	r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpCancelMyJobs))
	r.wantState(two, ipp.JobCanceled, "job-canceled-by-user")
	r.wantState(3, ipp.JobPending, "job-incoming")
}

func TestValidateJob(t *testing.T) {
	r := startPrinter(t)
	r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpValidateJob, ipp.MIME("document-format", "image/pwg-raster")))
	r.mustDo(goipp.StatusErrorDocumentFormatNotSupported, r.newRequest(goipp.OpValidateJob, ipp.MIME("document-format", "application/postscript")))
	if begun, _, _ := r.intake.counts(); begun != 0 {
		t.Errorf("%d documents were begun", begun)
	}
	if a := r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpGetJobs, ipp.Keyword("which-jobs", "all"))); len(a.Job) != 0 {
		t.Errorf("it made a job: %v", a.Job)
	}
}

func TestUnsupportedAttributes(t *testing.T) {
	r := startPrinter(t)
	attrs := goipp.Attributes{
		ipp.Integer("copies", 3),
		ipp.Enum("finishings", 4),
		ipp.Keyword("sides", "three-sided"),
		ipp.Integer("job-pages-per-set", 2),
		goipp.MakeAttr("print-quality", goipp.TagInteger, goipp.Integer(4)),
	}
	m := r.newRequest(goipp.OpPrintJob)
	m.Job = attrs
	a := r.mustDo(goipp.StatusOkIgnoredOrSubstituted, m, threePages()...)
	var names []string
	for _, u := range a.Unsupported {
		names = append(names, u.Name)
	}
	if !slices.Equal(names, []string{"finishings", "sides", "job-pages-per-set", "print-quality"}) {
		t.Errorf("named as unsupported: %v", names)
	}
	if u, _ := ipp.Find(a.Unsupported, "job-pages-per-set"); u.Values[0].T != goipp.TagUnsupportedValue {
		t.Errorf("job-pages-per-set is told as %v", u)
	}
	if a.Groups[1].Tag != goipp.TagUnsupportedGroup {
		t.Error("the unsupported group is not the second")
	}
	if k := r.intake.onlyParked(t).ticket; k.Copies != 3 || k.Sides != "" {
		t.Errorf("ticket %+v", k)
	}

	strict := r.newRequest(goipp.OpPrintJob, ipp.Boolean("ipp-attribute-fidelity", true))
	strict.Job = attrs
	r.mustDo(goipp.StatusErrorAttributesOrValues, strict, threePages()...)
	strict.Job = attrs[:1]
	r.mustDo(goipp.StatusOk, strict, threePages()...)

	mandatory := r.newRequest(goipp.OpValidateJob, ipp.Keyword("job-mandatory-attributes", "sides"))
	mandatory.Job = attrs
	r.mustDo(goipp.StatusErrorAttributesOrValues, mandatory)
}

func TestJobTemplateValues(t *testing.T) {
	p, _ := newPrinter(t)
	over := func(a ...goipp.Attribute) goipp.Attribute { return ipp.Collections("overrides", a) }
	inch := goipp.Resolution{Xres: 300, Yres: 600, Units: goipp.UnitsDpi}
	col := func(a ...goipp.Attribute) goipp.Attribute { return ipp.Collections("media-col", a) }
	dims := func(x, y int) goipp.Attribute { return ipp.Collections("media-size", ipp.MediaSize(x, y)) }
	for _, c := range []struct {
		attr goipp.Attribute
		ok   bool
	}{
		{ipp.Integer("copies", 999), true},
		{ipp.Integer("copies", 0), false},
		{ipp.Integer("copies", 1000), false},
		{ipp.Integer("copies", 1, 2), false},
		{ipp.Keyword("media", "iso_a4_210x297mm"), true},
		{ipp.Keyword("media", "custom_poster_300x1000mm"), true},
		{ipp.Keyword("media", "custom_poster_300x9000mm"), false},
		{ipp.Keyword("media", "custom_x_infxnanmm"), false},
		{ipp.Keyword("media", "custom_x_0x1p9x3mm"), false},
		{ipp.Keyword("media", "iso_a0_841x1189mm"), false},
		{ipp.Keyword("media", ""), false},
		{col(dims(20999, 29699), ipp.Integer("media-top-margin", 0)), true},
		{col(dims(20999, 29699), ipp.Keyword("media-source", "auto"), ipp.Keyword("media-type", "stationery")), true},
		{col(dims(1, 1)), false},
		{col(ipp.Keyword("media-color", "pink")), false},
		{col(ipp.Integer("media-size", 1)), false},
		{ipp.Collections("media-col", goipp.Collection{}), false},
		{ipp.Resolution("printer-resolution", 600), true},
		{ipp.Resolution("printer-resolution", 1200), false},
		{goipp.MakeAttr("printer-resolution", goipp.TagResolution, inch), false},
		{ipp.Range("page-ranges", 1, 3), true},
		{ipp.Range("page-ranges", 3, 1), false},
		{ipp.Range("page-ranges", 0, 1), false},
		{ipp.Enum("finishings", slices.Repeat([]int{3}, 65)...), false},
		{ipp.Enum("orientation-requested", 6), true},
		{ipp.Enum("print-quality", 6), false},
		{ipp.Keyword("output-bin", "face-down"), true},
		{ipp.Keyword("print-scaling", "fit"), true},
		{ipp.Integer("number-up", 4), true},
		{ipp.Integer("number-up", 3), false},
		{over(ipp.Range("pages", 2, 3), ipp.Keyword("sides", "one-sided")), true},
		{over(ipp.Range("document-number", 1, 1), ipp.Range("pages", 1, 1), dims(20999, 29699)), false},
		{over(ipp.Range("document-numbers", 1, 1), ipp.Range("pages", 1, 1), col(dims(20999, 29699))), true},
		{over(ipp.Keyword("sides", "one-sided")), false},
		{over(ipp.Integer("pages", 1), ipp.Keyword("sides", "one-sided")), false},
		{over(ipp.Range("pages", 1, 1), ipp.Integer("copies", 2)), false},
		{over(ipp.Range("pages", 1, 1), ipp.Keyword("sides", "none", "none")), false},
	} {
		if _, ok := p.isSupported(c.attr); ok != c.ok {
			t.Errorf("%s %s: supported %v, want %v", c.attr.Name, c.attr.Values, ok, c.ok)
		}
	}
}
