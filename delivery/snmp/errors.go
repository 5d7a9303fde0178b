package snmp

import "errors"

// Kinds of errors that Look and Count return; docs/snmp.md, Errors.
var (
	// ErrAccess: the Access makes no sense. Nothing was sent.
	ErrAccess = errors.New("wrong snmp access")
	// ErrSilent: no answer. That is no sign that the printer is off: a wrong
	// community and a wrong privacy key are silence too.
	ErrSilent = errors.New("no answer by snmp")
	// ErrRefused: user, key or rights are wrong, says the printer, or the
	// answer was not signed with the key.
	ErrRefused = errors.New("snmp access refused")
	// ErrGarbled: what came is no answer to what was asked.
	ErrGarbled = errors.New("unusable snmp answer")
	// ErrNoPrinter: it answers and has none of a printer's objects.
	ErrNoPrinter = errors.New("no printer objects by snmp")
)
