package simprinter

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// AgentPrinter is what an agent says of its printer. The zero value is an idle
// color printer with a scanner and nine supplies.
type AgentPrinter struct {
	Model, Name, Serial, Location, Console, ID1284 string

	DeviceStatus  int    // hrDeviceStatus; 2, running
	PrinterStatus int    // hrPrinterStatus; 3, idle
	Errors        []byte // hrPrinterDetectedErrorState; one byte without bits
	LifeCount     int
	Changes       int // prtGeneralConfigChanges
	MAC           []byte
	// Supplies are the rows of prtMarkerSuppliesTable; nil is nine of them.
	Supplies []AgentSupply
	Alerts   []AgentAlert
	Families []int // prtInterpreterLangFamily; PCL, PJL, PS, PCLXL, PDF
	// Device is its index in hrDeviceTable; 0 is 1. Before it is a processor.
	Device int
	// Missing are objects, columns and tables that it leaves out.
	Missing []string
}

// AgentSupply is a row of prtMarkerSuppliesTable (RFC 3805).
type AgentSupply struct {
	Name             string
	Class, Type      int // prtMarkerSuppliesClass: 3 consumed, 4 filled; -Type
	Unit, Max, Level int
}

// AgentAlert is a row of prtAlertTable (RFC 3805).
type AgentAlert struct {
	Severity, Group, Code int
	Text                  string
}

// What types and units of supplies are called in RFC 3805.
const (
	consumed, filled = 3, 4
	units            = 7  // impressions
	percents         = 19 // of a hundred
)

var usualSupplies = []AgentSupply{
	{"Black Toner Cartridge", consumed, 21, units, 24000, 18100},
	{"Cyan Toner Cartridge", consumed, 21, units, 18000, 9000},
	{"Magenta Toner Cartridge", consumed, 21, units, 18000, 12500},
	{"Yellow Toner Cartridge", consumed, 21, units, 18000, 4100},
	{"Waste Toner Box", filled, 4, units, 30000, 21000},
	{"Drum Unit", consumed, 9, units, 60000, 44000},
	{"Transfer Belt Unit", consumed, 20, units, 100000, 81000},
	{"Fuser Unit", consumed, 15, units, 150000, 120000},
	{"Document Feeder Kit", consumed, 1, percents, 100, 73},
}

func (p AgentPrinter) withDefaults() AgentPrinter {
	p.Model = cmp.Or(p.Model, "Software Printer Color MFP 4000")
	p.Name = cmp.Or(p.Name, "software-printer")
	p.Serial = cmp.Or(p.Serial, "SOFT000001")
	p.Location = cmp.Or(p.Location, "2nd floor, next to the kitchen")
	p.Console = cmp.Or(p.Console, "Ready")
	p.ID1284 = cmp.Or(p.ID1284, "MFG:Software;MDL:"+p.Model+";CMD:PDF,PS,PCL,PCLXL,PJL,URF;CLS:PRINTER;SN:"+p.Serial+";")
	p.DeviceStatus, p.PrinterStatus = cmp.Or(p.DeviceStatus, 2), cmp.Or(p.PrinterStatus, 3)
	if p.Errors == nil {
		p.Errors = []byte{0}
	}
	if p.MAC == nil {
		p.MAC = []byte{0x02, 0x00, 0x5e, 0x10, 0x20, 0x30}
	}
	if p.Supplies == nil {
		p.Supplies = usualSupplies
	}
	if p.Families == nil {
		p.Families = []int{3, 5, 6, 47, 54}
	}
	return p
}

// buildObjects returns the objects that office printers have, as far as they
// are asked for: RFC 1213, RFC 2790, RFC 3805, PWG 5107.1.
func (p AgentPrinter) buildObjects() (agentObjects, error) {
	p = p.withDefaults()
	all := map[string]any{
		"1.3.6.1.2.1.1.1.0": p.Model + " Network Interface, firmware 2.41",
		"1.3.6.1.2.1.1.2.0": ObjectID("1.3.6.1.4.1.32473.1"), // RFC 5612: for examples
		"1.3.6.1.2.1.1.3.0": Ticks(8640000), "1.3.6.1.2.1.1.5.0": p.Name, "1.3.6.1.2.1.1.6.0": p.Location,
		"1.3.6.1.2.1.2.2.1.2.1": "lo", "1.3.6.1.2.1.2.2.1.6.1": "",
		"1.3.6.1.2.1.2.2.1.2.2": "eth0", "1.3.6.1.2.1.2.2.1.6.2": p.MAC,
		"1.3.6.1.2.1.25.3.2.1.2.1": ObjectID("1.3.6.1.2.1.25.3.1.5"), "1.3.6.1.2.1.25.3.2.1.3.1": p.Model,
		"1.3.6.1.2.1.25.3.2.1.5.1": p.DeviceStatus, "1.3.6.1.2.1.25.3.5.1.1.1": p.PrinterStatus,
		"1.3.6.1.2.1.25.3.5.1.2.1": p.Errors,
		"1.3.6.1.2.1.43.5.1.1.1.1": Counter(p.Changes), "1.3.6.1.2.1.43.5.1.1.16.1": p.Name,
		"1.3.6.1.2.1.43.5.1.1.17.1":        p.Serial,
		"1.3.6.1.2.1.43.10.2.1.4.1.1":      Counter(p.LifeCount),
		"1.3.6.1.2.1.43.16.5.1.2.1.1":      p.Console,
		"1.3.6.1.2.1.47.1.1.1.1.9.1":       "2.41",
		"1.3.6.1.4.1.2699.1.2.1.2.1.1.3.1": p.ID1284,
	}
	for i, f := range p.Families {
		all[fmt.Sprintf("1.3.6.1.2.1.43.15.1.1.2.1.%d", i+1)] = f
	}
	for i, s := range p.Supplies {
		maps.Copy(all, s.rowObjects(i+1))
	}
	for i, a := range p.Alerts {
		maps.Copy(all, a.rowObjects(i+1))
	}
	if p.Device > 1 {
		all = movedTo(p.Device, all)
	}
	var o agentObjects
	for name, value := range all {
		if slices.ContainsFunc(p.Missing, func(left string) bool { return name == left || strings.HasPrefix(name, left+".") }) {
			continue
		}
		if err := o.setObject(name, value); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// movedTo gives the objects of a printer that is device 1 another device's
// index, which follows the column in all tables of devices and printers.
func movedTo(device int, all map[string]any) map[string]any {
	const at = 11 // 1.3.6.1.2.1.43.TABLE.ENTRY.1.COLUMN
	out := map[string]any{
		"1.3.6.1.2.1.25.3.2.1.2.1": ObjectID("1.3.6.1.2.1.25.3.1.3"),
		"1.3.6.1.2.1.25.3.2.1.3.1": "CPU", "1.3.6.1.2.1.25.3.2.1.5.1": 2,
	}
	for name, value := range all {
		if strings.HasPrefix(name, "1.3.6.1.2.1.25.") || strings.HasPrefix(name, "1.3.6.1.2.1.43.") {
			parts := strings.Split(name, ".")
			parts[at] = strconv.Itoa(device)
			name = strings.Join(parts, ".")
		}
		out[name] = value
	}
	return out
}

func (s AgentSupply) rowObjects(index int) map[string]any {
	column := func(c int) string { return fmt.Sprintf("1.3.6.1.2.1.43.11.1.1.%d.1.%d", c, index) }
	return map[string]any{
		column(2): 1, column(3): index, column(4): s.Class, column(5): s.Type,
		column(6): s.Name, column(7): s.Unit, column(8): s.Max, column(9): s.Level,
	}
}

func (a AgentAlert) rowObjects(index int) map[string]any {
	column := func(c int) string { return fmt.Sprintf("1.3.6.1.2.1.43.18.1.1.%d.1.%d", c, index) }
	return map[string]any{
		column(2): a.Severity, column(3): 4, column(4): a.Group, column(5): 1, column(6): 1,
		column(7): a.Code, column(8): a.Text, column(9): Ticks(100),
	}
}
