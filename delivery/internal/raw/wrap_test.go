package raw

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
)

// onTheWire returns what a document is sent as, up to the farewell.
func onTheWire(t *testing.T, job Job, doc string) string {
	t.Helper()
	job.Size, job.Document = int64(len(doc)), strings.NewReader(doc)
	conn, wait := startPeer(t, func(p *peer) { p.trailer(); p.say(sayEndEcho); p.all() })
	if r := Send(t.Context(), conn, job, patient, Hooks{}); r.Err != nil {
		t.Fatalf("%q: %v", doc, r.Err)
	}
	got, ok := strings.CutSuffix(string(wait().got), farewell)
	if !ok {
		t.Errorf("%q: no farewell", doc)
	}
	return got
}

func TestADocumentsOwnHeaderIsMerged(t *testing.T) {
	ours := func(more string) string {
		return "@PJL\r\n@PJL USTATUSOFF\r\n@PJL ECHO " + token + "\r\n@PJL USTATUS JOB=ON\r\n@PJL USTATUS DEVICE=ON\r\n@PJL JOB NAME=\"" + token + "\"\r\n" + more
	}
	const names = "@PJL SET JOBNAME=\"Quarterly figures\"\r\n@PJL SET USERNAME=\"erika\"\r\n"
	for name, c := range map[string]struct {
		doc    string
		copies int
		before string // of the document's bytes, what stands before ours
		ours   string
	}{
		"none":           {"%PDF-1.7", 2, "", uel + ours(names+"@PJL SET QTY=2\r\n@PJL SET DUPLEX=OFF\r\n@PJL ENTER LANGUAGE=PDF\r\n")},
		"uel and no pjl": {uel + "\x1bEhello", 1, uel, ours(names + "@PJL SET DUPLEX=OFF\r\n@PJL ENTER LANGUAGE=PDF\r\n")},
		"header":         {uel + "@PJL\r\n@PJL COMMENT x\r\n@PJL ENTER LANGUAGE=PCLXL\r\n) HP-PCL XL" + uel, 2, uel, ours(names + "@PJL SET QTY=2\r\n@PJL SET DUPLEX=OFF\r\n")},
		"no uel":         {"@PJL ENTER LANGUAGE = POSTSCRIPT\n%!PS", 1, "", uel + ours(names+"@PJL SET DUPLEX=OFF\r\n")},
		"in small":       {uel + "@pjl set qty = 4\n@pjl set duplex=on\n@pjl enter language=pcl\n\x1bE", 4, uel, ours(names)},
		"two in a line":  {uel + "@PJL SET DUPLEX=ON BINDING=LONGEDGE QTY=2\r\n@PJL ENTER LANGUAGE=PCL\r\n\x1bE", 2, uel, ours(names)},
		"own job":        {uel + "@PJL JOB NAME=\"driver\"\r\n@PJL SET COPIES=2\r\n@PJL ENTER LANGUAGE=PCL\r\n\x1bE" + uel + "@PJL EOJ\r\n" + uel, 2, uel, ours("")},
		"long":           {uel + strings.Repeat("@PJL COMMENT xx\r\n", 400) + "@PJL ENTER LANGUAGE=PCL\r\n", 1, uel, ours("")},
		"exits between":  {uel + uel + "\r\n " + uel + "@PJL JOB\n@PJL SET QTY=2\n@PJL ENTER LANGUAGE=PCL\n", 2, uel, ours("")},
		"pjl alone":      {uel + "@PJL RDYMSG", 1, uel, ours(names + "@PJL SET DUPLEX=OFF\r\n")},
	} {
		job := Job{Token: token, Title: "Quarterly figures", User: "erika", Language: "PDF", PJL: true, Copies: c.copies, Sides: "one-sided"}
		got := onTheWire(t, job, c.doc)
		if want := c.before + c.ours + c.doc[len(c.before):] + job.pjlTrailer(); got != want {
			t.Errorf("%s:\n got %q\nwant %q", name, got, want)
		}
	}
}

// TestCopiesInADocumentsHeader: what it asks for, and whether so many copies
// may be asked for around it.
func TestCopiesInADocumentsHeader(t *testing.T) {
	for _, c := range []struct {
		header string // after uel, before ENTER LANGUAGE
		own    int    // 0 where it does not say
		ok     []int  // copies that may be asked for
		set    bool   // by us, if 3
	}{
		{"", 0, []int{1, 2, 3, 6}, true},
		{"@PJL SET QTY=1\n", 1, []int{1}, false},
		{"@PJL SET QTY=3\r\n", 3, []int{1, 3}, false},
		{"@PJL SET COPIES = 3\r\n", 3, []int{1, 3}, false},
		{"@PJL\n@PJL COMMENT a driver\n@PJL SET DUPLEX=ON\n@PJL SET QTY=1\n", 1, []int{1}, false},
		{"@PJL SET DUPLEX=OFF qty =\t3 PAPER=A4\r\n", 3, []int{1, 3}, false},
		{"@PJL SET QTY=\"3\"\n", 3, []int{1, 3}, false},
		{"@PJL SET COPIES=1\n@PJL SET QTY=3\n", 3, []int{1, 3}, false},
		{"@PJL SET COPIES=2 QTY=3\n", 6, []int{1, 6}, false},
		{"@PJL SET QTY=2\n@PJL SET QTY=3\n", 3, []int{1, 3}, false},
		{"@PJL SET LPARM : PCL COPIES=3\n", 3, []int{1, 3}, false},
		{"@PJL SET QTY=many\n", copiesNotKnown, []int{1}, false},
		{"@PJL SET QTY=0\n", copiesNotKnown, []int{1}, false},
		{"@PJL SET QTY=99999999999999999999\n", copiesNotKnown, []int{1}, false},
		{"@PJL SET JOBNAME=\"Budget, QTY=1\"\n", 0, []int{1, 2, 3, 6}, true},
		{"@PJL COMMENT QTY=1\n", 0, []int{1, 2, 3, 6}, true},
		{"@PJL DEFAULT QTY=3\n", 0, []int{1, 3}, true},
		{"@PJL DEFAULT COPIES=2\n", 0, []int{1, 2}, false},
		{"@PJL SET QTY=2\n@PJL RESET\n", 0, []int{1, 2, 3, 6}, true},
		{"@PJL JOB\n@PJL SET QTY=3\n", 3, []int{1, 3}, false},
		{"@PJL SET QTY=3\n@PJL JOB\n", 0, []int{1}, false},
		{"@PJL JOB\n", 0, []int{1}, false},
	} {
		own := readOwn([]byte(uel+c.header+"@PJL ENTER LANGUAGE=PDF\r\n%PDF-"), false)
		if n := copiesIn(own.set); n != c.own {
			t.Errorf("%q asks for %d", c.header, n)
		}
		for _, n := range []int{1, 2, 3, 6} {
			job := Job{Token: token, PJL: true, Copies: n, Size: 1}
			err := job.checkAgainst(own)
			if (err == nil) != slices.Contains(c.ok, n) || err != nil && !errors.Is(err, ErrCopies) {
				t.Errorf("%q and %d copies: %v", c.header, n, err)
			}
			if set := strings.Contains(job.pjlHeader(own), "SET QTY="); n == 3 && err == nil && set != c.set {
				t.Errorf("%q and %d copies: set %v", c.header, n, set)
			}
		}
	}
}

func TestSettings(t *testing.T) {
	for _, c := range []struct {
		job  Job
		want string
	}{
		{Job{}, ""},
		{Job{Copies: 1}, ""},
		{Job{Sides: "two-sided-long-edge"}, "DUPLEX=ON BINDING=LONGEDGE"},
		{Job{Sides: "upside-down"}, ""},
		{Job{Media: "na_letter_8.5x11in"}, "PAPER=LETTER"},
		{Job{Media: "custom_10x10mm_10x10mm"}, ""},
		{Job{Color: "color", Resolution: -1}, ""},
		{Job{Title: " \t"}, `JOBNAME="_"`},
		{Job{Title: "  "}, ""},
	} {
		var got []string
		c.job.pjlSettings(func(name, value string) { got = append(got, name+"="+value) })
		if strings.Join(got, " ") != c.want {
			t.Errorf("%+v: %q", c.job, got)
		}
	}
}

// FuzzNames wants no title and no user name to change anything but the value
// it stands in.
func FuzzNames(f *testing.F) {
	for _, s := range []string{"a", "\r\n@PJL FSDELETE NAME=\"0:\\x\"", "\x1b%-12345X@PJL RESET", "\"\n", "\f\x04\x11\x13", "日本", strings.Repeat("\"", 500), "\xff\x80", "%s%d"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, title, user string) {
		job := Job{Token: token, Title: title, User: user, PJL: true, Language: "PCL"}
		lines := strings.SplitAfter(job.pjlHeader(ownHeader{}), "\r\n")
		plainJob := Job{Token: token, PJL: true, Language: "PCL"}
		var others []string
		for _, line := range lines {
			value, isTitle := strings.CutPrefix(line, "@PJL SET JOBNAME=\"")
			if !isTitle {
				if value, isTitle = strings.CutPrefix(line, "@PJL SET USERNAME=\""); !isTitle {
					others = append(others, line)
					continue
				}
			}
			value, ok := strings.CutSuffix(value, "\"\r\n")
			if !ok || len(value) > maxText || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' || r == '"' }) {
				t.Errorf("%q", line)
			}
		}
		if got := strings.Join(others, ""); got != plainJob.pjlHeader(ownHeader{}) {
			t.Errorf("the header became %q", got)
		}
	})
}

// FuzzOwnHeader wants every document to go out byte for byte, ours in one piece.
func FuzzOwnHeader(f *testing.F) {
	for _, s := range []string{"%PDF-", uel, uel + "@PJL\r\n@PJL JOB\r\n@PJL SET QTY=2\r\n@PJL ENTER LANGUAGE=PCL\r\n", "@PJL", "@PJL SET = = =\n", "@PJL SET QTY=\"2\n", "@PJL DEFAULT COPIES=2\n@PJL SET LPARM:PCL COPIES = 1\n", uel + "@PJ", strings.Repeat("@PJL SET A=B\n", 400)} {
		f.Add([]byte(s), true)
	}
	f.Fuzz(func(t *testing.T, doc []byte, more bool) {
		head := doc[:min(len(doc), lookSize)]
		own := readOwn(head, more)
		if own.uel != bytes.HasPrefix(doc, []byte(uel)) || own.entered && !own.pjl || own.job && !own.pjl {
			t.Errorf("%+v", own)
		}
		job := Job{Token: token, PJL: true, Copies: 2, Sides: "one-sided", Language: "PCL", Size: 1}
		h := job.pjlHeader(own)
		if set := strings.Contains(h, "@PJL SET QTY=2"); job.checkAgainst(own) == nil && set == (copiesIn(own.set) == 2) {
			t.Errorf("%+v: copies are asked for twice, or not at all: %q", own, h)
		}
		if strings.HasPrefix(h, uel) == own.uel || strings.Contains(h, "ENTER") == own.pjl {
			t.Errorf("%+v: %q", own, h)
		}
		for name := range own.set {
			if strings.Contains(h, "SET "+name+"=") {
				t.Errorf("%s is set twice", name)
			}
		}
	})
}
