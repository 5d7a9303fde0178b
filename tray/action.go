package tray

// Verb is what a person can have done.
type Verb int

// The verbs.
const (
	Nothing    Verb = iota
	Release         // Job at Printer
	ReleaseAll      // all that can be released without a PIN, at Printer
	Cancel          // Job, also of a line that says it was refused
	Printed         // Job came out
	PrintAgain      // Job did not come out
	Open            // Page
	Quit
)

// Action is what an entry of the menu or a button of a notification does.
type Action struct {
	Verb    Verb
	Job     string
	Printer string
	Page    string
}

func open(page string) Action { return Action{Verb: Open, Page: page} }
