// Package checkup runs checkups: small questions about a computer or a server,
// each with an answer in one word, a sentence, and what to do next
// (docs/doctor.md).
//
// It knows no checkup. Each has a time limit, and one that hangs or panics does
// not disturb the others.
package checkup

import "context"

// State is the answer of a checkup in one word.
type State string

// The states. Error means that the checkup could not find out, Info that there
// is nothing to judge, or that it does not apply here.
const (
	Pass  State = "pass"
	Info  State = "info"
	Warn  State = "warn"
	Fail  State = "fail"
	Error State = "error"
)

// severity ranks the states: a Result has the worst of what was found.
var severity = map[State]int{Pass: 0, Info: 1, Error: 2, Warn: 3, Fail: 4}

// Checkup is one question.
type Checkup struct {
	ID    string // stable, lower case, words divided by a hyphen
	Title string
	Look  func(context.Context) Finding
}

// Finding is what a checkup found.
type Finding struct {
	State   State
	Summary string // a sentence
	Fix     string // what to do, "" if there is nothing to do
	Repairs []Repair
}

// Result is a Finding with the checkup that it is of. The field names are
// stable.
type Result struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	State   State  `json:"state"`
	Summary string `json:"summary"`
	Fix     string `json:"fix"`
	// Fixable reports whether doctor --fix does something about it.
	Fixable bool `json:"fixable"`
	// Repaired has what doctor --fix did, or would do.
	Repaired []Repaired `json:"repaired,omitempty"`

	repairs []Repair
}

// IsWell reports whether no result is a warning, a failure or an error.
func IsWell(results []Result) bool {
	for _, r := range results {
		if severity[r.State] > severity[Info] {
			return false
		}
	}
	return true
}

// Counts returns how many results there are of each state.
func Counts(results []Result) map[State]int {
	n := map[State]int{}
	for _, r := range results {
		n[r.State]++
	}
	return n
}
