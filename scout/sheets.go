package scout

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"

	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/spooler/docinfo"
)

// layout is which pages of a document are printed, and how many on a side.
type layout struct {
	numberUp int
	ranges   [][2]int // page-ranges in ascending order; nil for all pages
}

// layoutOf reads the layout from the attributes of a job.
func layoutOf(attributes []byte) layout {
	l := layout{numberUp: 1}
	if len(attributes) == 0 {
		return l
	}
	m, err := ipp.ReadMessage(bufio.NewReader(bytes.NewReader(attributes)), ipp.RequestLimits)
	if err != nil {
		return l // the delivery says so
	}
	if n, ok := ipp.Int(m.Job, "number-up"); ok && n > 1 {
		l.numberUp = n
	}
	l.ranges = ipp.Ranges(m.Job, "page-ranges")
	return l
}

// sideCount returns how many sides of sheets so many pages need.
func (l layout) sideCount(pages int) int {
	if len(l.ranges) > 0 {
		printed := 0
		for _, r := range l.ranges {
			printed += max(0, min(r[1], pages)-r[0]+1)
		}
		pages = printed
	}
	return (pages + l.numberUp - 1) / l.numberUp
}

// sheetCount returns how many sheets of media the job needs, copies included
// (RFC 8011 §5.3.17.3), nil while that is not known. Each document, and each
// copy, begins on a sheet of its own.
func (j *job) sheetCount() *int {
	total := 0
	for _, d := range j.documents() {
		n, ok := j.sheetsOf(d.Info)
		if !ok {
			return nil
		}
		total += n
	}
	return new(total * j.copyCount(j.documentInfo()))
}

// sheetsOf returns how many sheets one copy of a document needs.
func (j *job) sheetsOf(i docinfo.Info) (int, bool) {
	if i.Pages == nil {
		return 0, false
	}
	n := j.layout.sideCount(*i.Pages)
	switch cmp.Or(j.ticket.Sides, i.Sides) {
	case docinfo.OneSided:
		return n, true
	case docinfo.TwoSidedLongEdge, docinfo.TwoSidedShortEdge:
		return (n + 1) / 2, true
	}
	return n, n == 1 // however it is printed
}

// concatenatedSentence returns a sentence about files that a queue has
// concatenated, "" if there are none.
func (j *job) concatenatedSentence() string {
	if more := len(j.documents()) - len(j.parts); more > 0 {
		return fmt.Sprintf("%d files came as %s; each is printed as a document of its own.", len(j.documents()), documentCount(len(j.parts)))
	}
	for _, d := range j.documents() {
		if d.Info.Files > 1 {
			return fmt.Sprintf("%d files came as one document: some printers print only one of them. Print them one by one.", d.Info.Files)
		}
	}
	return ""
}

// documentCount returns a number of documents in words.
func documentCount(documents int) string {
	if documents == 1 {
		return "one document"
	}
	return fmt.Sprintf("%d documents", documents)
}
