package delivery

import (
	"strings"

	"github.com/printscout/printscout/internal/ipp"
)

// jobIdentity is how surely a job at a printer is known to be ours. A number
// says little: a printer that has lost its jobs gives their numbers again.
type jobIdentity int

const (
	stranger jobIdentity = iota // it is another person's
	numbered                    // its number is ours, and nothing contradicts that
	proven                      // its job-uuid, or the token in its job-name
)

// jobTraits are what the printer said of our job once it was known to be ours.
// They must stay the same.
type jobTraits struct {
	name, user string
	created    int // time-at-creation; 0 if not given
}

// identifyJob returns how surely a job that was found by its number or its
// name is ours.
func (a *attempt) identifyJob(j jobStatus) jobIdentity {
	switch {
	case a.jobUUID != "" && j.uuid != "":
		return provenIf(a.jobUUID == j.uuid)
	case carriesToken(j.name, a.token):
		return proven
	case j.name != "" && (a.known.NamesJobs || a.traits.name != "" && j.name != a.traits.name):
		return stranger
	case usersDiffer(a.traits.user, j.user), a.traits.created > 0 && j.created > 0 && a.traits.created != j.created:
		return stranger
	case a.restarted || a.madeBefore(j):
		return stranger
	}
	return numbered
}

func provenIf(same bool) jobIdentity {
	if same {
		return proven
	}
	return stranger
}

func usersDiffer(was, is string) bool { return was != "" && is != "" && !strings.EqualFold(was, is) }

// madeBefore reports whether the printer's clocks show that the job is not
// ours: the printer has been restarted since, or made the job before ours was
// asked for. A clock of 0 says nothing.
func (a *attempt) madeBefore(j jobStatus) bool {
	return clockIsEarlier(j.upTime, a.upTime) || clockIsEarlier(j.created, a.upTime)
}

// clockIsEarlier reports whether a printer's clock is before another reading
// of it. Readings of different kinds are not compared.
func clockIsEarlier(now, before int) bool {
	return now > 0 && before > 0 && (now >= wallClock) == (before >= wallClock) && now < before-clockSlack
}

// clockSlack is how far, in seconds, two clocks of one printer may be apart.
const clockSlack = 2

// recognizeJob keeps what the printer says of a job that is ours.
func (a *attempt) recognizeJob(j jobStatus, who jobIdentity) {
	a.jobID, a.numbered = j.id, who == numbered
	if j.uuid != "" {
		a.jobUUID = j.uuid
	}
	a.traits = jobTraits{name: j.name, user: j.user, created: j.created}
	switch full := a.jobName(); {
	case carriesToken(j.name, a.token):
		a.known.NamesJobs = true
	case len(j.name) >= minNameCut && len(j.name) < len(full) && strings.HasPrefix(strings.ToLower(full), strings.ToLower(j.name)):
		a.known.NameCut = len(j.name)
	}
	if who == numbered {
		a.addEvidence("The printer tells neither a UUID of the job nor the name it was given: job %d is taken for ours by its number.", j.id)
	}
}

// minNameCut is the shortest name, in bytes, that is taken for ours cut short.
const minNameCut = 24

// carriesToken reports whether a name has the token in it, whatever the
// printer has done to its case and to characters other than letters and
// digits.
func carriesToken(name, token string) bool {
	t := lettersOf(token)
	return t != "" && strings.Contains(lettersOf(name), t)
}

func lettersOf(s string) string { return strings.Join(keywordParts(strings.ToLower(s)), "") }

// mayCancel reports whether a job is so surely ours that the printer may be
// asked to cancel it; another person's job must never be canceled. A number is
// enough only while the printer's clock, or the name of its user, agrees.
func (a *attempt) mayCancel(j jobStatus) bool {
	switch a.identifyJob(j) {
	case proven:
		return true
	case numbered:
		return a.upTime > 0 && a.upTime < wallClock && j.upTime >= a.upTime ||
			j.user != "" && strings.EqualFold(j.user, a.names.user) && a.traits.user != ""
	}
	return false
}

// wallClock is more seconds than any printer has been up. Some count from
// 1970, and a restart cannot be seen on their clock.
const wallClock = 1_000_000_000

// titleRoom returns how many bytes of a title the printer keeps next to the
// token.
func (k *printerMemory) titleRoom(token string) int {
	if k.NameCut == 0 {
		return maxTitle
	}
	return max(0, min(maxTitle, k.NameCut-len(token)-len(" []")))
}

// jobName returns the job-name with the token, no longer than the printer
// keeps it.
func (a *attempt) jobName() string {
	n := a.names
	if n.title = strings.TrimSpace(ipp.Clean(n.title, max(1, a.known.titleRoom(a.token)))); n.title == "" {
		n.title = "Document"
	}
	return n.withToken(a.token)
}
