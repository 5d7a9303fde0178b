package tray

import "github.com/printscout/printscout/internal/control"

// Icon is which of the four pictures stands in the panel.
type Icon int

// The icons. Each has a shape of its own (picture.go) and a text.
const (
	Offline   Icon = iota // the agent cannot be reached
	NeedsYou              // something goes on only once the person has done something
	JobsWait              // at least one job is parked
	Connected             // else
)

// IconOf returns the icon of a state: the first one that holds.
func IconOf(s State) Icon {
	switch {
	case s.Lost != nil, !s.Ready:
		return Offline
	case !s.setUp(), s.count(needsPerson) > 0:
		return NeedsYou
	case s.count(in(parked)) > 0:
		return JobsWait
	}
	return Connected
}

// needsPerson matches the jobs that go on only once their owner has done
// something.
func needsPerson(j control.Job) bool {
	return j.State == uncertain || j.State == control.Refused || j.State == waiting || stuck(j)
}
