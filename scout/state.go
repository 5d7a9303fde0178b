package scout

// State is what a job is to the agent.
type State string

// The states of docs/job-states.md. A job that is receiving is known to the
// printer on loopback alone, and one that is gone to nobody.
const (
	Parked    State = "parked"    // sealed and acknowledged; may be released
	Waiting   State = "waiting"   // parked, but its owner has not registered
	Releasing State = "releasing" // an order is being carried out
	Uncertain State = "uncertain" // the printer may have it; only a person decides
	Delivered State = "delivered" // printed; what is left of it is being removed
	Canceled  State = "canceled"  // a person gave it up; what is left is being removed
	Expired   State = "expired"   // it was parked too long; what is left is being removed
)

// transitions lists where each state may lead. The last three are ends: what
// is in them is removed at once, or at the next start where that failed.
var transitions = map[State][]State{
	Parked:    {Waiting, Releasing, Canceled, Expired},
	Waiting:   {Parked, Canceled, Expired},
	Releasing: {Parked, Waiting, Uncertain, Delivered, Canceled},
	Uncertain: {Parked, Waiting, Delivered, Canceled, Expired},
}

// reasonOfState returns why a job in a state is not released.
func reasonOfState(s State) string { return "job-" + string(s) }

func (s State) mayBecome(next State) bool {
	for _, t := range transitions[s] {
		if t == next {
			return true
		}
	}
	return false
}

// rests reports whether a job waits for its release, and nothing else has become
// of it.
func (s State) rests() bool { return s == Parked || s == Waiting }

// ended reports whether nothing more can come of a job.
func (s State) ended() bool { return transitions[s] == nil }
