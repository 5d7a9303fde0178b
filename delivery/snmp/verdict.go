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
	// Code is a keyword of printer-state-reasons (RFC 8011, PWG 5100.9) if there
	// is one; empty with Proceed and if only IPP says that it is stopped.
	Code string
	// Sentences are for a person; the first one gives the reason.
	Sentences []string
}

// IPP is what the printer said of itself by IPP at the same time.
type IPP struct {
	Answered bool
	Stopped  bool // for a reason that needs a person: docs/delivery.md
}

// mayBlock reports whether IPP leaves it to SNMP to block.
func (s IPP) mayBlock() bool { return s.Stopped || !s.Answered }

// Unavailable is the sentence if SNMP says nothing.
const Unavailable = "SNMP says nothing of the printer: status unavailable."

// Verdict applies the table of docs/snmp.md. r is nil if the lookup ended in
// an error.
func (r *Report) Verdict(s IPP) Verdict {
	var v Verdict
	if r == nil {
		v.Sentences = []string{Unavailable}
	} else {
		v = r.weighSignals(s)
	}
	if s.Stopped {
		v.Kind = Block
		v.Sentences = append(v.Sentences, "The printer says by IPP that it is stopped.")
	}
	return v
}

// Rows of the table, in its order: the first one decides.
const (
	rowStopping = iota // down, critical
	rowAnotherTray
	rowAttention
	rowLow
	rowLevel
)

// signal is one thing that speaks against printing.
type signal struct {
	row      int
	kind     Kind
	code     string
	sentence string
}

// weighSignals collects the signals and lets the first row of the table
// decide.
func (r *Report) weighSignals(s IPP) Verdict {
	all := slices.Concat(r.conditionSignals(s), r.alertSignals(s), r.supplySignals())
	slices.SortStableFunc(all, func(a, b signal) int { return a.row - b.row })
	var v Verdict
	for _, one := range all {
		if v.Kind == Proceed {
			v.Kind, v.Code = one.kind, one.code
		}
		v.addSentence(one.sentence)
	}
	if v.Kind == Proceed {
		v.addSentence(r.bareStatus())
	}
	if len(v.Sentences) > 0 && r.Console != "" {
		v.addSentence(displaySentence(r.Console))
	}
	return v
}

// bareStatus returns a sentence for a status that nothing explains, "" if
// there is nothing to say. It does not hold up a job: printers call themselves
// down while they sleep.
func (r *Report) bareStatus() string {
	busy := r.PrinterStatus >= isIdle && r.PrinterStatus <= isWarmingUp
	switch {
	case r.DeviceStatus == isDown:
		return "SNMP calls the printer down, and does not say why."
	case r.DeviceStatus == isWarning || r.DeviceStatus == isTesting || busy:
		return ""
	case r.DeviceStatus == isRunning && r.PrinterStatus != statusUnknown:
		return ""
	}
	return "SNMP does not say how the printer is: status unavailable."
}

// addSentence adds a sentence. One that says the same with the printer's words
// replaces the bare one.
func (v *Verdict) addSentence(sentence string) {
	if sentence == "" {
		return
	}
	for i, s := range v.Sentences {
		if strings.HasPrefix(sentence, s) {
			v.Sentences[i] = sentence
			return
		}
	}
	v.Sentences = append(v.Sentences, sentence)
}

// stoppingConditions are the bits that stop a printer which calls itself down.
var stoppingConditions = []Condition{Jammed, DoorOpen, NoPaper, NoToner, MarkerSupplyMissing, OutputFull, InputTrayMissing, OutputTrayMissing}

func (r *Report) conditionSignals(s IPP) []signal {
	var all []signal
	for _, c := range r.Conditions {
		if c == Offline {
			continue
		}
		one := signal{r.conditionRow(c), Warn, string(c), conditionSentences[c]}
		if one.row == rowStopping && s.mayBlock() {
			one.kind = Block
		}
		all = append(all, one)
	}
	return all
}

func (r *Report) conditionRow(c Condition) int {
	switch {
	case r.DeviceStatus == isDown && slices.Contains(stoppingConditions, c):
		return rowStopping
	case c == NoPaper || c == NoToner || c == InputTrayEmpty:
		return rowAnotherTray
	case slices.Contains(stoppingConditions, c):
		return rowAttention
	}
	return rowLow
}

// alertSignals returns the critical alerts. An empty tray or toner is only a
// warning while the device runs: there may be another tray, another color.
func (r *Report) alertSignals(s IPP) []signal {
	runs := r.DeviceStatus == isRunning || r.DeviceStatus == isWarning
	var all []signal
	for _, a := range r.Alerts {
		code := alertKeywords[a.Code]
		if a.Severity != critical || code == "" {
			continue
		}
		one := signal{rowStopping, Warn, code, alertSentences[code] + quotePrinter(a.Text)}
		switch {
		case runs && (a.Code == inputSupplyEmpty || a.Code == tonerEmpty):
			one.row = rowAnotherTray
		case s.mayBlock():
			one.kind = Block
		}
		all = append(all, one)
	}
	return all
}

func (r *Report) supplySignals() []signal {
	if r.printsLabels() {
		return nil
	}
	var all []signal
	for _, s := range r.Supplies {
		if s.isLow() {
			all = append(all, signal{rowLevel, Warn, s.code(), s.sentence()})
		}
	}
	return all
}

// printsLabels reports whether this prints labels: the levels of their rolls
// mean nothing.
func (r *Report) printsLabels() bool {
	for _, l := range r.Languages {
		if slices.Contains([]string{"ZPL", "ZPLII", "EPL", "EPL2", "TSPL", "DPL", "IPL"}, strings.ToUpper(l)) {
			return true
		}
	}
	model := strings.ToLower(r.Model)
	return strings.Contains(model, "label") || strings.Contains(model, "zebra")
}
