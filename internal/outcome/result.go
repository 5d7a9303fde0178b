package outcome

import "fmt"

// State is how a release ended.
type State string

// The states. NotSent: nothing can have come out, and the job may be released
// again. Uncertain: something may have come out; only a person decides to print
// again.
const (
	Delivered State = "delivered"
	NotSent   State = "not_sent"
	Uncertain State = "uncertain"
	Canceled  State = "canceled"
)

var states = map[State]string{
	Delivered: "The printer has the whole document, and nothing that it said speaks against its being printed.",
	NotSent:   "Nothing was printed. The job can be released again.",
	Uncertain: "The document may have come out. Look at the printer before it is printed again.",
	Canceled:  "The job was canceled.",
}

// IsState reports whether a word is one of the states.
func IsState(word string) bool { return states[State(word)] != "" }

// Result is the result of the release of one job.
type Result struct {
	State  State  `json:"state"`
	Reason string `json:"reason"` // one of Reasons; "" where the job was delivered as asked
	// Protocol is ipps, ipp or raw, and Grade the grade of the way that was used
	// (internal/directory); both are "" if no printer was reached.
	Protocol string `json:"protocol"`
	Grade    string `json:"grade"`
	// EvidenceLevel is one of Levels.
	EvidenceLevel string `json:"evidence_level"`
	// PagesPrinted is what the printer counted, nil if it reported nothing.
	PagesPrinted *int `json:"pages_printed"`
	// FirstByteMS is the time to the first byte of the document, 0 if none went
	// out; TotalMS is the time until the result was known. Both are in
	// milliseconds, rounded up.
	FirstByteMS int64 `json:"first_byte_ms"`
	TotalMS     int64 `json:"total_ms"`
}

// Then returns the result of a job of several documents: r is what became of
// those before, next of the one after them.
func (r Result) Then(next Result) Result {
	next.FirstByteMS = r.FirstByteMS
	next.TotalMS += r.TotalMS
	next.PagesPrinted = addCounts(r.PagesPrinted, next.PagesPrinted)
	return next
}

// addCounts adds two numbers; the sum is unknown if either is.
func addCounts(a, b *int) *int {
	if a == nil || b == nil {
		return nil
	}
	return new(*a + *b)
}

// Sentences describes a result to people, in sentences of this package only.
func (r Result) Sentences() []string {
	all := []string{}
	add := func(sentence string) {
		if sentence != "" {
			all = append(all, sentence)
		}
	}
	add(states[r.State])
	add(Sentence(r.Reason))
	add(levels[r.EvidenceLevel])
	if r.PagesPrinted != nil {
		add(fmt.Sprintf("Pages that the printer counted: %d.", *r.PagesPrinted))
	}
	return all
}

// Words returns r without words that are not on this package's lists: an unknown
// reason becomes ReasonOther, any other unknown word becomes "".
func (r Result) Words() Result {
	if r.Reason != "" && !IsReason(r.Reason) {
		r.Reason = ReasonOther
	}
	if levels[r.EvidenceLevel] == "" {
		r.EvidenceLevel = ""
	}
	r.Protocol, r.Grade = wordIfListed(r.Protocol, protocols), wordIfListed(r.Grade, grades)
	return r
}

var (
	protocols = []string{"ipps", "ipp", "raw"}
	grades    = []string{"ipps-pinned", "ipps", "ipp", "raw"}
)

// wordIfListed returns word if it is in a list, else "".
func wordIfListed(word string, of []string) string {
	for _, known := range of {
		if word == known {
			return word
		}
	}
	return ""
}
