package control

import "time"

// The bounds of docs/attack-surface.md, "The control socket". What one account
// does counts against that account; accounts that the computer's own files do
// not name, such as those of a user namespace, share one allowance until a
// directory service has named them.
const (
	// connectionsPerAccount is how many connections one account has open at
	// once.
	connectionsPerAccount = 32
	// workPerAccount is how many of their requests are worked on at once; the
	// others wait for a place. Waiting for the end of a release is no work.
	workPerAccount = 4

	// streamsPerAccount and mostStreams are how many event streams one account
	// has open, and all together. None of them takes a place for work.
	streamsPerAccount = 8
	mostStreams       = 128

	// mostConnections is how many connections all accounts have together,
	// where there are descriptors enough; leastConnections where there are not.
	mostConnections  = 512
	leastConnections = 16
	// descriptorShare is the part of the process's descriptors (one of so many)
	// that connections may take. The others are left to the vault, the printers
	// and the printer on loopback.
	descriptorShare = 4

	// sendBuffer is how many bytes the kernel is asked to keep for a client
	// that does not read.
	sendBuffer = 16 << 10
	// refusals is how many connections over their account's allowance are told
	// so at once, each within refusalTime; others are closed without a word.
	refusals    = 16
	refusalTime = 5 * time.Second
)

// times bound what a server waits for.
type times struct {
	work   time.Duration // for a place
	write  time.Duration // for a client to read what is sent at a time, sendBuffer at the most
	answer time.Duration // for it to read a whole answer
}

var ordinary = times{work: 5 * time.Second, write: 10 * time.Second, answer: 2 * time.Minute}

// connectionsFor returns how many connections all accounts may have together
// in a process of so many descriptors; 0 is a number that is not known.
func connectionsFor(descriptors uint64) int {
	if descriptors == 0 {
		return mostConnections
	}
	return int(max(leastConnections, min(mostConnections, descriptors/descriptorShare)))
}
