package spooler

import (
	"maps"

	"github.com/OpenPrinting/goipp"
)

// Identifier is an Intake that can point out this printer to a person.
type Identifier interface {
	// Identify carries out the actions "display", which shows the message and
	// the user's name, and "flash", which catches the eye. It must not wait. Any
	// program of this computer may request it at any time, so it must bound how
	// often it disturbs a person.
	Identify(Identification)
}

// Identification is one Identify-Printer request.
type Identification struct {
	Actions []string
	Message string // clean, at most 127 bytes; may be empty
	User    string // who requests it; clean, at most 255 bytes
	Source  Source // of the user's name
}

// supportsIdentify reports whether Identify-Printer, and with it IPP
// Everywhere, can be offered.
func (p *Printer) supportsIdentify() bool {
	_, ok := p.cfg.Intake.(Identifier)
	return ok
}

// operationSyntax returns the operation attributes that this printer
// understands.
func (p *Printer) operationSyntax() map[string]attributeSyntax {
	known := maps.Clone(operationAttributes)
	if p.cfg.Passwords {
		maps.Copy(known, passwordAttributes)
	}
	return known
}

// jobTemplates returns the job template attributes that this printer supports.
func (p *Printer) jobTemplates() map[string]templateAttribute {
	known := p.capabilities.allTemplates()
	if !p.supportsHold() {
		delete(known, holdUntil)
	}
	return known
}

// offeredOperations returns the operations that this printer supports.
func (p *Printer) offeredOperations() map[goipp.Op]operation {
	ops := maps.Clone(operations)
	maps.DeleteFunc(ops, func(_ goipp.Op, o operation) bool { return o.needs != nil && !o.needs(p) })
	return ops
}

// ippFeatures returns ipp-features-supported.
func (p *Printer) ippFeatures() []string {
	var f []string
	if p.supportsIdentify() {
		f = append(f, "ipp-everywhere")
	}
	return append(f, "page-overrides", "subscription-object")
}
