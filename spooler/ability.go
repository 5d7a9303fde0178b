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

// supportsIdentify reports whether Identify-Printer, and with it IPP Everywhere, can be
// offered.
func (p *Printer) supportsIdentify() bool {
	_, ok := p.cfg.Intake.(Identifier)
	return ok
}

// operationSyntax are the operation attributes that this printer goes by.
func (p *Printer) operationSyntax() map[string]attributeSyntax {
	known := maps.Clone(operationAttributes)
	if p.cfg.Passwords {
		maps.Copy(known, passwordAttributes)
	}
	return known
}

// jobTemplates are the job template attributes that this printer goes by.
func (p *Printer) jobTemplates() map[string]templateAttribute {
	known := p.capabilities.allTemplates()
	if !p.supportsHold() {
		delete(known, holdUntil)
	}
	return known
}

// offeredOperations are the operations that this printer has.
func (p *Printer) offeredOperations() map[goipp.Op]operation {
	ops := maps.Clone(operations)
	maps.DeleteFunc(ops, func(_ goipp.Op, o operation) bool { return o.needs != nil && !o.needs(p) })
	return ops
}

// ippFeatures are ipp-features-supported.
func (p *Printer) ippFeatures() []string {
	var f []string
	if p.supportsIdentify() {
		f = append(f, "ipp-everywhere")
	}
	return append(f, "page-overrides", "subscription-object")
}
