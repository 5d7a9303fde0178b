package snmp

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// source answers questions; a session, or a test.
type source interface {
	// get asks for objects.
	get(names ...string) (values, error)
	// rows asks for up to n rows of a table behind an index, 0 for its beginning.
	rows(n, after int, columns ...string) (found []row, end bool, err error)
}

// lookup is one lookup: the status first, the rest as far as it is wanted and
// goes into the budget.
type lookup struct {
	source source
	known  *Known
	want   Want
	v1, v3 bool
	spent  func() int // bytes so far

	status values
	report Report
	first  bool  // the first full lookup of this printer
	free   bool  // a part may go beyond the budget
	err    error // why it could not go on after the status
}

// run asks and fills the report. Only a status that could not be had is an error.
func (l *lookup) run() error {
	if err := l.askStatus(); err != nil {
		return err
	}
	l.readStatus()
	l.report.Complete = true
	if !l.clean() {
		l.try(l.askAlerts)
	}
	if l.wantsLevels() {
		l.try(l.askLevels)
	}
	if l.want == Full {
		l.askRest()
	}
	if l.err != nil {
		l.report.Complete = false
	}
	l.fill()
	if errors.Is(l.err, context.Canceled) {
		return l.err
	}
	return nil
}

// try goes on to another part unless one has failed.
func (l *lookup) try(part func() error) {
	if l.err == nil {
		l.err = part()
	}
}

func (l *lookup) askStatus() (err error) {
	l.first = l.want == Full && !l.known.Looked
	if l.status, err = l.source.get(l.statusNames()...); err != nil {
		return err
	}
	if l.isPrinter() || l.want != Full {
		return l.checkPrinter()
	}
	if err := l.findDevice(); err != nil {
		return err
	}
	return l.checkPrinter()
}

func (l *lookup) statusNames() []string {
	d := l.known.device()
	names := []string{
		sysUpTime, of(hrDeviceStatus, d), of(hrStatus, d), of(hrErrorState, d), of(prtChanges, d), of(prtSerial, d),
		firstOf(markerLifeCount, d), firstOf(consoleText, d),
	}
	if l.first {
		names = append(names, of(hrDeviceDescr, d))
	}
	return names
}

// isPrinter says whether anything but the time since the start came.
func (l *lookup) isPrinter() bool { return l.status.has(l.statusNames()[1:]...) }

func (l *lookup) checkPrinter() error {
	if l.isPrinter() {
		return nil
	}
	l.report.UpTime = l.status.upTime(sysUpTime)
	return fmt.Errorf("looking at the answers: %w", ErrNoPrinter)
}

// findDevice looks where the printer is in hrDeviceTable and asks there.
func (l *lookup) findDevice() error {
	const devices = 16
	found, _, err := l.source.rows(devices, 0, hrDeviceType)
	if err != nil {
		return err
	}
	for _, r := range found {
		name, _ := r.cells[0].Value.(string)
		if (name == typePrinter || name == "."+typePrinter) && r.index != l.known.device() {
			l.known.Device = r.index
			l.status, err = l.source.get(l.statusNames()...)
			return err
		}
	}
	return nil
}

func (l *lookup) readStatus() {
	d, r := l.known.device(), &l.report
	serial := l.status.text(of(prtSerial, d), maxText)
	changes, _ := l.status.number(of(prtChanges, d))
	if serial != l.known.Serial || changes != l.known.Changes {
		l.known.forget(serial, changes)
	}
	r.Serial, r.UpTime = serial, l.status.upTime(sysUpTime)
	r.DeviceStatus, r.PrinterStatus = l.status.small(of(hrDeviceStatus, d)), l.status.small(of(hrStatus, d))
	r.Conditions = conditions(bytesOf(l.status[of(hrErrorState, d)]))
	r.Console = l.status.text(firstOf(consoleText, d), maxText)
	if n, ok := l.status.number(firstOf(markerLifeCount, d)); ok && n >= 0 {
		r.LifeCount = &n
	}
	if model := l.status.text(of(hrDeviceDescr, d), maxText); model != "" {
		l.known.Model = model
	}
}

// clean says that the status asks for no look at alerts and supplies.
func (l *lookup) clean() bool {
	running := l.report.DeviceStatus == isRunning || l.report.DeviceStatus == isTesting
	return running && len(l.report.Conditions) == 0 && l.status.has(of(hrErrorState, l.known.device()))
}

// wantsLevels: a steady lookup, only where it may be supplies that the status
// speaks of; a first full one, only where the budget still has bytes for them.
func (l *lookup) wantsLevels() bool {
	if l.want == Steady {
		return !l.clean() && (len(l.report.Conditions) == 0 || slices.ContainsFunc(l.report.Conditions, ofSupplies))
	}
	if !l.known.Looked && l.left() < levelsBytes {
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
