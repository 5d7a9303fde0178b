package session

import "fmt"

// State is a word for why a keyring cannot be used.
type State string

// The states.
const (
	Absent  State = "absent"  // there is none, or it cannot be reached
	Locked  State = "locked"  // the person has not unlocked it
	Hanging State = "hanging" // it does not answer in time
	Denied  State = "denied"  // it does not let this program in
	Failed  State = "failed"  // anything else
	Lost    State = "lost"    // it works, and our key is not in it
)

// stateTexts has for each state what is wrong and what to do about it.
var stateTexts = map[State]struct{ sentence, hint string }{
	Absent:  {"there is no keyring in this session", "start one (gnome-keyring, KWallet or KeePassXC with its secret service), or sign in each time"},
	Locked:  {"the keyring is locked", "unlock it with its password, then try again"},
	Hanging: {"the keyring does not answer", "see whether it asks for something in a window; else log out and in again"},
	Denied:  {"the keyring does not let this program in", "run it as the person who is logged in, and let it use the keyring"},
	Failed:  {"the keyring failed", "log out and in again, then try again"},
	Lost:    {"the keyring no longer has the key to the secrets", "sign in again"},
}

// Error is why a person's secrets cannot be opened. It contains no secret.
type Error struct {
	State State
	Err   error
	dir   string // folder of the secrets, with Lost
}

func (e *Error) Error() string {
	if e.Err == nil {
		return stateTexts[e.State].sentence
	}
	return fmt.Sprintf("%s: %v", stateTexts[e.State].sentence, e.Err)
}

func (e *Error) Unwrap() error { return e.Err }

// Sentence tells a person what is wrong.
func (e *Error) Sentence() string { return stateTexts[e.State].sentence }

// Hint tells a person what to do.
func (e *Error) Hint() string {
	if e.State == Lost {
		return "remove the folder " + e.dir + ", then " + stateTexts[Lost].hint
	}
	return stateTexts[e.State].hint
}
