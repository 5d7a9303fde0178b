package simprinter

import "fmt"

// agentStates are what agents of scenarios say of their printers, by name.
var agentStates = map[string]AgentPrinter{
	"":            {},
	"jam":         {DeviceStatus: 5, PrinterStatus: 1, Errors: []byte{0x04}, Console: "Paper jam in tray 1"},
	"paper-empty": {DeviceStatus: 5, PrinterStatus: 1, Errors: []byte{0x40}, Console: "Add paper to tray 1"},
	"toner-low":   {DeviceStatus: 3, PrinterStatus: 3, Errors: []byte{0x20}},
	"offline":     {DeviceStatus: 2, PrinterStatus: 3, Errors: []byte{0x02}},
	"standby":     {DeviceStatus: 2, PrinterStatus: 1},
	"down":        {DeviceStatus: 5, PrinterStatus: 1},
	"unknown":     {DeviceStatus: 1, PrinterStatus: 2},
	"device-3":    {Device: 3, DeviceStatus: 3, Errors: []byte{0x20}},
	"gaps": {DeviceStatus: 3, Errors: []byte{0x20}, Supplies: gapSupplies, Missing: []string{
		"1.3.6.1.2.1.43.5.1.1.17", "1.3.6.1.2.1.43.16", // serial number, display
		"1.3.6.1.2.1.43.11.1.1.4", "1.3.6.1.2.1.43.11.1.1.5", // class and type of supplies
		"1.3.6.1.2.1.43.11.1.1.8.1.2", "1.3.6.1.2.1.43.11.1.1.9.1.3", // a maximum, a level
	}},
	"maker-levels": {DeviceStatus: 3, Errors: []byte{0x20}, Supplies: []AgentSupply{
		{"Black Toner", consumed, 3, percents, 100, -100},
		{"Cyan Toner", consumed, 3, percents, 100, -3},
		{"Magenta Toner", consumed, 3, percents, 100, 20},
		{"Yellow Toner", consumed, 3, percents, -2, 3},
		{"Waste Toner Bottle", filled, 4, percents, 100, -2},
	}},
}

var gapSupplies = []AgentSupply{
	{"Black Toner", 0, 0, units, 12000, 90},
	{"Cyan Toner", 0, 0, units, 0, 90},
	{"Fuser Unit", 0, 0, units, 100000, 0},
	{"Waste Toner Box", 0, 0, units, 30000, 21000},
}

var tempers = []Temper{TemperOK, TemperSilent, TemperSlow, TemperRefuse, TemperGarbage, TemperTooBig, TemperTruncated, TemperWrongID, TemperGenErr}

// Agent returns the configuration of a scenario's agent for StartAgent:
// version 2c, community public.
func (s SNMP) Agent(serial string) (AgentConfig, error) {
	p, known := agentStates[s.State]
	if !known {
		return AgentConfig{}, fmt.Errorf("an agent has no state %q", s.State)
	}
	for _, t := range tempers {
		if string(t) == s.Temper {
			p.Serial = serial
			return AgentConfig{V2c: true, Temper: t, Printer: p}, nil
		}
	}
	return AgentConfig{}, fmt.Errorf("an agent has no temper %q", s.Temper)
}
