package main

import "testing"

// TestQuickDelivery runs part 3 against the real peers: what it must find of
// the scout, and that it finds what is known of the backend.
func TestQuickDelivery(t *testing.T) {
	r := runQuick(t, 3, "ippeveprinter", "dbus-daemon", "ipptool", "ipp", "snmpwalk")
	if want := 6*len(quickPlan.delivered) + 2; len(r.Contests) != want {
		t.Errorf("%d contests, not %d", len(r.Contests), want)
	}
	for _, c := range r.Contests {
		if c.Ours.Median <= 0 || c.Theirs.Median <= 0 || c.Ratio != c.Theirs.Median/c.Ours.Median {
			t.Errorf("a contest that measured nothing: %+v", c)
		}
	}
	if want := 3 * len(troubles) * len(ways) * len(quickPlan.troubled); len(r.Cells) != want {
		t.Errorf("%d cells, not %d", len(r.Cells), want)
	}
	twice := false
	for _, c := range r.Cells {
		if c.Sender == scoutName && (c.Verdict == duplicate || c.Verdict == silentLoss || c.Verdict == falseAlarm) {
			t.Errorf("the scout: %+v", c)
		}
		twice = twice || c.Sender == cupsFile && c.Verdict == duplicate
	}
	if !twice {
		t.Error("the backend of CUPS, which is known to print twice, was never seen to")
	}
	if len(r.Figures) != 4 {
		t.Errorf("figures: %+v", r.Figures)
	}
}
