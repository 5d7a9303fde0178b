package snmp

import "time"

// Report is what a printer says of itself. What it does not say is empty, 0 or
// nil.
type Report struct {
	Model    string // hrDeviceDescr
	Name     string // prtGeneralPrinterName, else sysName
	Serial   string // prtGeneralSerialNumber
	Firmware string // entPhysicalFirmwareRev, else sysDescr, where vendors put versions
	MAC      string // of the first interface that has one, 00:11:22:33:44:55
	Location string // sysLocation
	Console  string // the first line of the display

	DeviceStatus  int // hrDeviceStatus: 2 running, 3 warning, 4 testing, 5 down
	PrinterStatus int // hrPrinterStatus: 1 other, 3 idle, 4 printing, 5 warming up
	// Conditions are the bits of hrPrinterDetectedErrorState, in their order.
	Conditions []Condition
	LifeCount  *int64 // prtMarkerLifeCount, in the marker's units, mostly impressions
	UpTime     time.Duration
	Alerts     []Alert
	Supplies   []Supply
	ID1284     string   // IEEE 1284 device id
	Languages  []string // by the 1284 id, else prtInterpreterLangFamily: PCL, PS, PDF, …

	// Version is what answered: 1, 2c, 3.
	Version string
	// Complete means that nothing wanted is left to another lookup.
	Complete bool
	// Sent and Received are bytes of UDP payload, Exchanges datagrams sent,
	// all of them with those of attempts that failed.
	Sent, Received, Exchanges int
}

// Alert is a row of prtAlertTable.
type Alert struct {
	Severity int    // prtAlertSeverityLevel: 3 critical, 4 warning, 5 warning that ends by itself
	Code     int    // prtAlertCode
	Text     string // the printer's own words
}

// critical is the severity that stops the printer, by RFC 3805.
const critical = 3

// Supply is a row of prtMarkerSuppliesTable: toner, drum, waste bottle, …
type Supply struct {
	Index int
	Type  int    // prtMarkerSuppliesType; 0 if it has not been asked
	Name  string // empty if it has not been asked
	Unit  int    // prtMarkerSuppliesSupplyUnit
	Max   int    // in units; −1 no limit, −2 unknown, 0 not told
	Level int    // in units; −1 no limit, −2 unknown, −3 some, −100 (nearly) empty or, of a receptacle, full
	// Percent is what is left or, of a receptacle, free; nil if it cannot be
	// said.
	Percent *int
	// Receptacle takes waste.
	Receptacle bool
}

// Condition is a bit of hrPrinterDetectedErrorState, by the keyword of
// printer-state-reasons if there is one.
type Condition string

// The bits, in their order, as of RFC 2790.
const (
	LowPaper            Condition = "media-low"
	NoPaper             Condition = "media-empty"
	LowToner            Condition = "toner-low"
	NoToner             Condition = "toner-empty"
	DoorOpen            Condition = "door-open"
	Jammed              Condition = "media-jam"
	Offline             Condition = "offline"
	ServiceRequested    Condition = "service-requested"
	InputTrayMissing    Condition = "input-tray-missing"
	OutputTrayMissing   Condition = "output-tray-missing"
	MarkerSupplyMissing Condition = "marker-supply-missing"
	OutputNearFull      Condition = "output-area-almost-full"
	OutputFull          Condition = "output-area-full"
	InputTrayEmpty      Condition = "input-tray-empty"
	OverdueMaintenance  Condition = "maintenance-overdue"
)

var conditionBits = []Condition{
	LowPaper, NoPaper, LowToner, NoToner, DoorOpen, Jammed, Offline, ServiceRequested,
	InputTrayMissing, OutputTrayMissing, MarkerSupplyMissing, OutputNearFull, OutputFull, InputTrayEmpty, OverdueMaintenance,
}

// conditionsIn returns the conditions of the bits, first bit first. Printers
// send 0, 1, 2 or more bytes.
func conditionsIn(state []byte) []Condition {
	var all []Condition
	for i, c := range conditionBits {
		if at := i / 8; at < len(state) && state[at]&(0x80>>(i%8)) != 0 {
			all = append(all, c)
		}
	}
	return all
}
