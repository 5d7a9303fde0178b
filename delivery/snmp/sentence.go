package snmp

import "fmt"

// conditionSentences say what a bit means; offline by itself means nothing.
var conditionSentences = map[Condition]string{
	LowPaper:            "Paper is low.",
	NoPaper:             "A tray is out of paper.",
	LowToner:            "Toner or ink is low.",
	NoToner:             "Toner or ink has run out.",
	DoorOpen:            "A door or cover is open.",
	Jammed:              "Paper is jammed.",
	ServiceRequested:    "The printer asks for service.",
	InputTrayMissing:    "An input tray is missing.",
	OutputTrayMissing:   "An output tray is missing.",
	MarkerSupplyMissing: "A cartridge or another supply is missing.",
	OutputNearFull:      "An output tray is almost full.",
	OutputFull:          "An output tray is full.",
	InputTrayEmpty:      "An input tray is empty.",
	OverdueMaintenance:  "Maintenance is overdue.",
}

// Codes of PrtAlertCodeTC, RFC 3805, that may be another tray's or color's.
const (
	inputSupplyEmpty = 808
	tonerEmpty       = 1101
)

// alertKeywords are the alerts that stop a printer if they are critical.
var alertKeywords = map[int]string{
	3: "cover-open", 5: "interlock-open", 8: "media-jam", 30: "subunit-failure", 501: "door-open",
	801: "input-tray-missing", inputSupplyEmpty: "media-empty", 903: "output-area-full",
	1001: "fuser-under-temp", 1002: "fuser-over-temp", 1003: "fuser-failure", 1004: "fuser-failure",
	tonerEmpty: "toner-empty", 1112: "opc-life-over", 1114: "developer-empty", 1115: "marker-supply-missing",
}

// alertSentences use the words of conditions where these mean the same.
var alertSentences = map[string]string{
	"cover-open":            conditionSentences[DoorOpen],
	"door-open":             conditionSentences[DoorOpen],
	"interlock-open":        "A safety lock is open.",
	"media-jam":             conditionSentences[Jammed],
	"subunit-failure":       "A part of the printer has failed.",
	"input-tray-missing":    conditionSentences[InputTrayMissing],
	"media-empty":           conditionSentences[NoPaper],
	"output-area-full":      conditionSentences[OutputFull],
	"fuser-under-temp":      "The fuser is too cold.",
	"fuser-over-temp":       "The fuser is too hot.",
	"fuser-failure":         "The fuser has failed.",
	"toner-empty":           conditionSentences[NoToner],
	"opc-life-over":         "A drum is at its end.",
	"developer-empty":       "Developer has run out.",
	"marker-supply-missing": conditionSentences[MarkerSupplyMissing],
}

// quotePrinter returns the printer's own words, to follow a sentence.
func quotePrinter(text string) string {
	if text == "" {
		return ""
	}
	return " The printer says “" + text + "”."
}

// displaySentence returns what the printer's display shows.
func displaySentence(text string) string { return "Its display shows “" + text + "”." }

// lowPercent is the level up to which a supply is worth a warning.
const lowPercent = 5

func (s Supply) isLow() bool { return s.Percent != nil && *s.Percent <= lowPercent }

// Values of prtMarkerSuppliesType, RFC 3805, that have keywords of their own.
var supplyKeywords = map[int]string{
	3: "toner-low", 21: "toner-low", 4: "marker-waste-almost-full", 8: "marker-waste-almost-full",
	9: "opc-near-eol", 10: "developer-low",
}

func (s Supply) code() string {
	if k := supplyKeywords[s.Type]; k != "" {
		return k
	}
	return "marker-supply-low"
}

func (s Supply) sentence() string {
	name := s.Name
	if name == "" {
		name = fmt.Sprintf("Supply %d", s.Index)
	}
	switch {
	case s.Level == levelEmpty && s.Receptacle:
		return name + ": full or almost full."
	case s.Level == levelEmpty:
		return name + ": empty or almost empty."
	case s.Receptacle:
		return fmt.Sprintf("%s: almost full, %d %% free.", name, *s.Percent)
	}
	return fmt.Sprintf("%s: %d %% left.", name, *s.Percent)
}
