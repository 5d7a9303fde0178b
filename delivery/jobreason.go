package delivery

import (
	"slices"
	"strings"
)

// bearing is what a job-state-reason says of a job that its printer calls
// completed.
type bearing int

const (
	bearsNothing bearing = iota // the reason is not known
	bearsFor                    // it agrees with a job that was printed
	bearsAgainst                // it speaks of an error, an abort, a cancel or a stop
)

// agreeingReasons are the reasons that a printed job may keep: RFC 8011
// §5.3.8, RFC 3998 §4.2, PWG 5100.11, 5100.13 and 5100.15. Those that tell how
// far a job is say nothing against its end: printers do not remove them.
var agreeingReasons = []string{
	"job-completed-successfully", "job-completed-with-warnings", "job-printed-successfully", "job-printed-with-warnings",
	"job-saved-successfully", "job-saved-with-warnings", "warnings-detected",
	"job-fetchable", "job-interpreting", "job-outgoing", "job-printing", "job-queued", "job-queued-for-marker", "job-restartable",
	"job-spooling", "job-streaming", "job-transferring", "job-transforming", "queued-in-device",
	"connected-to-destination", "job-resuming", "cached-in-device", "job-retained", "job-saving",
}

// ambiguousReasons are the reasons that printed jobs keep at some printers,
// and lost jobs at others: CUPS leaves processing-to-stop-point on a completed
// job.
var ambiguousReasons = []string{"processing-to-stop-point", "job-incoming"}

// opposingReasons are the reasons against a job that no word below would find.
var opposingReasons = []string{
	"account-closed", "account-info-needed", "account-limit-reached", "conflicting-attributes", "job-data-insufficient",
	"digital-signature-did-not-verify", "job-suspended", "resources-are-not-ready", "service-off-line",
}

// opposingWords are how a word of a reason against a job begins, in RFCs and
// in vendors' own reasons. The severities that RFC 8011 §5.4.12 appends to
// keywords are not among them: "media-low-warning" is not a reason against a
// job.
var opposingWords = []string{
	"abort", "cancel", "corrupt", "denied", "error", "fail", "forbidden", "incomplete", "insufficient", "interrupt", "invalid",
	"lost", "refus", "reject", "stop", "timeout", "timed", "truncat", "unable", "unprintable", "unsupported",
}

// bearingOf returns what a reason says. It is matched without case.
func bearingOf(reason string) bearing {
	reason = strings.ToLower(reason)
	switch {
	case reason == "" || reason == "none" || slices.Contains(agreeingReasons, reason) || strings.HasSuffix(reason, "successfully"):
		return bearsFor
	case slices.Contains(ambiguousReasons, reason):
		return bearsNothing
	case slices.Contains(opposingReasons, reason) || speaksAgainst(keywordParts(reason)):
		return bearsAgainst
	}
	return bearsNothing
}

// keywordParts splits a keyword at every character that is not a letter or
// digit.
func keywordParts(keyword string) []string {
	return strings.FieldsFunc(keyword, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
}

// speaksAgainst reports whether a word of a reason speaks against the job and
// is not negated by the word before it ("without-errors", "not-supported").
func speaksAgainst(parts []string) bool {
	for i, p := range parts {
		negated := i > 0 && (parts[i-1] == "no" || parts[i-1] == "without")
		against := slices.ContainsFunc(opposingWords, func(w string) bool { return strings.HasPrefix(p, w) })
		if against && !negated || p == "supported" && i > 0 && parts[i-1] == "not" {
			return true
		}
	}
	return false
}

// reasonsAgainst returns the job's reasons that speak against its having been
// printed; unknown reports whether there are reasons with no known meaning.
func (j jobStatus) reasonsAgainst() (reasons []string, unknown bool) {
	for _, r := range j.reasons {
		switch bearingOf(r) {
		case bearsAgainst:
			reasons = append(reasons, r)
		case bearsNothing:
			unknown = true
		}
	}
	return reasons, unknown
}
