package snmp

import (
	"slices"
	"strings"
	"testing"

	"github.com/printscout/printscout/delivery/simprinter"
)

// everyVersion starts an agent for each version, and gives how it is asked.
func everyVersion(t *testing.T, c simprinter.AgentConfig) map[string]Access {
	t.Helper()
	c.V1, c.V2c = true, true
	a := startAgent(t, c)
	c.V1, c.V2c = false, false
	_, v3 := startV3(t, c)
	return map[string]Access{"1": {Version: "1", Port: a.Port()}, "2c": {Port: a.Port()}, "3": v3}
}

// lookFully looks until nothing is left, a few times at most.
func lookFully(t *testing.T, a Access) (Report, *Known) {
	t.Helper()
	var r Report
	var k *Known
	for range 6 {
		if r, k = mustLook(t, a, k, Full); r.Complete {
			return r, k
		}
	}
	t.Errorf("version %s: not complete: %+v, %+v", a.Version, r, k)
	return r, k
}

func agentState(t *testing.T, name string) simprinter.AgentConfig {
	t.Helper()
	c, err := simprinter.SNMP{State: name}.Agent("S1")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// wantedSupply is what is said of a supply; percent is −1 where nothing is.
type wantedSupply struct {
	name             string
	most, level, pct int
	receptacle       bool
}

func suppliesOf(r Report) (all []wantedSupply) {
	for _, s := range r.Supplies {
		p := -1
		if s.Percent != nil {
			p = *s.Percent
		}
		all = append(all, wantedSupply{s.Name, s.Max, s.Level, p, s.Receptacle})
	}
	return all
}

// TestWhatIsLeftOutCostsThatAlone with every version, and again when all is
// known.
func TestWhatIsLeftOutCostsThatAlone(t *testing.T) {
	want := []wantedSupply{
		{"Black Toner", 12000, 90, 0, false}, {"Cyan Toner", 0, 90, -1, false},
		{"Fuser Unit", 100000, -2, -1, false}, {"Waste Toner Box", 30000, 21000, 70, true},
	}
	for version, access := range everyVersion(t, agentState(t, "gaps")) {
		r, k := lookFully(t, access)
		again, _ := mustLook(t, access, k, Full)
		for _, r := range []Report{r, again} {
			if got := suppliesOf(r); !slices.Equal(got, want) {
				t.Errorf("version %s: %+v", version, got)
			}
		}
		if r.Serial != "" || r.Console != "" || r.Name == "" || r.MAC == "" || r.LifeCount == nil || !slices.Equal(r.Conditions, []Condition{LowToner}) {
			t.Errorf("version %s: %+v", version, r)
		}
		if v := r.Verdict(IPP{}); v.Kind != Warn || !slices.Contains(v.Sentences, "Black Toner: 0 % left.") {
			t.Errorf("version %s: %+v", version, v)
		}
	}
}

// TestEachColumnMayBeMissing: the others are all the same there.
func TestEachColumnMayBeMissing(t *testing.T) {
	for _, column := range []string{supplyType, supplyName, supplyUnit, supplyMax} {
		for version, access := range everyVersion(t, simprinter.AgentConfig{Printer: simprinter.AgentPrinter{Missing: []string{column}}}) {
			r, k := lookFully(t, access)
			if len(r.Supplies) != 9 {
				t.Fatalf("version %s without %s: %+v", version, column, r.Supplies)
			}
			for i, s := range r.Supplies {
				none := map[string]bool{supplyType: s.Type == 0, supplyName: s.Name == "", supplyUnit: s.Unit == 0, supplyMax: s.Max == 0}
				for c, is := range none {
					if is != (c == column) {
						t.Errorf("version %s without %s: %+v", version, column, s)
					}
				}
				if !k.Supplies[i].Named {
					t.Errorf("version %s without %s: asked again: %+v", version, column, k.Supplies[i])
				}
			}
		}
	}
}

// TestSuppliesWithoutLevels are listed, and not asked for again.
func TestSuppliesWithoutLevels(t *testing.T) {
	for version, access := range everyVersion(t, simprinter.AgentConfig{Printer: simprinter.AgentPrinter{Missing: []string{supplyLevel}}}) {
		r, k := lookFully(t, access)
		again, _ := mustLook(t, access, k, Full)
		for _, r := range []Report{r, again} {
			if len(r.Supplies) != 9 || r.Supplies[0].Name == "" || r.Supplies[8].Max != 100 || r.Supplies[8].Level != -2 || r.Supplies[8].Percent != nil {
				t.Errorf("version %s: %+v", version, r.Supplies)
			}
		}
	}
	for version, access := range everyVersion(t, simprinter.AgentConfig{Printer: simprinter.AgentPrinter{Supplies: []simprinter.AgentSupply{}}}) {
		r, k := lookFully(t, access)
		if again, _ := mustLook(t, access, k, Full); len(r.Supplies) != 0 || again.Exchanges != 2 {
			t.Errorf("version %s, no supplies: %+v, %+v", version, r, again)
		}
	}
}

// TestRowsMayBeCountedFrom0: supplies, and alerts, of printers that do.
func TestRowsMayBeCountedFrom0(t *testing.T) {
	c := simprinter.AgentConfig{Printer: simprinter.AgentPrinter{DeviceStatus: 3}, Objects: map[string]any{
		supplyType + ".1.0": 3, supplyName + ".1.0": "Zero", supplyUnit + ".1.0": 19, supplyMax + ".1.0": 100, supplyLevel + ".1.0": 2,
		alertSeverity + ".1.0": 3, alertCode + ".1.0": 8, alertText + ".1.0": "Jam",
	}}
	for version, access := range everyVersion(t, c) {
		r, _ := lookFully(t, access)
		if len(r.Supplies) != 10 || r.Supplies[0].Name != "Zero" || *r.Supplies[0].Percent != 2 || r.Supplies[9].Name == "" || len(r.Alerts) != 1 {
			t.Errorf("version %s: %+v", version, r)
		}
	}
}

// TestAlertsMayHaveGaps, the last of them the one that counts.
func TestAlertsMayHaveGaps(t *testing.T) {
	c := simprinter.AgentConfig{Printer: simprinter.AgentPrinter{
		DeviceStatus: 5, Alerts: []simprinter.AgentAlert{{Severity: 4, Code: 1104, Text: "Low"}, {Severity: 4, Code: 7}, {Severity: 3, Code: 8, Text: "Jam"}, {Severity: 3, Code: 3, Text: "Open"}},
		Missing: []string{alertSeverity + ".1.1", alertCode + ".1.2", alertText + ".1.3"},
	}}
	want := []Alert{{0, 1104, "Low"}, {4, 0, ""}, {3, 8, ""}, {3, 3, "Open"}}
	for version, access := range everyVersion(t, c) {
		if r, _ := lookFully(t, access); !slices.Equal(r.Alerts, want) {
			t.Errorf("version %s: %+v", version, r.Alerts)
		}
	}
	c.Printer.Missing = []string{"1.3.6.1.2.1.43.18.1.1.8", "1.3.6.1.2.1.43.18.1.1.9", "1.3.6.1.2.1.47", "1.3.6.1.4"} // nothing after the codes
	for version, access := range everyVersion(t, c) {
		if r, _ := lookFully(t, access); len(r.Alerts) != 4 || r.Alerts[3] != (Alert{3, 3, ""}) {
			t.Errorf("version %s, no texts: %+v", version, r.Alerts)
		}
	}
}

func TestMakersLevels(t *testing.T) {
	want := []wantedSupply{
		{"Black Toner", 100, -100, 0, false}, {"Cyan Toner", 100, -3, -1, false}, {"Magenta Toner", 100, 20, 20, false},
		{"Yellow Toner", -2, 3, 3, false}, {"Waste Toner Bottle", 100, -2, -1, true},
	}
	for version, access := range everyVersion(t, agentState(t, "maker-levels")) {
		r, _ := lookFully(t, access)
		if got := suppliesOf(r); !slices.Equal(got, want) {
			t.Errorf("version %s: %+v", version, got)
		}
		said := strings.Join(r.Verdict(IPP{}).Sentences, "\n")
		if !strings.Contains(said, "Black Toner: empty or almost empty.") || !strings.Contains(said, "Yellow Toner: 3 % left.") ||
			strings.Contains(said, "Cyan") || strings.Contains(said, "Waste") {
			t.Errorf("version %s: %s", version, said)
		}
	}
	full := Supply{Name: "Waste", Level: levelEmpty, Receptacle: true, Percent: percentOf(0)}
	if !full.isLow() || full.sentence() != "Waste: full or almost full." {
		t.Errorf("%q", full.sentence())
	}
}

// TestAnErrorForOneObjectCostsItAlone, whatever the error is called.
func TestAnErrorForOneObjectCostsItAlone(t *testing.T) {
	for version, access := range everyVersion(t, simprinter.AgentConfig{Temper: simprinter.TemperGenErr}) {
		r, _ := lookFully(t, access)
		if r.Serial == "" || r.Console != "" || r.DeviceStatus != isRunning || len(r.Supplies) != 9 || r.Supplies[0].Name == "" || r.Supplies[0].Unit != 0 || *r.Supplies[0].Percent != 75 {
			t.Errorf("version %s: %+v", version, r)
		}
	}
}

// TestAPrinterThatIsNotTheFirstDevice: what is said of a processor is not said
// of it.
func TestAPrinterThatIsNotTheFirstDevice(t *testing.T) {
	for version, access := range everyVersion(t, agentState(t, "device-3")) {
		r, k := lookFully(t, access)
		if k.Device != 3 || r.Serial != "S1" || r.DeviceStatus != isWarning || len(r.Supplies) != 9 || r.LifeCount == nil || r.Model == "CPU" {
			t.Errorf("version %s: %+v, %+v", version, k, r)
		}
		if r, _ := mustLook(t, access, k, Steady); r.Serial != "S1" || r.DeviceStatus != isWarning {
			t.Errorf("version %s, steady: %+v", version, r)
		}
	}
}

func TestAMarkerThatIsNotTheFirst(t *testing.T) {
	c := simprinter.AgentConfig{
		Printer: simprinter.AgentPrinter{Missing: []string{markerLifeCount + ".1.1"}},
		Objects: map[string]any{markerLifeCount + ".1.4": simprinter.Counter(77)},
	}
	for version, access := range everyVersion(t, c) {
		r, k := lookFully(t, access)
		if r.LifeCount == nil || *r.LifeCount != 77 || k.Marker != 4 {
			t.Errorf("version %s: %+v, %+v", version, k, r)
		}
		if n, err := countWithin(t.Context(), host, access, k, patient); n != 77 || err != nil {
			t.Errorf("version %s: %d, %v", version, n, err)
		}
		if r, _ := mustLook(t, access, k, Steady); r.LifeCount == nil || r.Exchanges != 1 {
			t.Errorf("version %s, steady: %+v", version, r)
		}
	}
}

// TestValuesOfAnotherType are not there.
func TestValuesOfAnotherType(t *testing.T) {
	c := simprinter.AgentConfig{Objects: map[string]any{
		hrDeviceStatus + ".1": "running", hrErrorState + ".1": 4, markerLifeCount + ".1.1": -5, prtSerial + ".1": 12,
		supplyLevel + ".1.1": "many", supplyMax + ".1.2": "lots", supplyName + ".1.3": 3, supplyType + ".1.4": -1,
	}}
	for version, access := range everyVersion(t, c) {
		r, _ := lookFully(t, access)
		if r.DeviceStatus != 0 || len(r.Conditions) != 0 || r.LifeCount != nil || r.Serial != "" || r.Console != "Ready" || len(r.Supplies) != 9 {
			t.Fatalf("version %s: %+v", version, r)
		}
		s := r.Supplies
		if s[0].Level != -2 || s[0].Max != 24000 || s[1].Max != 0 || s[1].Percent != nil || s[1].Name == "" || s[2].Name != "" || s[2].Max == 0 || s[3].Type != 0 || s[3].Percent == nil {
			t.Errorf("version %s: %+v", version, s)
		}
	}
}
