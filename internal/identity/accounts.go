package identity

import "sync"

// Unnamed is what all accounts count under together that the computer does not
// name: a person may have thousands of them in a user namespace.
const Unnamed = "unnamed"

// mostNamed bounds how many accounts are remembered; they are learned again.
const mostNamed = 1024

// Accounts tells what an account's use of something counts under that programs
// of this computer share. It may be used by several goroutines at once; the
// zero value is ready.
type Accounts struct {
	mu    sync.Mutex
	named map[string]bool // accounts that a directory service has named
}

// Of returns the uid where the account is known to have a name, else Unnamed.
// It asks nobody who could take long to answer.
func (a *Accounts) Of(uid string) string {
	a.mu.Lock()
	named := a.named[uid]
	a.mu.Unlock()
	if named || isLocalUID(uid) {
		return uid
	}
	return Unnamed
}

// Learn returns the same of an account whose name was asked for, which is
// remembered.
func (a *Accounts) Learn(p Peer) string {
	if p.Name == "" {
		return Unnamed
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.named) >= mostNamed {
		clear(a.named)
	}
	if a.named == nil {
		a.named = map[string]bool{}
	}
	a.named[p.UID] = true
	return p.UID
}
