package identity

import "sync"

// Unnamed is the one account under which the use of all accounts without a name
// is counted: a person may have thousands of them in a user namespace.
const Unnamed = "unnamed"

// maxNamed is how many accounts are remembered at most.
const maxNamed = 1024

// Accounts tells under which account the use of something shared is counted. It
// may be used by several goroutines; the zero value is ready.
type Accounts struct {
	mu    sync.Mutex
	named map[string]bool // accounts that a directory service has named
}

// Of returns the uid if the account is known to have a name, else Unnamed. It does
// not ask a directory service, which could be slow.
func (a *Accounts) Of(uid string) string {
	a.mu.Lock()
	named := a.named[uid]
	a.mu.Unlock()
	if named || isLocalUID(uid) {
		return uid
	}
	return Unnamed
}

// Learn does the same for an account whose name was looked up, and remembers the
// account if it has a name.
func (a *Accounts) Learn(p Peer) string {
	if p.Name == "" {
		return Unnamed
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.named) >= maxNamed {
		clear(a.named)
	}
	if a.named == nil {
		a.named = map[string]bool{}
	}
	a.named[p.UID] = true
	return p.UID
}
