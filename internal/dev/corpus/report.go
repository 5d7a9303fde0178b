package main

import (
	"fmt"
	"io"

	"github.com/printscout/printscout/spooler/docinfo"
)

// row is one file: what the readers show, and what docinfo finds.
type row struct {
	name    string
	readers shownPages
	ours    docinfo.Info
	err     error // why docinfo found no more
}

// isRight reports whether docinfo has the pages that the readers agree on.
func (r row) isRight(agreed int) bool { return r.ours.Pages != nil && *r.ours.Pages == agreed }

// printReport prints the table as Markdown. If list is set, it first prints the
// files whose count is not right.
func printReport(rows []row, list bool, out io.Writer) error {
	type tally struct{ right, wrong int }
	tallies := map[docinfo.Certainty]*tally{docinfo.Exact: {}, docinfo.Estimated: {}, docinfo.Unknown: {}}
	compared := 0
	for _, r := range rows {
		agreed, ok := r.readers.agreedPages()
		if !ok {
			continue
		}
		compared++
		t := tallies[r.ours.Certainty]
		if r.isRight(agreed) {
			t.right++
			continue
		}
		t.wrong++
		if list {
			fmt.Fprintf(out, "%s: %s, readers %d, docinfo %s: %v\n", r.name, r.ours.Certainty, agreed, formatPages(r.ours), r.err)
		}
	}
	exact, estimated, unknown := tallies[docinfo.Exact], tallies[docinfo.Estimated], tallies[docinfo.Unknown]
	fmt.Fprintf(out, "| files | compared | exact, right | exact, wrong | estimated, right | estimated, wrong | unknown |\n|---|---|---|---|---|---|---|\n")
	fmt.Fprintf(out, "| %d | %d | %d | %d | %d | %d | %d |\n", len(rows), compared, exact.right, exact.wrong, estimated.right, estimated.wrong, unknown.wrong)
	if exact.wrong > 0 {
		return errWrong
	}
	return nil
}

func formatPages(i docinfo.Info) string {
	if i.Pages == nil {
		return "none"
	}
	return fmt.Sprint(*i.Pages)
}
