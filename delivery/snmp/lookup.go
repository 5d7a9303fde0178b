package snmp

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// objectSource answers questions; it is a session, or a test's.
type objectSource interface {
	// getObjects asks for objects.
	getObjects(names ...string) (objectValues, error)
	// getRows asks for up to n rows of a table after an index, or fromStart.
	getRows(n, after int, columns ...string) (found []row, end bool, err error)
}

// lookup is one lookup: the status first, then as much of the rest as is
// wanted and the budget allows.
type lookup struct {
	source objectSource
	known  *Known
	want   Want
	v1, v3 bool
	spent  func() int // bytes so far

	status objectValues
	report Report
	first  bool  // the first full lookup of this printer
	free   bool  // a part may go beyond the budget
	levels bool  // of supplies have been asked for
	err    error // why it could not go on after the status
}

// askAll asks and fills the report. Only a missing status is an error.
func (l *lookup) askAll() error {
	if err := l.askStatus(); err != nil {
		return err
	}
	l.readStatus()
	l.report.Complete = true
	if !l.isClean() {
		l.tryPart(l.askAlerts)
	}
	if l.wantsLevels() {
		l.tryPart(l.askLevels)
	}
	if l.want == Full {
		l.askRest()
	}
	if l.err != nil {
		l.report.Complete = false
	}
	l.fillReport()
	if errors.Is(l.err, context.Canceled) {
		return l.err
	}
	return nil
}

// tryPart asks for another part unless an earlier one was not answered. An
// answer that cannot be understood costs only its part.
func (l *lookup) tryPart(part func() error) {
	if l.err != nil && !errors.Is(l.err, ErrGarbled) {
		return
	}
	if err := part(); err != nil {
		l.err = err
	}
}

func (l *lookup) askStatus() (err error) {
	l.first = l.want == Full && !l.known.Looked
	if l.status, err = l.source.getObjects(l.statusNames()...); err != nil {
		return err
	}
	if !l.saysPrinter() && l.want == Full {
		if err = l.findDevice(); err != nil && !l.isPrinter() {
			return err
		}
		l.err = err
	}
	if !l.isPrinter() {
		l.report.UpTime = l.status.upTime(sysUpTime)
		return fmt.Errorf("looking at the answers: %w", ErrNoPrinter)
	}
	if l.first && l.err == nil {
		l.tryPart(l.findMarker)
	}
	return nil
}

func (l *lookup) statusNames() []string {
	return append(append([]string{sysUpTime}, l.deviceNames()...), l.printerNames()...)
}

// deviceNames returns the objects that every device has.
func (l *lookup) deviceNames() []string {
	d := l.known.deviceIndex()
	if l.first {
		return []string{instanceOf(hrDeviceStatus, d), instanceOf(hrDeviceDescr, d)}
	}
	return []string{instanceOf(hrDeviceStatus, d)}
}

// printerNames returns the objects that only printers have.
func (l *lookup) printerNames() []string {
	d := l.known.deviceIndex()
	return []string{
		instanceOf(hrStatus, d), instanceOf(hrErrorState, d), instanceOf(prtChanges, d), instanceOf(prtSerial, d), l.known.lifeCount(), firstInstanceOf(consoleText, d),
	}
}

// isPrinter reports whether anything but the up-time came.
func (l *lookup) isPrinter() bool { return l.status.hasAny(l.statusNames()[1:]...) }

// saysPrinter reports whether something came that only printers have.
func (l *lookup) saysPrinter() bool { return l.status.hasAny(l.printerNames()...) }

// findDevice looks for the printer in hrDeviceTable and asks there. If it is
// not found, what came before is kept.
func (l *lookup) findDevice() error {
	const devices = 16
	found, _, err := l.source.getRows(devices, fromStart, hrDeviceType)
	if err != nil {
		return err
	}
	for _, r := range found {
		name, _ := r.cells[0].Value.(string)
		if (name != typePrinter && name != "."+typePrinter) || r.index == l.known.deviceIndex() {
			continue
		}
		before, had := l.known.Device, l.status
		l.known.Device = r.index
		if l.status, err = l.source.getObjects(l.statusNames()...); err != nil || !l.isPrinter() {
			l.known.Device, l.status = before, had
		}
		return err
	}
	return nil
}

// findMarker looks for the page counter of a printer whose first marker does
// not have the index 1.
func (l *lookup) findMarker() error {
	if l.status.hasAny(l.known.lifeCount()) {
		return nil
	}
	found, _, err := l.source.getRows(1, fromStart, instanceOf(markerLifeCount, l.known.deviceIndex()))
	if err != nil || len(found) == 0 {
		return err
	}
	l.known.Marker = found[0].index
	l.status[l.known.lifeCount()] = found[0].cells[0]
	return nil
}

func (l *lookup) readStatus() {
	d, r := l.known.deviceIndex(), &l.report
	serial := l.status.text(instanceOf(prtSerial, d), maxText)
	changes, _ := l.status.number(instanceOf(prtChanges, d))
	if serial != l.known.Serial || changes != l.known.Changes {
		l.known.forgetPrinter(serial, changes)
	}
	r.Serial, r.UpTime = serial, l.status.upTime(sysUpTime)
	r.DeviceStatus, r.PrinterStatus = l.status.small(instanceOf(hrDeviceStatus, d)), l.status.small(instanceOf(hrStatus, d))
	r.Conditions = conditionsIn(bytesOf(l.status[instanceOf(hrErrorState, d)]))
	r.Console = l.status.text(firstInstanceOf(consoleText, d), maxText)
	if n, ok := l.status.number(l.known.lifeCount()); ok && n >= 0 {
		r.LifeCount = &n
	}
	if model := l.status.text(instanceOf(hrDeviceDescr, d), maxText); model != "" {
		l.known.Model = model
	}
}

// isClean reports whether the status leaves no need to read alerts and
// supplies.
func (l *lookup) isClean() bool {
	running := l.report.DeviceStatus == isRunning || l.report.DeviceStatus == isTesting
	return running && len(l.report.Conditions) == 0 && isBytes(l.status[instanceOf(hrErrorState, l.known.deviceIndex())])
}

// wantsLevels reports whether levels are asked for: by a steady lookup, only
// if the status may be about supplies; by the first full one, only if the
// budget still has bytes for them.
func (l *lookup) wantsLevels() bool {
	if l.want == Steady {
		return !l.isClean() && (len(l.report.Conditions) == 0 || slices.ContainsFunc(l.report.Conditions, ofSupplies))
	}
	if !l.known.Looked && l.budgetLeft() < levelsBytes {
		l.report.Complete = false
		return false
	}
	return true
}

func ofSupplies(c Condition) bool {
	return slices.Contains([]Condition{LowToner, NoToner, MarkerSupplyMissing, ServiceRequested, OverdueMaintenance}, c)
}

// Values of hrDeviceStatus, RFC 2790.
const (
	isRunning = 2
	isWarning = 3
	isTesting = 4
	isDown    = 5
)

// Values of hrPrinterStatus, RFC 2790.
const (
	statusUnknown = 2
	isIdle        = 3
	isWarmingUp   = 5
)
