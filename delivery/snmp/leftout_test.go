package snmp

import (
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"

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

// fully looks until nothing is left, a few times at most.
func fully(t *testing.T, a Access) (Report, *Known) {
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

func state(t *testing.T, name string) simprinter.AgentConfig {
	t.Helper()
	c, err := simprinter.SNMP{State: name}.Agent("S1")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// supplied is what is said of a supply; percent is −1 where nothing is.
type supplied struct {
	name             string
	most, level, pct int
	receptacle       bool
}

func suppliesOf(r Report) (all []supplied) {
	for _, s := range r.Supplies {
		p := -1
		if s.Percent != nil {
			p = *s.Percent
		}
		all = append(all, supplied{s.Name, s.Max, s.Level, p, s.Receptacle})
	}
	return all
}

// TestWhatIsLeftOutCostsThatAlone with every version, and again when all is known.
func TestWhatIsLeftOutCostsThatAlone(t *testing.T) {
	want := []supplied{
		{"Black Toner", 12000, 90, 0, false}, {"Cyan Toner", 0, 90, -1, false},
		{"Fuser Unit", 100000, -2, -1, false}, {"Waste Toner Box", 30000, 21000, 70, true},
	}
	for version, access := range everyVersion(t, state(t, "gaps")) {
		r, k := fully(t, access)
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
			r, k := fully(t, access)
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
		r, k := fully(t, access)
		again, _ := mustLook(t, access, k, Full)
		for _, r := range []Report{r, again} {
			if len(r.Supplies) != 9 || r.Supplies[0].Name == "" || r.Supplies[8].Max != 100 || r.Supplies[8].Level != -2 || r.Supplies[8].Percent != nil {
				t.Errorf("version %s: %+v", version, r.Supplies)
			}
		}
	}
	for version, access := range everyVersion(t, simprinter.AgentConfig{Printer: simprinter.AgentPrinter{Supplies: []simprinter.AgentSupply{}}}) {
		r, k := fully(t, access)
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
		r, _ := fully(t, access)
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
		if r, _ := fully(t, access); !slices.Equal(r.Alerts, want) {
			t.Errorf("version %s: %+v", version, r.Alerts)
		}
	}
	c.Printer.Missing = []string{"1.3.6.1.2.1.43.18.1.1.8", "1.3.6.1.2.1.43.18.1.1.9", "1.3.6.1.2.1.47", "1.3.6.1.4"} // nothing behind the codes
	for version, access := range everyVersion(t, c) {
		if r, _ := fully(t, access); len(r.Alerts) != 4 || r.Alerts[3] != (Alert{3, 3, ""}) {
			t.Errorf("version %s, no texts: %+v", version, r.Alerts)
		}
	}
}

func TestMakersLevels(t *testing.T) {
	want := []supplied{
		{"Black Toner", 100, -100, 0, false}, {"Cyan Toner", 100, -3, -1, false}, {"Magenta Toner", 100, 20, 20, false},
		{"Yellow Toner", -2, 3, 3, false}, {"Waste Toner Bottle", 100, -2, -1, true},
	}
	for version, access := range everyVersion(t, state(t, "maker-levels")) {
		r, _ := fully(t, access)
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
	if !full.low() || full.sentence() != "Waste: full or almost full." {
		t.Errorf("%q", full.sentence())
	}
}

// TestAnErrorForOneObjectCostsItAlone, whatever the error is called.
func TestAnErrorForOneObjectCostsItAlone(t *testing.T) {
	for version, access := range everyVersion(t, simprinter.AgentConfig{Temper: simprinter.TemperGenErr}) {
		r, _ := fully(t, access)
		if r.Serial == "" || r.Console != "" || r.DeviceStatus != isRunning || len(r.Supplies) != 9 || r.Supplies[0].Name == "" || r.Supplies[0].Unit != 0 || *r.Supplies[0].Percent != 75 {
			t.Errorf("version %s: %+v", version, r)
		}
	}
}

// TestAPrinterThatIsNotTheFirstDevice: what is said of a processor is not said of it.
func TestAPrinterThatIsNotTheFirstDevice(t *testing.T) {
	for version, access := range everyVersion(t, state(t, "device-3")) {
		r, k := fully(t, access)
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
		r, k := fully(t, access)
		if r.LifeCount == nil || *r.LifeCount != 77 || k.Marker != 4 {
			t.Errorf("version %s: %+v, %+v", version, k, r)
		}
		if n, err := count(t.Context(), host, access, k, patient); n != 77 || err != nil {
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
		r, _ := fully(t, access)
		if r.DeviceStatus != 0 || len(r.Conditions) != 0 || r.LifeCount != nil || r.Serial != "" || r.Console != "Ready" || len(r.Supplies) != 9 {
			t.Fatalf("version %s: %+v", version, r)
		}
		s := r.Supplies
		if s[0].Level != -2 || s[0].Max != 24000 || s[1].Max != 0 || s[1].Percent != nil || s[1].Name == "" || s[2].Name != "" || s[2].Max == 0 || s[3].Type != 0 || s[3].Percent == nil {
			t.Errorf("version %s: %+v", version, s)
		}
	}
}

// TestAnswersThatComeTwiceOrLate are each the answer to one question.
func TestAnswersThatComeTwiceOrLate(t *testing.T) {
	for name, of := range map[string]func(r *relayed, answer []byte) [][]byte{
		"twice": func(_ *relayed, answer []byte) [][]byte { return [][]byte{answer, answer} },
		"behind the one before": func(r *relayed, answer []byte) [][]byte {
			defer func() { r.kept = [][]byte{answer} }()
			return append(r.kept, answer)
		},
		"on the second try": func(r *relayed, answer []byte) [][]byte {
			if r.kept == nil {
				r.kept = [][]byte{answer}
				return nil
			}
			defer func() { r.kept = nil }()
			return append(r.kept, answer)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := Access{Version: "2c", Port: relay(t, startAgentOK(t).Port(), of)}
			quick := times{try: 200 * time.Millisecond, retries: 100, total: time.Minute}
			r, _, err := look(t.Context(), host, a, nil, Full, quick)
			if err != nil || r.Serial == "" || len(r.Supplies) != 9 || r.Supplies[8].Level != 73 {
				t.Errorf("%+v, %v", r, err)
			}
		})
	}
}

// relayed stands between a lookup and an agent.
type relayed struct{ kept [][]byte }

// relay hands questions on to an agent, and what becomes of its answers back.
func relay(t *testing.T, port int, of func(*relayed, []byte) [][]byte) int {
	t.Helper()
	front, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
	if err != nil {
		t.Fatal(err)
	}
	back, err := net.DialUDP("udp4", nil, &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { front.Close(); back.Close(); <-done })
	go func() {
		defer close(done)
		r, b := &relayed{}, make([]byte, 64<<10)
		for {
			n, from, err := front.ReadFromUDPAddrPort(b)
			if err != nil {
				return
			}
			if _, err := back.Write(b[:n]); err != nil {
				return
			}
			if n, err = back.Read(b); err != nil {
				return
			}
			for _, answer := range of(r, slices.Clone(b[:n])) {
				_, _ = front.WriteToUDPAddrPort(answer, from)
			}
		}
	}()
	return front.LocalAddr().(*net.UDPAddr).Port
}

// answers is a session whose printer answers by a function.
func answers(t *testing.T, version string, answer func(in *gosnmp.SnmpPacket) *gosnmp.SnmpPacket) *session {
	t.Helper()
	s, err := open(t.Context(), host, Access{Version: version, Port: 9}.withDefaults(), Engine{}, patient)
	if err != nil {
		t.Fatal(err)
	}
	s.conn.Conn.Close()
	s.conn.Conn = &scripted{t: t, answer: answer}
	t.Cleanup(s.close)
	return s
}

// scripted is a connection to a printer that answers by a function.
type scripted struct {
	datagrams
	t      *testing.T
	answer func(in *gosnmp.SnmpPacket) *gosnmp.SnmpPacket
	next   []byte
}

func (s *scripted) Write(b []byte) (int, error) {
	in, err := new(gosnmp.GoSNMP).SnmpDecodePacket(b)
	if err != nil {
		s.t.Error(err)
		return len(b), nil
	}
	out := s.answer(in)
	out.Version, out.Community, out.RequestID, out.PDUType = in.Version, in.Community, in.RequestID, gosnmp.GetResponse
	if s.next, err = out.MarshalMsg(); err != nil {
		s.t.Error(err)
	}
	return len(b), nil
}

func (s *scripted) Read(b []byte) (int, error) { return copy(b, s.next), nil }

func (s *scripted) Close() error { return nil }

// told answers a question with 1 for each object.
func told(in *gosnmp.SnmpPacket) *gosnmp.SnmpPacket {
	out := &gosnmp.SnmpPacket{}
	for _, v := range in.Variables {
		out.Variables = append(out.Variables, gosnmp.SnmpPDU{Name: v.Name, Type: gosnmp.Integer, Value: 1})
	}
	return out
}

// TestErrorsAreNarrowedDown to the object that they are about.
func TestErrorsAreNarrowedDown(t *testing.T) {
	names := []string{"1.3.6.1.2.1.1", "1.3.6.1.2.1.2", "1.3.6.1.2.1.3", "1.3.6.1.2.1.4", "1.3.6.1.2.1.5"}
	bad := func(in *gosnmp.SnmpPacket) int {
		return slices.IndexFunc(in.Variables, func(v gosnmp.SnmpPDU) bool { return strings.TrimPrefix(v.Name, ".") == names[2] })
	}
	for name, c := range map[string]struct {
		e     gosnmp.SNMPError
		index bool
	}{
		"noSuchName": {gosnmp.NoSuchName, true}, "genErr": {gosnmp.GenErr, true}, "genErr of none": {gosnmp.GenErr, false},
		"badValue": {gosnmp.BadValue, true}, "tooBig": {gosnmp.TooBig, false}, "noAccess": {gosnmp.NoAccess, true},
		"resourceUnavailable of none": {gosnmp.ResourceUnavailable, false},
	} {
		for _, version := range []string{"1", "2c"} {
			s := answers(t, version, func(in *gosnmp.SnmpPacket) *gosnmp.SnmpPacket {
				i := bad(in)
				if i < 0 {
					return told(in)
				}
				out := told(in)
				if out.Error = c.e; c.index {
					out.ErrorIndex = uint8(i + 1)
				}
				return out
			})
			v, err := s.get(names...)
			if err != nil || len(v) != 4 || v.has(names[2]) || s.conn.asked > 9 {
				t.Errorf("%s, version %s: %v, %v after %d questions", name, version, v, err, s.conn.asked)
			}
		}
	}
}

// TestATableThatIsRefusedInPieces is asked for in smaller ones.
func TestATableThatIsRefusedInPieces(t *testing.T) {
	columns := []string{"1.3.6.1.2.1", "1.3.6.1.2.2", "1.3.6.1.2.3"}
	cell := func(name string) (gosnmp.SnmpPDU, bool) { // of three rows
		name = strings.TrimPrefix(name, ".")
		for i, index := range []string{"", ".1", ".2", ".3"} {
			if name == columns[0]+index || name == columns[1]+index || name == columns[2]+index {
				return gosnmp.SnmpPDU{Name: name[:len(columns[0])] + "." + string(rune('1'+i)), Type: gosnmp.Integer, Value: 1}, i < 3
			}
		}
		return gosnmp.SnmpPDU{}, false
	}
	next := func(in *gosnmp.SnmpPacket) *gosnmp.SnmpPacket {
		out := &gosnmp.SnmpPacket{}
		for _, v := range in.Variables {
			pdu, ok := cell(v.Name)
			if !ok {
				pdu = gosnmp.SnmpPDU{Name: v.Name, Type: gosnmp.EndOfMibView}
			}
			out.Variables = append(out.Variables, pdu)
		}
		return out
	}
	for name, refuse := range map[string]func(in *gosnmp.SnmpPacket) gosnmp.SNMPError{
		"more than one cell is too big": func(in *gosnmp.SnmpPacket) gosnmp.SNMPError {
			if len(in.Variables) > 1 || in.MaxRepetitions > 1 {
				return gosnmp.TooBig
			}
			return gosnmp.NoError
		},
		"no getbulk": func(in *gosnmp.SnmpPacket) gosnmp.SNMPError {
			if in.PDUType == gosnmp.GetBulkRequest {
				return gosnmp.GenErr
			}
			return gosnmp.NoError
		},
	} {
		s := answers(t, "2c", func(in *gosnmp.SnmpPacket) *gosnmp.SnmpPacket {
			if e := refuse(in); e != gosnmp.NoError {
				return &gosnmp.SnmpPacket{Error: e}
			}
			return next(in)
		})
		var all []int
		for after, end := fromStart, false; !end && len(all) < 9; {
			var found []row
			var err error
			if found, end, err = s.rows(5, after, columns...); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for _, r := range found {
				if after = r.index; slices.ContainsFunc(r.cells, func(p gosnmp.SnmpPDU) bool { return !usable(p) }) {
					t.Errorf("%s: row %+v", name, r)
				}
				all = append(all, r.index)
			}
		}
		if !slices.Equal(all, []int{1, 2, 3}) {
			t.Errorf("%s: rows %v", name, all)
		}
	}
}
