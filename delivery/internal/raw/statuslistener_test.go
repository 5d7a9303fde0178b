package raw

import (
	"strings"
	"testing"
)

// whatIsKnown hears b in pieces of n bytes.
func whatIsKnown(b []byte, n int, out bool) (reportedState, []string) {
	var told []string
	e := newStatusListener(token, func(s string) { told = append(told, s) }, func() {})
	if out {
		e.documentOut()
	}
	p := pjlParser{onReply: e.handleReply}
	for len(b) > 0 {
		k := min(n, len(b))
		p.parsePiece(b[:k])
		b = b[k:]
	}
	p.endReply()
	e.addEvidence("last")
	return e.reportedState, append(told, e.evidence...)
}

// FuzzBackChannel hears anything, in pieces of any size: it is always the same,
// nothing of it is unfit for people, and only what names our token counts.
func FuzzBackChannel(f *testing.F) {
	for _, s := range []string{
		sayEcho + sayStart + sayEndEcho + strings.Replace(sayEnd, "%s", "OK", 1), foreignEnd, namelessEnd,
		"@PJL USTATUS JOB\r\nSTART\r\nNAME=\"" + token + "\"\r\nID=7\r\n\f@PJL USTATUS JOB\r\nEND\r\nNAME=\"" + token + "\"\r\nRESULT=OK\r\nPAGES=0\r\nID=8\r\n\f",
		"@PJL USTATUS DEVICE\r\nCODE=30016\r\nDISPLAY=\"20 MEM OVERFLOW\"\r\nONLINE=FALSE\r\n\f" + foreignEnd,
		"@PJL USTATUS DEVICE\r\nCODE=40021\r\nDISPLAY=\"12 PRINTER OPEN\"\r\nONLINE=FALSE\r\n\f",
		"@PJL INFO STATUS\r\nCODE=41213\r\n", "@PJL", "@PJL \r\n=\r\n\f", "@PJL USTATUS JOB\nEND\nNAME=\nPAGES=-1\nRESULT=\n\f",
		strings.Repeat("x", 3*maxLine) + "\n" + sayEndEcho, "\x00\f\r\n\x1b%-12345X",
	} {
		f.Add([]byte(s), 1, true)
		f.Add([]byte(s), 7, false)
	}
	f.Fuzz(func(t *testing.T, b []byte, n int, out bool) {
		k, said := whatIsKnown(b, max(n, 1), out)
		whole, saidWhole := whatIsKnown(b, len(b)+1, out)
		if strings.Join(said, "\n") != strings.Join(saidWhole, "\n") || k.result != whole.result || k.ended != whole.ended || k.echoed != whole.echoed || k.waits != whole.waits || k.lost != whole.lost || k.inner != whole.inner {
			t.Errorf("in pieces %+v %q, whole %+v %q", k, said, whole, saidWhole)
		}
		if !strings.Contains(strings.ToLower(string(b)), token) && (k.began || k.echoed || k.ended || k.cut || k.pages != nil) {
			t.Errorf("nothing was said of our job, and yet %+v", k)
		}
		if !out && k.result == EndedOK {
			t.Errorf("ended well before the document was out: %+v", k)
		}
		for _, s := range said {
			if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) || len(s) > 600 {
				t.Errorf("unfit for people: %q", s)
			}
		}
	})
}

func TestConditions(t *testing.T) {
	for code, want := range map[int]deviceCondition{
		10001: {},
		10023: {},
		40000: {},
		40021: {sentence: "A cover is open, or a cartridge is missing: the printer shows “X” (code 40021).", person: true},
		40022: {sentence: "Paper is jammed: the printer shows “X” (code 40022).", person: true},
		40099: {sentence: "The printer needs a person: the printer shows “X” (code 40099).", person: true},
		41003: {sentence: "Add paper: the printer shows “X” (code 41003).", person: true},
		42201: {sentence: "Paper is jammed: the printer shows “X” (code 42201).", person: true},
		43001: {sentence: "A tray or bin needs a person: the printer shows “X” (code 43001).", person: true},
		35078: {sentence: "The printer may need a person: the printer shows “X” (code 35078)."},
		50599: {sentence: "The printer has a fault: the printer shows “X” (code 50599).", person: true},
		-1:    {},
	} {
		if got := conditionOf(code, "X"); got != want {
			t.Errorf("%d: %+v", code, got)
		}
	}
	if got := conditionOf(41003, "\r\n").sentence; got != "Add paper (code 41003)." {
		t.Errorf("%q", got)
	}
}

// TestAConditionIsToldOnce, however often the printer says it.
func TestAConditionIsToldOnce(t *testing.T) {
	const open, ready = "@PJL USTATUS DEVICE\r\nCODE=40021\r\nDISPLAY=\"OPEN\"\r\nONLINE=FALSE\r\n\f", "@PJL USTATUS DEVICE\r\nCODE=10001\r\nDISPLAY=\"READY\"\r\nONLINE=TRUE\r\n\f"
	k, said := whatIsKnown([]byte(ready+open+open+ready+ready+open), 3, true)
	if n := strings.Count(strings.Join(said, "\n"), "The printer goes on."); n != 2 || k.waits == "" { // told, and in evidence
		t.Errorf("%d times: %q", n, said)
	}
	if n := strings.Count(strings.Join(said, "\n"), "A cover is open"); n != 3 { // told twice, once in evidence
		t.Errorf("%d times: %q", n, said)
	}
}
