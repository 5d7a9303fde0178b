package snmp

import "slices"

// alertsAtOnce is how many rows are asked for: most printers that are not
// clean have one or two.
const alertsAtOnce = 3

// askAlerts reads the alerts. A steady lookup reads more than the first ones
// only to find what stopped the printer; a full one, as many as its budget
// allows.
func (l *lookup) askAlerts() error {
	d := l.known.deviceIndex()
	columns := []string{instanceOf(alertSeverity, d), instanceOf(alertCode, d), instanceOf(alertText, d)}
	for after := fromStart; len(l.report.Alerts) < maxAlerts; {
		found, end, err := l.source.getRows(alertsAtOnce, after, columns...)
		for _, r := range found[:min(len(found), maxAlerts-len(l.report.Alerts))] {
			l.report.Alerts = append(l.report.Alerts, Alert{
				Severity: smallOf(r.cells[0]), Code: smallOf(r.cells[1]), Text: textOf(r.cells[2], maxText),
			})
		}
		if err != nil || end || l.enoughAlerts() {
			return err
		}
		after = found[len(found)-1].index
	}
	return nil
}

func (l *lookup) enoughAlerts() bool {
	if l.want == Steady {
		explained := slices.ContainsFunc(l.report.Alerts, func(a Alert) bool { return a.Severity == critical })
		return explained || l.report.DeviceStatus != isDown
	}
	const more = alertsAtOnce * (2*cellBytes + textBytes)
	enough := !l.known.Looked && l.budgetLeft() < more+levelsBytes+frameBytes+frameV3Bytes
	if enough {
		l.report.Complete = false
	}
	return enough
}
