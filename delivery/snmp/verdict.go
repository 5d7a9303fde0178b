package snmp

import (
	"slices"
	"strings"
)

// Kind is what a verdict comes to.
type Kind int

// Kinds of verdicts.
const (
	Proceed Kind = iota // nothing speaks against it
	Warn                // print, and say what is the matter
	Block               // do not send; the job stays parked
)

func (k Kind) String() string { return [...]string{"proceed", "warn", "block"}[k] }

// Verdict is what a report means for a job that is about to be sent.
type Verdict struct {
	Kind Kind
	// Code is a keyword of printer-state-reasons (RFC 8011, PWG 5100.9) where
	// there is one; empty with Proceed and where only IPP says that it is stopped.
	Code string
	// Sentences are for a person; the first one gives the reason.
	Sentences []string
}

// IPP is what the printer said of itself by IPP at the same time.
type IPP struct {
	Answered bool
	Stopped  bool // for a reason that needs a person: docs/delivery.md
}

// bad says whether IPP leaves it to SNMP to block.
func (s IPP) bad() bool { return s.Stopped || !s.Answered }

// unavailable is the sentence where SNMP says nothing.
const unavailable = "SNMP says nothing of the printer: status unavailable."

// Verdict applies the table of docs/snmp.md. r is nil where the lookup ended
// in an error.
func (r *Report) Verdict(s IPP) Verdict {
	var v Verdict
	if r == nil {
		v.Sentences = []string{unavailable}
	} else {
		v = r.judge(s)
	}
	if s.Stopped {
		v.Kind = Block
		v.Sentences = append(v.Sentences, "The printer says by IPP that it is stopped.")
	}
	return v
}

// judge goes down the rows of the table; each may add, the first decides.
func (r *Report) judge(s IPP) Verdict {
	var v Verdict
	for _, c := range r.Conditions {
		v.add(r.conditionKind(c, s), string(c), conditionSentences[c])
	}
	for _, a := range r.Alerts {
		if code := alertKeywords[a.Code]; a.Severity == critical && code != "" {
			v.add(r.alertKind(a, s), code, alertSentences[code]+quoted(a.Text))
		}
	}
	for _, s := range r.Supplies {
		if s.low() && !r.labels() {
			v.add(Warn, s.code(), s.sentence())
		}
	}
	if v.Kind != Proceed && r.Console != "" {
		v.Sentences = append(v.Sentences, "The printer shows: "+r.Console)
	}
	return v
}

// add adds a signal. A stronger one comes to the front and gives the code.
func (v *Verdict) add(k Kind, code, sentence string) {
	if k == Proceed || slices.Contains(v.Sentences, sentence) {
		return
	}
	if k > v.Kind {
		v.Kind, v.Code = k, code
		v.Sentences = slices.Insert(v.Sentences, 0, sentence)
		return
	}
	v.Sentences = append(v.Sentences, sentence)
}

// stopping are the bits that hold a printer up which calls itself down.
var stopping = []Condition{Jammed, DoorOpen, NoPaper, NoToner, MarkerSupplyMissing, OutputFull, InputTrayMissing, OutputTrayMissing}

func (r *Report) conditionKind(c Condition, s IPP) Kind {
	switch {
	case c == Offline:
		return Proceed
	case r.DeviceStatus == isDown && slices.Contains(stopping, c) && s.bad():
		return Block
	}
	return Warn
}

// alertKind is Warn for an empty tray or toner while the device runs: another
// tray, another colour.
func (r *Report) alertKind(a Alert, s IPP) Kind {
	runs := r.DeviceStatus == isRunning || r.DeviceStatus == isWarning
	if !s.bad() || runs && (a.Code == inputSupplyEmpty || a.Code == tonerEmpty) {
		return Warn
	}
	return Block
}

// labels says whether this prints labels: their rolls' levels mean nothing.
func (r *Report) labels() bool {
	for _, l := range r.Languages {
		if slices.Contains([]string{"ZPL", "ZPLII", "EPL", "EPL2", "TSPL", "DPL", "IPL"}, strings.ToUpper(l)) {
			return true
		}
	}
	model := strings.ToLower(r.Model)
	return strings.Contains(model, "label") || strings.Contains(model, "zebra")
}
