// Package identity finds out who is on the other end of a local connection: a unix
// domain socket, a named pipe of Windows, or TCP on loopback. It asks the kernel,
// and uses nothing that the other end says. It also tells whether two names belong to one account.
//
// It knows no jobs and decides only who a person is, whether that person
// administers this computer, and whether a process is the computer's print
// spooler. If the kernel does not answer, it returns an error and no identity:
// callers fail closed. The rules are in docs/identity.md.
package identity

import "errors"

// Peer is the process at the other end of a connection.
type Peer struct {
	// UID is the user the process ran as when it made its socket: a uid in
	// decimal, on Windows a SID (S-1-5-…).
	UID string
	// Name is that user's name as the system spells it (on Windows
	// DOMAIN\user), or "" where the computer knows none. Names are compared by
	// SameUser.
	Name string
	// Admin is true for root, on Windows for SYSTEM and for a process that runs
	// with an administrator's rights, and for the user the agent itself runs as.
	Admin bool
}

// ErrUnknown means that the kernel did not tell who is at the other end.
var ErrUnknown = errors.New("the other end of the connection is not known")
