package main

// claim is what a sender says in the end of a document that it was given.
type claim int

const (
	printed    claim = iota // it came out
	notPrinted              // nothing came out: it may be sent again
	unsure                  // a person is to look
	stopped                 // and nothing is printed any more until a person has been there
	canceled                // somebody has canceled it: it is gone
	noEnd                   // nothing yet: it was still trying when its time was over
)

// verdict is what a person has of it, who does not see the printer.
type verdict string

const (
	good       verdict = "ok"             // what was said is so
	duplicate  verdict = "duplicate"      // more came out than was asked for
	silentLoss verdict = "silent loss"    // called printed, and is not
	falseAlarm verdict = "false alarm"    // called not printed, and is: who prints it again has it twice
	asks       verdict = "asks a person"  // nothing is claimed that is not known
	queueStops verdict = "queue stopped"  // nobody else can print either
	dropped    verdict = "job dropped"    // called canceled, and nobody has canceled it
	goesOn     verdict = "tries for ever" // or longer than anybody waits here
)

// judgeClaim compares what came out, whole or in part, with what was said of it.
func judgeClaim(whole, parts int, c claim) verdict {
	switch {
	case whole+parts > 1:
		return duplicate
	case c == stopped:
		return queueStops
	case c == noEnd:
		return goesOn
	case c == canceled:
		return dropped
	case c == unsure:
		return asks
	case c == printed && whole == 0:
		return silentLoss
	case c == notPrinted && whole+parts > 0:
		return falseAlarm
	}
	return good
}

// Exit statuses of a backend (cups_backend_e in cups/backend.h).
const (
	backendOK     = 0
	backendStop   = 4
	backendCancel = 5
	backendRetry  = 7 // this job, at this printer, at once
)

// backendClaim is what the exit status of a backend makes of a queue and its
// job. With what is none of these the job is given up or waits.
func backendClaim(status int) claim {
	switch status {
	case backendOK:
		return printed
	case backendStop:
		return stopped
	case backendCancel:
		return canceled
	}
	return notPrinted
}
