package delivery

import (
	"slices"

	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/outcome"
)

// The states of a verdict.
const (
	ProbeReady       = "ready"       // a job could go now
	ProbeBlocked     = "blocked"     // something answers, and a job could not go now
	ProbeForbidden   = "forbidden"   // something answers, and the directory forbids it
	ProbeUnreachable = "unreachable" // nothing answers
)

// ProbeVerdict is the way a job would go, why not a better one, and what to
// change for that.
type ProbeVerdict struct {
	State     string          `json:"state"`
	Address   string          `json:"address"`
	Grade     directory.Grade `json:"grade"`
	Sentence  string          `json:"sentence"`
	Reasons   []string        `json:"reasons"`
	NotBetter []ProbeStep     `json:"not_better"`
	Hints     []ProbeHint     `json:"hints"`
}

// ProbeStep is a better grade, and why it is not reached.
type ProbeStep struct {
	Grade directory.Grade `json:"grade"`
	Why   string          `json:"why"`
}

func (p *prober) verdict(s *ProbeSNMP) ProbeVerdict {
	v := ProbeVerdict{State: ProbeUnreachable, Reasons: []string{}, NotBetter: []ProbeStep{}}
	w := p.chooseWay()
	switch {
	case w == nil:
		v.State, v.Reasons = p.nothingOpen()
	case w.isOpen():
		v.State = ProbeReady
	default:
		v.State, v.Reasons = stateOf(*w), []string{w.Why}
	}
	if w != nil && w.Grade != "" {
		v.Address, v.Grade = w.Address, w.Grade
		v.NotBetter = p.notBetter(*w)
	}
	v.Sentence = sentenceOf(v, w)
	v.Hints = p.hintsFor(v, s)
	return v
}

// chooseWay returns the way that a job would go by the rules of
// docs/delivery.md: the strongest one that is open, unless a stronger one
// refuses in a way that must not lead to a weaker one. It is nil if all are
// closed and none of them decides.
func (p *prober) chooseWay() *ProbeWay {
	for i, w := range p.ways {
		if w.Reason == outcome.ReasonPinMismatch || w.Reason == outcome.ReasonAnother {
			return &p.ways[i]
		}
	}
	for _, protocol := range []string{schemeIPPS, schemeIPP, "raw"} {
		var final *ProbeWay
		for i := range p.ways {
			w := &p.ways[i]
			switch {
			case w.Protocol != protocol:
			case w.isOpen():
				return w
			case !w.next && final == nil:
				final = w
			}
		}
		if final != nil {
			return final
		}
	}
	return nil
}

func stateOf(w ProbeWay) string {
	if slices.Contains(forbiddingReasons, w.Reason) {
		return ProbeForbidden
	}
	return ProbeBlocked
}

// nothingOpen returns the state and the reasons if no way decides.
func (p *prober) nothingOpen() (state string, why []string) {
	state = ProbeUnreachable
	for _, w := range p.ways {
		why = append(why, w.Why)
		switch {
		case w.Reason == outcome.ReasonPlain:
			state = ProbeForbidden
		case state == ProbeUnreachable && w.Reason == ReasonOldTLS, state == ProbeUnreachable && w.Reason == ReasonNotNamed:
			state = ProbeBlocked
		}
	}
	return state, slices.Compact(why)
}

var betterGrades = []directory.Grade{directory.GradePinned, directory.GradeIPPS, directory.GradeIPP}

// notBetter returns each better grade and why a job would not have it.
func (p *prober) notBetter(w ProbeWay) []ProbeStep {
	steps := []ProbeStep{}
	for _, g := range betterGrades {
		if w.Grade.AtLeast(g) {
			break
		}
		steps = append(steps, ProbeStep{g, p.whyNot(g, w)})
	}
	return steps
}

func (p *prober) whyNot(g directory.Grade, w ProbeWay) string {
	switch {
	case g == directory.GradeIPP:
		return p.whyClosed(schemeIPP)
	case w.Protocol != schemeIPPS:
		return p.whyClosed(schemeIPPS)
	case g == directory.GradePinned && p.entry:
		return "The directory has no pin for it."
	case g == directory.GradePinned:
		return "No directory was asked for a pin of its key."
	}
	return "No authority that this computer trusts vouches for its certificate. " + w.TLS.Certificate
}

// whyClosed returns why no way of a protocol is open, by the one that came
// farthest.
func (p *prober) whyClosed(protocol string) string {
	why := "It was not asked by " + protocol + "."
	farthest := -1
	for _, w := range p.ways {
		if w.Protocol == protocol && w.reachedStage() > farthest {
			why, farthest = w.Why, w.reachedStage()
		}
	}
	return why
}

// reachedStage returns how far asking came, from 0.
func (w ProbeWay) reachedStage() int {
	switch {
	case w.Answers:
		return 3
	case w.TLS != nil:
		return 2
	case w.Reason != outcome.ReasonUnreachable:
		return 1
	}
	return 0
}

// sentenceOf returns a verdict as a sentence for a person.
func sentenceOf(v ProbeVerdict, w *ProbeWay) string {
	switch v.State {
	case ProbeUnreachable:
		return "No printer answers."
	case ProbeForbidden:
		return "The directory forbids to send a job there."
	}
	if v.Address == "" {
		return "A job could not go now."
	}
	by := string(v.Grade) + " to " + v.Address + ": " + protection(*w) + "."
	if v.State == ProbeBlocked {
		return "A job could not go now. It would go by " + by
	}
	return "A job would go by " + by
}

func protection(w ProbeWay) string {
	switch {
	case w.Grade == directory.GradePinned:
		return "encrypted, to the key in the directory"
	case w.Grade == directory.GradeIPPS:
		return "encrypted, to a certificate this computer trusts"
	case w.TLS != nil:
		return "encrypted, but to a certificate nobody vouches for"
	case w.Protocol == schemeIPP:
		return "without encryption"
	}
	return "without encryption, and with little known afterwards"
}
