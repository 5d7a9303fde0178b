package delivery

import (
	"slices"

	"github.com/printscout/printscout/delivery/internal/fit"
	"github.com/printscout/printscout/internal/ipp"
)

// countAccuracy records which of a printer's counts have been right: learned
// from documents of two pages and more, since a printer that always counts one
// is right about many. It is kept by sides, because printers differ in what
// they count of a sheet that is printed on both.
type countAccuracy struct {
	OneSided bool `json:"one_sided,omitempty"`
	TwoSided bool `json:"two_sided,omitempty"`
	Octets   bool `json:"octets,omitempty"` // job-k-octets of an uncompressed document
}

func (c *countAccuracy) pagesFlag(twoSided bool) *bool {
	if twoSided {
		return &c.TwoSided
	}
	return &c.OneSided
}

// wantedPages returns the impressions that one copy must come to, 0 if that is
// not known exactly: only some pages are printed, or several on a side.
func (a *attempt) wantedPages() int {
	if a.doc.Pages <= 0 || !a.fitted {
		return 0
	}
	if at, ok := ipp.Find(a.settings, "page-ranges"); ok && !fit.EveryPage(at) {
		return 0
	}
	if n, ok := ipp.Int(a.settings, "number-up"); ok && n != 1 {
		return 0
	}
	return a.doc.Pages / a.copies()
}

// copies returns how many copies are made of the document, whether by the
// printer or by the document itself.
func (a *attempt) copies() int { return max(1, a.doc.Copies, fit.Ticket(a.settings).Copies()) }

func (a *attempt) twoSided() bool {
	return slices.Contains([]string{"two-sided-long-edge", "two-sided-short-edge"}, ipp.String(a.settings, "sides"))
}

// expectedPages returns wantedPages if this printer counts right, else 0.
func (a *attempt) expectedPages() int {
	if !*a.known.Counts.pagesFlag(a.twoSided()) {
		return 0
	}
	return a.wantedPages()
}

// learnCounts learns from the counts of a job that was printed as it should.
func (a *attempt) learnCounts(j jobStatus) {
	if a.wantedPages() >= 2 && a.copies() == 1 && j.most != nil {
		*a.known.Counts.pagesFlag(a.twoSided()) = *j.most == a.wantedPages()
	}
	if !a.packed && j.octets > 0 {
		a.known.Counts.Octets = j.countsBytes(a.doc.Size)
	}
}
