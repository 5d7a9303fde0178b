package raw

import (
	"fmt"

	"github.com/printscout/printscout/internal/ipp"
)

const maxWords = 80 // of the printer, in a sentence of ours

// condition is what a device status says (PJL Technical Reference,
// appendix D).
type condition struct {
	sentence string // empty where there is nothing to tell a person
	person   bool   // printing waits for somebody
}

// Codes that say more than the hundred they stand in, as far as printers of
// different makers agree.
var conditions = map[int]condition{
	40000: {},
	40010: {"A toner cartridge is missing", true},
	40019: {"An output bin is full", true},
	40020: {"A toner cartridge is missing", true},
	40021: {"A cover is open, or a cartridge is missing", true},
	40022: {"Paper is jammed", true},
	40038: {"Toner is low", true},
	40079: {"The printer was taken offline", true},
}

func conditionOf(code int, display string) condition {
	c, known := conditions[code]
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

func conditionOfClass(class int) condition {
	switch class {
	case 35:
		return condition{"The printer may need somebody", false}
	case 40:
		return condition{"The printer needs somebody", true}
	case 41:
		return condition{"Add paper", true}
	case 42, 44:
		return condition{"Paper is jammed", true}
	case 43:
		return condition{"A tray or bin needs somebody", true}
	case 50:
		return condition{"The printer has a fault", true}
	}
	return condition{}
}
