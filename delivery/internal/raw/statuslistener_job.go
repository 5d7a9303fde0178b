package raw

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/printscout/printscout/internal/ipp"
)

// handleJob handles what is said of jobs. Ours has our token for a name, or no
// name and our job's number. Replies come in pieces, so it may be called with
// the same one again.
func (e *statusListener) handleJob(r *pjlReply) {
	name, named := r.value("NAME")
	_, told := r.value("RESULT")
	switch {
	case !named && r.ended && e.endsOurNumber(r):
		e.handleJobEnd(r)
	case !strings.EqualFold(name, e.token):
		e.countInnerJob(r)
	case r.hasLine("START"):
		id, _ := r.value("ID")
		e.updateState(func() {
			e.at, e.began, e.id = time.Now(), true, id
			e.addEvidence("The printer began the job.")
		})
	case r.hasLine("END") && (told || r.ended):
		e.handleJobEnd(r)
	}
}

// endsOurNumber reports whether a reply tells of the end of a job that has the
// number which the printer gave ours.
func (e *statusListener) endsOurNumber(r *pjlReply) bool {
	id, _ := r.value("ID")
	k, _, _ := e.snapshot()
	return id != "" && id == k.id && r.hasLine("END")
}

// countInnerJob counts the pages of a job that the document has within ours.
func (e *statusListener) countInnerJob(r *pjlReply) {
	pages := pagesOf(r)
	if !r.ended || !r.hasLine("END") || pages == nil {
		return
	}
	e.updateState(func() {
		if e.began && !e.ended {
			e.inner = min(e.inner+*pages, maxPages)
		}
	})
}

const maxPages = 1 << 30

func pagesOf(r *pjlReply) *int {
	s, _ := r.value("PAGES")
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > maxPages {
		return nil
	}
	return &n
}

// handleJobEnd handles the end of a job with our name, which is our job unless
// the printer had given that another number.
func (e *statusListener) handleJobEnd(r *pjlReply) {
	result, _ := r.value("RESULT")
	result = strings.ToUpper(ipp.Clean(result, maxWords))
	id, numbered := r.value("ID")
	pages, cut := pagesOf(r), false
	e.updateState(func() {
		e.at = time.Now()
		switch good := result == EndedOK || result == ""; {
		case numbered && e.id != "" && id != e.id:
			e.ended, e.complete, e.result, e.pages = false, false, "", nil
			e.addEvidence("The printer told of the end of a job that has our name and another number.")
		case good && !e.last && !e.out:
			e.early = true
			e.addEvidence("The printer told of the end of the job before the document was out; that proves nothing.")
		default:
			cut = !good && !e.out && !e.cut
			e.cut = e.cut || cut
			e.ended, e.result, e.pages = true, result, pages
			e.complete = r.ended || pages != nil
		}
	})
	if cut {
		e.giveUp()
	}
}

// pagesCounted returns how many pages the printer says came out: those of the
// job or, if the document has jobs of its own, of these.
func (k reportedState) pagesCounted() *int {
	if k.inner > 0 && (k.pages == nil || *k.pages == 0) {
		return new(k.inner)
	}
	return k.pages
}

// endWords returns the printer's last word on the job as a sentence, "" if it
// gave none.
func (k reportedState) endWords() string {
	if !k.ended {
		return ""
	}
	result, pages := k.result, ""
	if result == "" {
		result = "not said how"
	}
	if n := k.pagesCounted(); n != nil {
		pages = fmt.Sprintf(", %d pages", *n)
	}
	return fmt.Sprintf("The printer says that the job ended: %s%s.", result, pages)
}
