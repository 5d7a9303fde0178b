package scout

// State is the state of a job at the agent.
type State string

// These are the states of docs/job-states.md. A job that is being received is
// known only to the printer on loopback.
const (
	Parked    State = "parked"    // sealed and acknowledged; may be released
	Waiting   State = "waiting"   // parked, but its owner has not registered
	Releasing State = "releasing" // an order is being carried out
	Uncertain State = "uncertain" // the printer may have it; only a person decides
	Delivered State = "delivered" // printed; what is left of it is being removed
	Canceled  State = "canceled"  // a person gave it up; what is left is being removed
	Expired   State = "expired"   // it was parked too long; what is left is being removed
)

// transitions lists where each state may lead. Delivered, canceled and expired
// are final: such a job is removed at once, or at the next start if that
// failed.
var transitions = map[State][]State{
	Parked:    {Waiting, Releasing, Canceled, Expired},
	Waiting:   {Parked, Canceled, Expired},
	Releasing: {Parked, Waiting, Uncertain, Delivered, Canceled},
	Uncertain: {Parked, Waiting, Delivered, Canceled, Expired},
}

// reasonOfState returns why a job in a state is not released.
func reasonOfState(s State) string { return "job-" + string(s) }

// mayBecome reports whether a job may go from one state to another.
func (s State) mayBecome(next State) bool {
	for _, t := range transitions[s] {
		if t == next {
			return true
		}
	}
	return false
}

// isResting reports whether a job waits for its release and nothing else has
// happened to it.
func (s State) isResting() bool { return s == Parked || s == Waiting }

// isFinal reports whether a state is never left.
func (s State) isFinal() bool { return transitions[s] == nil }
