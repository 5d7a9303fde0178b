package raw

import (
	"fmt"
	"strings"

	"github.com/printscout/printscout/internal/pwg"
)

const (
	maxText = 80 // PJL Technical Reference, JOB: as much of a name counts
	eol     = "\r\n"
)

// pjlHeader returns what is sent before the document. If the document begins
// with uel, that serves for ours too, and the header is sent after it.
func (j Job) pjlHeader(own ownHeader) string {
	var b strings.Builder
	if !own.uel {
		b.WriteString(uel)
	}
	b.WriteString("@PJL" + eol)
	say := func(format string, args ...any) { fmt.Fprintf(&b, "@PJL "+format+eol, args...) }
	say("USTATUSOFF")
	say("ECHO %s", j.Token)
	say("USTATUS JOB=ON")
	say("USTATUS DEVICE=ON")
	say(`JOB NAME="%s"`, j.Token)
	if !own.resetsJob() {
		j.pjlSettings(func(name, value string) {
			if !own.sets(name) && !(name == "QTY" && copiesIn(own.set) != 0) {
				say("SET %s=%s", name, value)
			}
		})
	}
	if j.Language != "" && !own.pjl {
		say("ENTER LANGUAGE=%s", j.Language)
	}
	return b.String()
}

// pjlSettings calls set for each setting that the job wants of the printer.
func (j Job) pjlSettings(set func(name, value string)) {
	for _, n := range []struct{ name, text string }{{"JOBNAME", j.Title}, {"USERNAME", j.User}} {
		if text := plainText(n.text); text != "" {
			set(n.name, `"`+text+`"`)
		}
	}
	if j.Copies > 1 {
		set("QTY", fmt.Sprint(j.Copies))
	}
	switch j.Sides {
	case "one-sided":
		set("DUPLEX", "OFF")
	case "two-sided-long-edge":
		set("DUPLEX", "ON")
		set("BINDING", "LONGEDGE")
	case "two-sided-short-edge":
		set("DUPLEX", "ON")
		set("BINDING", "SHORTEDGE")
	}
	if paper := pwg.PJLName(j.Media); paper != "" {
		set("PAPER", paper)
	}
	if j.Resolution > 0 {
		set("RESOLUTION", fmt.Sprint(j.Resolution))
	}
	if j.Color == "monochrome" {
		set("RENDERMODE", "GRAYSCALE")
	}
}

// pjlTrailer returns what is sent after the document.
func (j Job) pjlTrailer() string {
	return uel + `@PJL EOJ NAME="` + j.Token + `"` + eol + "@PJL ECHO " + endEcho(j.Token) + eol + uel
}

func endEcho(token string) string { return "end-" + token }

// farewell ends the reports that the header has asked for.
const farewell = uel + "@PJL USTATUSOFF" + eol + uel

// plainText returns a text that cannot leave the quotation marks, the line, or
// PJL.
func plainText(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' {
			return '_'
		}
		return r
	}, s)
	return strings.TrimSpace(s[:min(len(s), maxText)])
}
