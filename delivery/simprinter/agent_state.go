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
}

var tempers = []Temper{TemperOK, TemperSilent, TemperSlow, TemperRefuse, TemperGarbage, TemperTooBig, TemperTruncated, TemperWrongID}

// Agent is what StartAgent wants for the agent of a scenario: version 2c,
// community public.
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
