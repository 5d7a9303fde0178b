package snmp

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"
)

// TestConditionsOfAnyLength: printers send no byte, one, two or more.
func TestConditionsOfAnyLength(t *testing.T) {
	for state, want := range map[string][]Condition{
		"": nil, "\x00": nil, "\x00\x00": nil, "\x01": {ServiceRequested},
		"\x04": {Jammed}, "\xc0": {LowPaper, NoPaper}, "\x08\x04": {DoorOpen, InputTrayEmpty}, "\x00\x80": {InputTrayMissing},
		"\x00\x01": nil, "\x02\x00\xff\xff": {Offline},
		"\x00\x7e": {OutputTrayMissing, MarkerSupplyMissing, OutputNearFull, OutputFull, InputTrayEmpty, OverdueMaintenance},
	} {
		if got := conditionsIn([]byte(state)); !slices.Equal(got, want) {
			t.Errorf("%x: %v, not %v", state, got, want)
		}
	}
}

func TestTextsAreCleanedAndCut(t *testing.T) {
	for in, want := range map[string]string{
		"Ready": "Ready", " Ready \x00\x00": "Ready", "a\x1b[31mb\r\n": "a[31mb", "caf\xe9": "caf", "x\u202ey": "xy",
		strings.Repeat("é", 200): strings.Repeat("é", 127),
	} {
		if got := textOf(gosnmp.SnmpPDU{Type: gosnmp.OctetString, Value: []byte(in)}, maxText); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
	if got := textOf(gosnmp.SnmpPDU{Type: gosnmp.Integer, Value: 3}, maxText); got != "" {
		t.Errorf("a number: %q", got)
	}
}

func TestNumbersAreBounded(t *testing.T) {
	v := objectValues{
		"int": {Type: gosnmp.Integer, Value: -1}, "u64": {Type: gosnmp.Counter64, Value: uint64(math.MaxUint64)},
		"uint": {Type: gosnmp.Counter32, Value: uint(7)}, "ticks": {Type: gosnmp.TimeTicks, Value: uint32(math.MaxUint32)},
		"text": {Type: gosnmp.OctetString, Value: []byte("7")}, "big": {Type: gosnmp.Integer, Value: math.MaxInt64},
	}
	if n, ok := v.number("u64"); !ok || n != math.MaxInt64 {
		t.Errorf("u64: %d, %v", n, ok)
	}
	if n, ok := v.number("text"); ok {
		t.Errorf("text: %d", n)
	}
	if v.small("int") != 0 || v.small("big") != 0 || v.small("uint") != 7 {
		t.Errorf("small: %d, %d, %d", v.small("int"), v.small("big"), v.small("uint"))
	}
	if d := v.upTime("ticks"); d < 497*24*time.Hour || d > 498*24*time.Hour || v.upTime("int") != 0 {
		t.Errorf("up time: %s", d)
	}
	v["unsigned"] = gosnmp.SnmpPDU{Type: gosnmp.Gauge32, Value: uint(math.MaxUint32 - 2)}
	for name, want := range map[string]int{"big": levelUnknown, "int": -1, "text": levelUnknown, "unsigned": -3, "none": levelUnknown, "u64": levelUnknown} {
		if got := int32Of(v[name], levelUnknown); got != want {
			t.Errorf("level %s: %d", name, got)
		}
	}
}

func TestPercent(t *testing.T) {
	const no = -1
	for _, c := range []struct{ level, most, unit, want int }{
		{50, 200, 7, 25}, {0, 100, 7, 0}, {300, 200, 7, 100}, {73, -2, 7, 73}, {101, -2, 7, no}, {73, -1, 19, 73},
		{-3, 100, 7, no}, {-2, 100, 7, no}, {-1, 100, 7, no}, {5, 0, 7, no}, {math.MaxInt32, math.MaxInt32, 7, 100}, {5, -1, 7, no},
		{-100, 100, 19, 0}, {-100, -2, 7, 0}, {-100, 12000, 7, 0}, {-4, 100, 19, no}, {-1000, 100, 19, no}, // makers' own
		{90, 12000, 7, 0}, {90, 12000, 19, 90}, {9000, 12000, 19, 75}, {80, 1, 19, 80}, {40, 50, 19, 80}, {150, 100, 19, 100},
		{90, 0, 0, no}, {0, 0, 0, no}, {90, 0, 19, 90}, {0, -2, 7, 0}, {0, -2, 19, 0}, {50, -2, 19, 50}, {101, -1, 19, no},
	} {
		got := no
		if p := percentLeft(c.level, c.most, c.unit); p != nil {
			got = *p
		}
		if got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
}

// TestTablesEndWhereTheyDo: GETBULK runs past the end, and printers lie.
func TestTablesEndWhereTheyDo(t *testing.T) {
	pdu := func(name string) gosnmp.SnmpPDU {
		return gosnmp.SnmpPDU{Name: "." + name, Type: gosnmp.Integer, Value: 1}
	}
	none := func(name string) gosnmp.SnmpPDU {
		return gosnmp.SnmpPDU{Name: "." + name, Type: gosnmp.NoSuchInstance}
	}
	columns := []string{"1.2.7", "1.2.8"}
	for name, c := range map[string]struct {
		vars  []gosnmp.SnmpPDU
		after int
		want  []int
		end   bool
	}{
		"more":           {[]gosnmp.SnmpPDU{pdu("1.2.7.1"), pdu("1.2.8.1"), pdu("1.2.7.4"), pdu("1.2.8.4")}, 0, []int{1, 4}, false},
		"past the end":   {[]gosnmp.SnmpPDU{pdu("1.2.7.1"), pdu("1.2.8.1"), pdu("1.2.8.1"), pdu("1.2.9.1")}, 0, []int{1}, true},
		"not increasing": {[]gosnmp.SnmpPDU{pdu("1.2.7.3"), pdu("1.2.8.3")}, 3, nil, true},
		"a hole":         {[]gosnmp.SnmpPDU{pdu("1.2.7.1"), pdu("1.2.8.2"), pdu("1.2.7.2"), pdu("1.2.8.3")}, 0, []int{1, 2}, false},
		"a prefix":       {[]gosnmp.SnmpPDU{pdu("1.2.77.1"), pdu("1.2.8.1")}, 0, []int{1}, false},
		"out of order":   {[]gosnmp.SnmpPDU{pdu("1.2.7.9"), pdu("1.2.8.9"), pdu("1.2.7.4"), pdu("1.2.8.4")}, 3, []int{4, 9}, false},
		"two indices":    {[]gosnmp.SnmpPDU{pdu("1.2.7.1.1"), pdu("1.2.8.1.1")}, 0, nil, true},
		"half a row":     {[]gosnmp.SnmpPDU{pdu("1.2.7.1")}, 0, []int{1}, false},
		"nothing":        {nil, 0, nil, true},
		"from 0":         {[]gosnmp.SnmpPDU{pdu("1.2.7.0"), pdu("1.2.8.0"), pdu("1.2.7.1"), pdu("1.2.8.1")}, fromStart, []int{0, 1}, false},
		"a column less":  {[]gosnmp.SnmpPDU{pdu("1.2.8.1"), pdu("1.2.8.1"), pdu("1.2.8.2"), pdu("1.2.8.2"), pdu("1.2.8.3"), pdu("1.2.9.1")}, 0, []int{1, 2}, true},
		"a column ahead": {[]gosnmp.SnmpPDU{pdu("1.2.7.1"), pdu("1.2.8.5"), pdu("1.2.7.2"), pdu("1.2.8.6"), pdu("1.2.7.3"), pdu("1.2.8.7")}, 0, []int{1, 2, 3}, false},
		"a cell less":    {[]gosnmp.SnmpPDU{pdu("1.2.7.1"), none("1.2.8.1"), none("1.2.7.2"), pdu("1.2.8.2")}, 0, []int{1, 2}, false},
		"a row less":     {[]gosnmp.SnmpPDU{none("1.2.7.1"), none("1.2.8.1"), pdu("1.2.7.2"), pdu("1.2.8.2")}, 0, []int{2}, false},
		"a large index":  {[]gosnmp.SnmpPDU{pdu("1.2.7.2000000000"), pdu("1.2.8.2000000000")}, 0, []int{2000000000}, false},
		"end of view":    {[]gosnmp.SnmpPDU{{Name: ".1.2.7.1", Type: gosnmp.EndOfMibView}}, 0, nil, true},
	} {
		table := newTablePart(columns, c.after)
		table.addVariables(c.vars)
		found, end := table.wholeRows()
		var got []int
		for _, r := range found {
			got = append(got, r.index)
		}
		if !slices.Equal(got, c.want) || end != c.end {
			t.Errorf("%s: %v, %v", name, got, end)
		}
	}
}

func TestKnownSurvivesJSON(t *testing.T) {
	_, access := startV3Quiet(t)
	var k *Known
	for range 4 {
		_, k = mustLook(t, access, k, Full)
	}
	b, err := json.Marshal(k)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(b), v3Key) || strings.Contains(string(b), v3Seal) {
		t.Errorf("a key is in %s", b)
	}
	var again Known
	if err := json.Unmarshal(b, &again); err != nil {
		t.Fatal(err)
	}
	r, _ := mustLook(t, access, &again, Full)
	if r.Exchanges != 2 || !r.Complete || r.Supplies[0].Name == "" || r.MAC == "" {
		t.Errorf("%+v", r)
	}
}

func TestKnownThatMakesNoSenseIsNotUsed(t *testing.T) {
	now := time.Now()
	many := make([]KnownSupply, maxSupplies+1)
	for i := range many {
		many[i].Index = i + 1
	}
	k := &Known{
		Version: "9", Context: "elsewhere", Device: -4, Model: "a\x1bb", Supplies: many,
		Engine: &Engine{ID: strings.Repeat("00", 33), At: now}, Families: make([]int, 100),
	}
	u := k.usableCopy(now)
	if u.Version != "" || u.Context != "" || u.Device != 0 || u.Model != "ab" || u.Supplies != nil || u.Engine != nil || len(u.Families) > maxFamilies {
		t.Errorf("%+v", u)
	}
	for _, s := range [][]KnownSupply{{{Index: 2}, {Index: 1}}, {{Index: -1}}, {{Index: 1, Name: "\x07"}}} {
		if got := (&Known{Supplies: s}).usableCopy(now).Supplies; got != nil {
			t.Errorf("%+v: %+v", s, got)
		}
	}
	if u := (*Known)(nil).usableCopy(now); u == nil {
		t.Error("nil")
	}
}

func TestEnginesAge(t *testing.T) {
	now := time.Now()
	e := Engine{ID: "8000000001020304", Boots: 3, Time: 100, At: now.Add(-time.Hour)}
	if got := e.advancedTo(now); got.Time != 3700 || got.Boots != 3 || got.ID != e.ID {
		t.Errorf("%+v", got)
	}
	e.Time = maxEngineCount - 1
	if got := e.advancedTo(now); got.ID != "" {
		t.Errorf("%+v", got)
	}
}
