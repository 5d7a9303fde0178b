package raw

import (
	"fmt"

	"github.com/printscout/printscout/internal/ipp"
)

const maxWords = 80 // of the printer, in a sentence of ours

// deviceCondition is what a device status says (PJL Technical Reference,
// appendix D).
type deviceCondition struct {
	sentence string // empty if there is nothing to tell a person
	person   bool   // printing waits for a person
	lost     bool   // some of a document does not come out, or comes out wrong
}

// Codes that say more than their class (the thousands), as far as printers of
// different vendors agree.
var deviceConditions = map[int]deviceCondition{
	10007: {sentence: "A job is being canceled at the printer", lost: true},
	30016: {sentence: "The printer had too little memory for a page", lost: true},
	30017: {sentence: "A page was too complex for the printer", lost: true},
	30018: {sentence: "The printer lost some of what it was sent", lost: true},
	30027: {sentence: "The printer lost some of what it was sent", lost: true},
	35037: {sentence: "The printer does not know the language of the document", lost: true},
	40000: {},
	40010: {sentence: "A toner cartridge is missing", person: true},
	40019: {sentence: "An output bin is full", person: true},
	40020: {sentence: "A toner cartridge is missing", person: true},
	40021: {sentence: "A cover is open, or a cartridge is missing", person: true},
	40022: {sentence: "Paper is jammed", person: true},
	40038: {sentence: "Toner is low", person: true},
	40079: {sentence: "The printer was taken offline", person: true},
}

func conditionOf(code int, display string) deviceCondition {
	c, known := deviceConditions[code]
	if !known {
		c = conditionOfClass(code / 1000)
	}
	if c.sentence == "" {
		return c
	}
	if display = ipp.Clean(display, maxWords); display == "" {
		c.sentence = fmt.Sprintf("%s (code %d).", c.sentence, code)
	} else {
		c.sentence = fmt.Sprintf("%s: the printer shows “%s” (code %d).", c.sentence, display, code)
	}
	return c
}

func conditionOfClass(class int) deviceCondition {
	switch class {
	case 20:
		return deviceCondition{sentence: "The printer had too little memory for a page", lost: true}
	case 35:
		return deviceCondition{sentence: "The printer may need a person"}
	case 40:
		return deviceCondition{sentence: "The printer needs a person", person: true}
	case 41:
		return deviceCondition{sentence: "Add paper", person: true}
	case 42, 44:
		return deviceCondition{sentence: "Paper is jammed", person: true}
	case 43:
		return deviceCondition{sentence: "A tray or bin needs a person", person: true}
	case 50:
		return deviceCondition{sentence: "The printer has a fault", person: true}
	}
	return deviceCondition{}
}
