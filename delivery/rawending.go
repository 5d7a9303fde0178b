package delivery

import (
	"github.com/printscout/printscout/internal/outcome"
)

// rawCounting is how a printer has counted the documents that came to it by
// port 9100. Its next count is compared with that.
type rawCounting struct {
	Names   bool `json:"names,omitempty"`   // it names pages when a job ends
	Right   bool `json:"right,omitempty"`   // as many as the document had
	Counter bool `json:"counter,omitempty"` // its page counter (SNMP) grew by as many
}

// rawEnd is what is known of a document that a printer took whole by port 9100.
type rawEnd struct {
	before rawCounting // of earlier documents
	level  string      // of evidence, as package raw has it
	ended  bool        // the printer said that the job ended well
	early  bool        // and said so before it had the end of the document
	lost   string      // a sentence, if it said that it lost some of the document
	waits  string      // a sentence, if it still needed a person when it last said anything
	pages  *int        // it counted; nil if it did not say
	grown  *int64      // how far its page counter came; nil if that is not known
	whole  int         // pages of the document, copies included; 0 if not known for sure
	least  int         // the fewest it may count for them
}

// leastPages returns the fewest pages that a printer which counts right may
// count for a document: some count one copy of several, some sheets.
func leastPages(whole, copies int, bothSides bool) int {
	if copies > 1 {
		whole /= copies
	}
	if bothSides {
		return (whole + 1) / 2
	}
	return whole
}

// printed reports whether the page counter grew by all of the document.
func (e rawEnd) printed() bool {
	return e.grown != nil && e.whole > 0 && *e.grown >= int64(e.whole)
}

// countedEnough reports whether the printer counted as much as the document
// has.
func (e rawEnd) countedEnough() bool {
	return e.pages != nil && *e.pages > 0 && e.whole > 0 && *e.pages >= e.least
}

// evidenceAgainst returns what speaks against the document's being on paper,
// as a reason and as what the printer did; empty if nothing does.
func (e rawEnd) evidenceAgainst() (reason, why string) {
	switch {
	case e.printed():
		return "", ""
	case e.lost != "":
		return outcome.ReasonWithErrors, "ended the job with errors"
	case e.early:
		return outcome.ReasonWithErrors, "ended the job before it had all of the document"
	case e.pages != nil && *e.pages == 0:
		return outcome.ReasonWithErrors, "ended the job and counted no pages"
	case e.pages != nil && e.before.Right && *e.pages < e.least:
		return outcome.ReasonMissing, "ended the job and counted fewer pages than the document has"
	case e.pages == nil && e.ended && e.before.Names:
		return outcome.ReasonWithErrors, "ended the job and named no pages, as it does otherwise"
	case e.waits != "" && !(e.level == outcome.RawOut && e.pages != nil):
		return outcome.ReasonStillPrinting, "has the document and has not finished it: it needs a person"
	case e.grown != nil && e.before.Counter && *e.grown < int64(e.least) && !e.countedEnough():
		return outcome.ReasonWithErrors, "took the document, and its page counter did not grow as much as it should have"
	}
	return "", ""
}

// learnFrom learns how one more document was counted. Documents of one page
// show nothing of how pages are counted.
func (c *rawCounting) learnFrom(e rawEnd) {
	c.Counter = c.Counter || e.printed()
	if e.level != outcome.RawOut {
		return
	}
	c.Names = c.Names || e.pages != nil
	if e.pages == nil || e.whole < 2 {
		return
	}
	if *e.pages == e.whole {
		c.Right = true
	} else if e.printed() {
		c.Right = false
	}
}
