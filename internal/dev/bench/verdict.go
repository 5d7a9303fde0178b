package main

// claim is what a sender finally reports of a document.
type claim int

const (
	printed    claim = iota // it came out
	notPrinted              // nothing came out: it may be sent again
	unsure                  // a person has to check
	stopped                 // and the queue prints nothing until a person restarts it
	canceled                // it was canceled and is gone
	noEnd                   // nothing: it was still trying when it was killed
)

// verdict is what the claim means for a person who does not see the printer.
type verdict string

const (
	good       verdict = "ok"             // the claim is true
	duplicate  verdict = "duplicate"      // more came out than was asked for
	silentLoss verdict = "silent loss"    // reported as printed, and is not
	falseAlarm verdict = "false alarm"    // reported as not printed, and is: printed again, it comes out twice
	asks       verdict = "asks a person"  // nothing is claimed that is not known
	queueStops verdict = "queue stopped"  // others cannot print either
	dropped    verdict = "job dropped"    // reported as canceled, though no one canceled it
	goesOn     verdict = "tries for ever" // or longer than cellTime
)

// judgeClaim compares what came out, whole or in part, with what was reported.
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

// backendClaim returns what the exit status of a backend means for a queue and its
// job. With any other status the job is aborted or waits.
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
