package snmp

import "strconv"

// Objects that are the same for all devices of an agent: RFC 3418, RFC 2863,
// RFC 6933 (ENTITY-MIB), PWG 5107.1 (the 1284 id of its first printer), HP's own.
const (
	sysDescr      = "1.3.6.1.2.1.1.1.0"
	sysUpTime     = "1.3.6.1.2.1.1.3.0"
	sysName       = "1.3.6.1.2.1.1.5.0"
	sysLocation   = "1.3.6.1.2.1.1.6.0"
	ifPhysAddress = "1.3.6.1.2.1.2.2.1.6"
	entFirmware   = "1.3.6.1.2.1.47.1.1.1.1.9.1"
	hrDeviceType  = "1.3.6.1.2.1.25.3.2.1.2"
	typePrinter   = "1.3.6.1.2.1.25.3.1.5" // hrDevicePrinter, a value of hrDeviceType
	pwgID1284     = "1.3.6.1.4.1.2699.1.2.1.2.1.1.3.1"
	hpID1284      = "1.3.6.1.4.1.11.2.3.9.1.1.7.0"
)

// Objects and columns that are followed by the index of the device: RFC 2790
// (host resources), RFC 3805 (printer).
const (
	hrDeviceDescr  = "1.3.6.1.2.1.25.3.2.1.3"
	hrDeviceStatus = "1.3.6.1.2.1.25.3.2.1.5"
	hrStatus       = "1.3.6.1.2.1.25.3.5.1.1"
	hrErrorState   = "1.3.6.1.2.1.25.3.5.1.2"
	prtChanges     = "1.3.6.1.2.1.43.5.1.1.1"
	prtName        = "1.3.6.1.2.1.43.5.1.1.16"
	prtSerial      = "1.3.6.1.2.1.43.5.1.1.17"
	supplyType     = "1.3.6.1.2.1.43.11.1.1.5"
	supplyName     = "1.3.6.1.2.1.43.11.1.1.6"
	supplyUnit     = "1.3.6.1.2.1.43.11.1.1.7"
	supplyMax      = "1.3.6.1.2.1.43.11.1.1.8"
	supplyLevel    = "1.3.6.1.2.1.43.11.1.1.9"
	languageFamily = "1.3.6.1.2.1.43.15.1.1.2"
	alertSeverity  = "1.3.6.1.2.1.43.18.1.1.2"
	alertCode      = "1.3.6.1.2.1.43.18.1.1.7"
	alertText      = "1.3.6.1.2.1.43.18.1.1.8"

	// These two have the marker, or the line, after the device.
	markerLifeCount = "1.3.6.1.2.1.43.10.2.1.4"
	consoleText     = "1.3.6.1.2.1.43.16.5.1.2"
)

// instanceOf returns the name of an object or a column of a device.
func instanceOf(object string, device int) string { return object + "." + strconv.Itoa(device) }

// firstInstanceOf returns the name of the first instance, at a device, of an
// object in a table of its own.
func firstInstanceOf(object string, device int) string { return instanceOf(object, device) + ".1" }
