package installer

import "context"

// Step is one thing that install does and uninstall undoes. It looks at what is
// there and can be done, and undone, again at any time.
type Step struct {
	Name string
	// Optional steps may fail without the installation.
	Optional bool
	// Keep is set where only --purge undoes the step.
	Keep bool
	// Plan returns what Do would change, "" if nothing. It changes nothing.
	Plan func(context.Context) (string, error)
	// Do returns what it changed, "" if nothing. A *note says that there was
	// nothing to do. Before a change it puts into the entry what undoing has to know.
	Do func(context.Context, *Entry) (string, error)
	// Undo returns what it changed, "" if nothing. Its entry is empty where there is
	// no record: then it removes only what is recognizably ours. A *note says that
	// it stays, and why.
	Undo func(context.Context, *Entry) (string, error)
}
