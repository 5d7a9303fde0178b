package spooler

import (
	"maps"

	"github.com/OpenPrinting/goipp"
)

// Identifier is an Intake that can point out this printer to a person.
type Identifier interface {
	// Identify is asked to do the actions, of "display" and "flash": to show
	// the message with the name of whoever asks, and to catch the eye. It must
	// not wait; any program of this computer may ask for it at any time, so it
	// bounds how often it disturbs anybody.
	Identify(Identification)
}

// Identification is one Identify-Printer.
type Identification struct {
	Actions []string
	Message string // clean, at most 127 bytes; may be empty
	User    string // who asks, clean and at most 255 bytes
	Source  Source // of that name
}

// identifies reports whether Identify-Printer, and with it IPP Everywhere, can be
// offered.
func (p *Printer) identifies() bool {
	_, ok := p.cfg.Intake.(Identifier)
	return ok
}

// understood are the operation attributes that this printer goes by.
func (p *Printer) understood() map[string]syntax {
	known := maps.Clone(operationAttributes)
	if p.cfg.Passwords {
		maps.Copy(known, passwordAttributes)
	}
	return known
}

// takes are the job template attributes that this printer goes by.
func (p *Printer) takes() map[string]template {
	known := p.capabilities.templates()
	if !p.holds() {
		delete(known, holdUntil)
	}
	return known
}

// offered are the operations that this printer has.
func (p *Printer) offered() map[goipp.Op]operation {
	ops := maps.Clone(operations)
	maps.DeleteFunc(ops, func(_ goipp.Op, o operation) bool { return o.needs != nil && !o.needs(p) })
	return ops
}

// features are ipp-features-supported.
func (p *Printer) features() []string {
	var f []string
	if p.identifies() {
		f = append(f, "ipp-everywhere")
	}
	return append(f, "page-overrides", "subscription-object")
}
