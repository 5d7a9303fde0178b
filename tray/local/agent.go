package local

import (
	"context"
	"iter"
	"time"

	"github.com/printscout/printscout/internal/control"
)

// Agent is what the pages ask: internal/control.Client is one.
type Agent interface {
	Status(context.Context) (control.Status, error)
	Jobs(context.Context) ([]control.Job, error)
	Job(ctx context.Context, id string) (control.Job, error)
	Cancel(ctx context.Context, id string) (control.Job, error)
	Resolve(ctx context.Context, id, said string) (control.Job, error)
	Release(context.Context, control.Release) (control.Progress, error)
	Wait(ctx context.Context, id string, tell func(control.Progress)) (control.Progress, error)
	Printers(context.Context) ([]control.Printer, error)
	People(context.Context) ([]control.Person, error)
	Register(context.Context, control.Registration) (control.Person, error)
	Events(context.Context) iter.Seq2[control.Event, error]
}

// Preferences are a person's own: which printers they use, and the language.
// tray/preferences keeps them.
type Preferences interface {
	Recent() []string
	Favorites() []string
	Language() string
	Used(printer string) error
	SetFavorite(printer string, favorite bool) error
	SetLanguage(tag string) error
}

// Queues are the print queues of this computer.
type Queues interface {
	// Find returns the name of a queue that leads to one of the addresses, or
	// "" where there is none.
	Find(ctx context.Context, addresses []string) (name string, err error)
	// Make makes a queue that leads to an address, with the person's own rights.
	Make(ctx context.Context, address string) error
	// Command returns what an administrator types to make it.
	Command(address string) string
}

// Clock is the time that idleness is measured by.
type Clock interface {
	Now() time.Time
	// Ticks gives a moment every so often until stop is called.
	Ticks() (ticks <-chan time.Time, stop func())
}
