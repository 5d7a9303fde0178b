package snmp

import "errors"

// Kinds of errors that Look and Count return; docs/snmp.md, Errors.
var (
	// ErrAccess means that the Access makes no sense. Nothing was sent.
	ErrAccess = errors.New("wrong snmp access")
	// ErrSilent means no answer. The printer need not be off: a wrong community
	// and a wrong privacy key cause silence too.
	ErrSilent = errors.New("no answer by snmp")
	// ErrRefused means that the printer calls the user, key or rights wrong, or
	// that the answer was not signed with the key.
	ErrRefused = errors.New("snmp access refused")
	// ErrGarbled means that what came does not answer what was asked.
	ErrGarbled = errors.New("unusable snmp answer")
	// ErrNoPrinter means that it answers and has none of a printer's objects.
	ErrNoPrinter = errors.New("no printer objects by snmp")
)
