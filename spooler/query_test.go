package spooler

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

func TestGetJobs(t *testing.T) {
	r := startPrinter(t)
	r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpPrintJob), threePages()...) // 1
	r.createJob()                                                             // 2
	r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpPrintJob), threePages()...) // 3
	bob := ipp.NewRequest(ipp.Version20, goipp.OpCreateJob, r.client.URI)
	bob.Operation.Add(ipp.Name("requesting-user-name", "bob"))
	r.mustDo(goipp.StatusOk, bob) // 4
	r.createJob()                 // 5
	r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpCancelJob, ipp.Integer("job-id", 5)))

	for name, c := range map[string]struct {
		attrs []goipp.Attribute
		want  []int
	}{
		"usual":            {nil, []int{2, 4}},
		"not-completed":    {[]goipp.Attribute{ipp.Keyword("which-jobs", "not-completed")}, []int{2, 4}},
		"mine":             {[]goipp.Attribute{ipp.Boolean("my-jobs", true)}, []int{2}},
		"completed":        {[]goipp.Attribute{ipp.Keyword("which-jobs", "completed")}, []int{5, 3, 1}},
		"completed, two":   {[]goipp.Attribute{ipp.Keyword("which-jobs", "completed"), ipp.Integer("limit", 2)}, []int{5, 3}},
		"canceled":         {[]goipp.Attribute{ipp.Keyword("which-jobs", "canceled")}, []int{5}},
		"aborted":          {[]goipp.Attribute{ipp.Keyword("which-jobs", "aborted")}, nil},
		"all from three":   {[]goipp.Attribute{ipp.Keyword("which-jobs", "all"), ipp.Integer("first-job-id", 3)}, []int{3, 4, 5}},
		"all":              {[]goipp.Attribute{ipp.Keyword("which-jobs", "all")}, []int{5, 4, 3, 2, 1}},
		"by their numbers": {[]goipp.Attribute{ipp.Integer("job-ids", 1, 4, 77)}, []int{1, 4}},
	} {
		a := r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpGetJobs, c.attrs...))
		var got []int
		for _, g := range a.Groups[1:] {
			id, _ := ipp.Int(g.Attrs, "job-id")
			got = append(got, id)
			if len(g.Attrs) != 2 {
				t.Errorf("%s: more than job-id and job-uri: %v", name, g.Attrs)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	r.mustDo(goipp.StatusErrorAttributesOrValues, r.newRequest(goipp.OpGetJobs, ipp.Keyword("which-jobs", "lost")))
}

func TestGetJobAttributes(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.FixedZone("far", 13*3600))
	r := startPrinter(t, func(c *Config) { c.Now = func() time.Time { return now } })
	m := r.newRequest(goipp.OpPrintJob, ipp.Name("job-name", "n"), ipp.MIME("document-format", "application/pdf"))
	m.Job.Add(ipp.Integer("copies", 2))
	r.mustDo(goipp.StatusOk, m, threePages()...)
	a := r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpGetJobAttributes, ipp.Integer("job-id", 1)))
	for name, want := range map[string]string{
		"job-uuid":                  r.intake.onlyParked(t).ticket.JobUUID,
		"job-printer-uri":           r.client.URI,
		"job-name":                  "n",
		"job-originating-user-name": "alice",
		"job-state":                 "9",
		"number-of-documents":       "1",
		"job-k-octets":              "1",
		"job-impressions":           "3",
		"job-impressions-completed": "3",
		"time-at-creation":          "1",
		"time-at-processing":        "1",
		"time-at-completed":         "1",
		"job-printer-up-time":       "1",
		"date-time-at-completed":    "2026-02-28T23:00:00Z",
		"document-format-supplied":  "application/pdf",
		"compression-supplied":      "none",
		"copies":                    "2",
	} {
		got, ok := ipp.Find(a.Job, name)
		if !ok || got.Values.String() != want {
			t.Errorf("%s is %s, want %s", name, got.Values, want)
		}
	}
	if _, ok := ipp.Find(a.Job, "job-more-info"); ok {
		t.Error("job-more-info is told")
	}

	one := r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpGetJobAttributes, ipp.Integer("job-id", 1), ipp.Keyword("requested-attributes", "job-template", "job-name")))
	if len(one.Job) != 2 {
		t.Errorf("asked for two, told %v", one.Job)
	}
	id := r.createJob()
	b := r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpGetJobAttributes, ipp.Integer("job-id", id)))
	if v, _ := ipp.Find(b.Job, "time-at-processing"); v.Values[0].T != goipp.TagNoValue {
		t.Errorf("time-at-processing of a job without document: %v", v)
	}
}

// TestListingsAreBounded gets the rest by first-job-id.
func TestListingsAreBounded(t *testing.T) {
	r := startPrinter(t, withHolder, func(c *Config) {
		for id := 1; id <= maxListed+20; id++ {
			c.Past = append(c.Past, Past{JobID: id, JobUUID: fmt.Sprint("urn:uuid:", id), User: "alice", Held: true})
		}
	})
	for first, want := range map[int]int{1: maxListed, maxListed + 1: 20} {
		a := r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpGetJobs, ipp.Integer("first-job-id", first)))
		if n := len(a.Groups) - 1; n != want {
			t.Errorf("from %d on: %d jobs, want %d", first, n, want)
		}
	}
}

func TestJobsOfBeforeARestart(t *testing.T) {
	pages := 7
	made := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	r := startPrinter(t, func(c *Config) {
		c.Limits.EndedJobs = 2
		for i := range 3 {
			c.Past = append(c.Past, Past{JobID: 10 - i, JobUUID: "urn:uuid:x", Title: "old", User: "alice", Documents: []PastDocument{{Bytes: 5000, Pages: &pages}}, Created: made, Parked: made.Add(time.Duration(i) * time.Minute)})
		}
	})
	r.mustDo(goipp.StatusErrorNotFound, r.newRequest(goipp.OpGetJobAttributes, ipp.Integer("job-id", 10)))
	a := r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpGetJobAttributes, ipp.Integer("job-id", 8)))
	for name, want := range map[string]string{"job-state": "9", "job-impressions": "7", "job-k-octets": "5", "time-at-creation": "0", "job-name": "old"} {
		if got, _ := ipp.Find(a.Job, name); got.Values.String() != want {
			t.Errorf("%s is %s, want %s", name, got.Values, want)
		}
	}
}

func TestGetPrinterAttributes(t *testing.T) {
	r := startPrinter(t)
	get := func(names ...string) goipp.Attributes {
		m := r.newRequest(goipp.OpGetPrinterAttributes)
		if len(names) > 0 {
			m.Operation.Add(ipp.Keyword("requested-attributes", names...))
		}
		return r.mustDo(goipp.StatusOk, m).Printer
	}
	has := func(attrs goipp.Attributes, name string) bool { _, ok := ipp.Find(attrs, name); return ok }
	usual := get()
	if !usual[0].Equal(ipp.URI("printer-uri-supported", r.client.URI)) || has(usual, "media-col-database") {
		t.Errorf("unasked: %v", usual[0])
	}
	if all := get("all"); len(all) != len(usual) {
		t.Errorf("%d attributes unasked, %d of all", len(usual), len(all))
	}
	if a := get("all", "media-col-database"); len(a) != len(usual)+1 {
		t.Errorf("all and the database are %d, not one more than %d", len(a), len(usual))
	}
	if a := get("none"); len(a) != 0 {
		t.Errorf("none: %v", a)
	}
	if a := get("printer-name", "nonsense", "copies-supported"); len(a) != 2 {
		t.Errorf("two of three: %v", a)
	}
	description, template := get("printer-description"), get("job-template")
	if len(description)+len(template) != len(usual) || !has(description, "printer-name") || !has(template, "sides-supported") || has(template, "printer-name") {
		t.Errorf("%d description, %d job template, %d all", len(description), len(template), len(usual))
	}
	for _, name := range []string{"uri-security-supported", "uri-authentication-supported"} {
		if a, _ := ipp.Find(usual, name); len(a.Values) != 1 {
			t.Errorf("%s does not go along with printer-uri-supported: %v", name, a)
		}
	}
	if ops, _ := ipp.Find(usual, "operations-supported"); len(ops.Values) != len(r.p.operations) {
		t.Errorf("operations-supported: %v", ops)
	}
	if ipp.HasInt(usual, "operations-supported", int(goipp.OpPrintURI)) || ipp.HasInt(usual, "operations-supported", int(goipp.OpSendURI)) {
		t.Error("offers to fetch documents")
	}
}

func TestURIsAreThoseTheClientUses(t *testing.T) {
	r := startPrinter(t)
	for _, name := range []string{"localhost", "127.0.0.1", "LocalHost"} {
		r.client.URI = "ipp://" + name + strings.TrimPrefix(r.addr, "127.0.0.1") + "/ipp/print"
		a := r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpGetPrinterAttributes))
		if got := ipp.String(a.Printer, "printer-uri-supported"); got != r.client.URI {
			t.Errorf("asked at %s, told %s", r.client.URI, got)
		}
		b := r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpCreateJob))
		if got := ipp.String(b.Job, "job-uri"); !strings.HasPrefix(got, r.client.URI+"/") {
			t.Errorf("asked at %s, told %s", r.client.URI, got)
		}
	}
}

func TestConditionIsTold(t *testing.T) {
	r := startPrinter(t)
	state := func() (int, string, string) {
		a := r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpGetPrinterAttributes)).Printer
		s, _ := ipp.Int(a, "printer-state")
		return s, strings.Join(ipp.Strings(a, "printer-state-reasons"), " "), ipp.String(a, "printer-state-message")
	}
	if s, why, msg := state(); s != ipp.PrinterIdle || why != "none" || msg != "" {
		t.Errorf("at ease: %d, %q, %q", s, why, msg)
	}
	r.intake.setFaults(func(s *memoryIntake) {
		s.condition = Condition{Reasons: []string{"paused", "No Good", ""}, Message: "This scout belongs to no site."}
	})
	if s, why, msg := state(); s != ipp.PrinterStopped || why != "paused" || msg != "This scout belongs to no site." {
		t.Errorf("not accepting: %d, %q, %q", s, why, msg)
	}
	for _, op := range []goipp.Op{goipp.OpPrintJob, goipp.OpCreateJob, goipp.OpValidateJob} {
		a := r.mustDo(goipp.StatusErrorNotAcceptingJobs, r.newRequest(op))
		if msg := ipp.String(a.Operation, "status-message"); msg != "This scout belongs to no site." {
			t.Errorf("%s: %q", op, msg)
		}
	}
}
