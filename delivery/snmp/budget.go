package snmp

// Budgets of a full lookup in bytes of UDP payload, both ways: docs/snmp.md.
const (
	fullBudget   = 2300
	fullBudgetV3 = 2100
)

// About what an exchange costs, both ways: without objects, what version 3
// adds to it, an object of a table with a number in it, a line of text.
const (
	frameBytes   = 70
	frameV3Bytes = 220
	cellBytes    = 21
	textBytes    = 80
	levelsBytes  = levelsAtOnce * cellBytes
)

// budgetLeft returns how many bytes of objects another exchange may bring.
func (l *lookup) budgetLeft() int {
	if l.v3 {
		return fullBudgetV3 - l.spent() - frameBytes - frameV3Bytes
	}
	return fullBudget - l.spent() - frameBytes
}
