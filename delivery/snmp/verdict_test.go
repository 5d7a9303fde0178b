package snmp

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// readPage returns docs/snmp.md.
func readPage(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("../../docs/snmp.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// tableCells returns the cells of the table whose head begins as given, row by
// row.
func tableCells(t *testing.T, head string) [][]string {
	t.Helper()
	_, rest, ok := strings.Cut(readPage(t), "\n| "+head)
	if !ok {
		t.Fatalf("docs/snmp.md has no table %q", head)
	}
	var rows [][]string
	for _, line := range strings.Split(rest, "\n")[2:] {
		if !strings.HasPrefix(line, "|") {
			break
		}
		row := strings.Split(strings.Trim(line, "| "), "|")
		for i := range row {
			row[i] = strings.TrimSpace(row[i])
		}
		rows = append(rows, row)
	}
	return rows
}

// judgedReport is a report and the code that its verdict has when it is not
// proceed.
type judgedReport struct {
	r    *Report
	code string
}

func percentOf(n int) *int { return &n }

// verdictCases returns reports for each row of the table in docs/snmp.md.
func verdictCases() map[string][]judgedReport {
	all := map[string][]judgedReport{
		"ipp-stopped": {{&Report{DeviceStatus: isRunning}, ""}, {&Report{DeviceStatus: isWarning, Conditions: []Condition{Jammed}}, "media-jam"}},
		"unavailable": {{nil, ""}},
		"attention": {
			{&Report{DeviceStatus: isWarning, Conditions: []Condition{DoorOpen}}, "door-open"},
			{&Report{DeviceStatus: isRunning, Conditions: []Condition{Jammed}}, "media-jam"},
			{&Report{Conditions: []Condition{InputTrayMissing}}, "input-tray-missing"},
			{&Report{DeviceStatus: isWarning, Conditions: []Condition{OutputFull}}, "output-area-full"},
			{&Report{DeviceStatus: isWarning, Conditions: []Condition{MarkerSupplyMissing}}, "marker-supply-missing"},
		},
		"another-tray": {
			{&Report{DeviceStatus: isWarning, Conditions: []Condition{NoPaper, InputTrayEmpty}}, "media-empty"},
			{&Report{DeviceStatus: isRunning, Conditions: []Condition{NoToner}}, "toner-empty"},
			{&Report{DeviceStatus: isWarning, Alerts: []Alert{{Severity: critical, Code: 808}}}, "media-empty"},
			{&Report{DeviceStatus: isRunning, Alerts: []Alert{{Severity: critical, Code: 1101}}}, "toner-empty"},
		},
		"level": {
			{&Report{DeviceStatus: isRunning, Supplies: []Supply{{Name: "Black", Type: 21, Percent: percentOf(5)}}}, "toner-low"},
			{&Report{DeviceStatus: isRunning, Supplies: []Supply{{Type: 4, Receptacle: true, Percent: percentOf(0)}}}, "marker-waste-almost-full"},
			{&Report{DeviceStatus: isRunning, Supplies: []Supply{{Type: 15, Percent: percentOf(1)}}}, "marker-supply-low"},
		},
		"proceed": {
			{&Report{DeviceStatus: isRunning}, ""},
			{&Report{DeviceStatus: isRunning, PrinterStatus: 1}, ""},
			{&Report{DeviceStatus: isRunning, PrinterStatus: 3, Conditions: []Condition{Offline}}, ""},
			{&Report{DeviceStatus: isWarning, PrinterStatus: 2}, ""},
			{&Report{DeviceStatus: 1, PrinterStatus: 4}, ""},
			{&Report{PrinterStatus: 5}, ""},
			{&Report{DeviceStatus: 4, Supplies: []Supply{{Percent: percentOf(6)}, {Level: -3}}}, ""},
			{&Report{DeviceStatus: isRunning, Model: "Zebra ZD420", Supplies: []Supply{{Percent: percentOf(0)}}}, ""},
			{&Report{DeviceStatus: isRunning, Languages: []string{"ZPL"}, Supplies: []Supply{{Percent: percentOf(0)}}}, ""},
		},
		"down-alone": {
			{&Report{DeviceStatus: isDown}, ""},
			{&Report{DeviceStatus: isDown, PrinterStatus: 1, Conditions: []Condition{Offline}}, ""},
			{&Report{DeviceStatus: isDown, PrinterStatus: 3}, ""},
			{&Report{DeviceStatus: isDown, Alerts: []Alert{{Severity: 4, Code: 8}, {Severity: critical, Code: 4}, {Severity: critical, Code: 99999}}}, ""},
		},
		"status-unknown": {
			{&Report{}, ""},
			{&Report{DeviceStatus: 1}, ""},
			{&Report{DeviceStatus: 1, PrinterStatus: 2}, ""},
			{&Report{PrinterStatus: 1}, ""},
			{&Report{DeviceStatus: isRunning, PrinterStatus: 2}, ""},
			{&Report{Supplies: []Supply{{Percent: percentOf(6)}, {Level: -3}}}, ""},
		},
	}
	for _, c := range stoppingConditions {
		all["down"] = append(all["down"], judgedReport{&Report{DeviceStatus: isDown, Conditions: []Condition{LowPaper, c}}, string(c)})
	}
	for _, code := range []int{3, 5, 8, 30, 501, 801, 808, 903, 1001, 1002, 1003, 1004, 1101, 1112, 1114, 1115} {
		all["critical"] = append(all["critical"],
			judgedReport{&Report{DeviceStatus: isDown, Alerts: []Alert{{Severity: 4, Code: 1104}, {Severity: critical, Code: code, Text: "in its words"}}}, alertKeywords[code]})
	}
	for _, c := range []Condition{LowPaper, LowToner, ServiceRequested, OverdueMaintenance, OutputNearFull} {
		all["low"] = append(all["low"], judgedReport{&Report{DeviceStatus: isWarning, Conditions: []Condition{c}}, string(c)},
			judgedReport{&Report{DeviceStatus: isDown, Conditions: []Condition{c}}, string(c)})
	}
	return all
}

// cellVerdict returns the verdict of a cell of the table, with IPP as it is.
func cellVerdict(cell string, s IPP) Kind {
	kinds := map[string]Kind{"proceed": Proceed, "warn": Warn, "block": Block}
	if strings.HasPrefix(cell, "block if IPP bad, else warn") {
		return map[bool]Kind{true: Block, false: Warn}[s.Stopped || !s.Answered]
	}
	word, _, _ := strings.Cut(cell, ";")
	k, ok := kinds[word]
	if !ok {
		panic("no verdict: " + cell)
	}
	return k
}

// TestVerdicts goes through each row of the table, as the page has it.
func TestVerdicts(t *testing.T) {
	cases := verdictCases()
	rows := tableCells(t, "row | signals | verdict |")
	if len(rows) != 11 {
		t.Errorf("%d rows", len(rows))
	}
	for _, row := range rows {
		name, cell := row[0], row[2]
		if len(cases[name]) == 0 {
			t.Errorf("row %s has no cases", name)
		}
		states := []IPP{{Answered: true}, {}}
		if name == "ipp-stopped" {
			states = []IPP{{Answered: true, Stopped: true}}
		}
		for _, c := range cases[name] {
			for _, s := range states {
				checkVerdict(t, name, c, s, cellVerdict(cell, s))
			}
			if v := c.r.Verdict(IPP{Answered: true, Stopped: true}); v.Kind != Block || len(v.Sentences) == 0 {
				t.Errorf("%s, stopped by IPP: %+v", name, v)
			}
		}
		delete(cases, name)
	}
	for name := range cases {
		t.Errorf("docs/snmp.md has no row %s", name)
	}
}

func checkVerdict(t *testing.T, name string, c judgedReport, s IPP, want Kind) {
	t.Helper()
	v := c.r.Verdict(s)
	if v.Kind != want || v.Code != c.code {
		t.Errorf("%s, IPP %+v: %s %q, not %s %q, of %+v", name, s, v.Kind, v.Code, want, c.code, c.r)
	}
	if (len(v.Sentences) == 0) != (name == "proceed") {
		t.Errorf("%s: sentences %q", name, v.Sentences)
	}
	if (c.r == nil || name == "status-unknown") && !strings.Contains(v.Sentences[0], "status unavailable") {
		t.Errorf("%s: sentences %q", name, v.Sentences)
	}
}

func TestVerdictsHaveThePrintersWords(t *testing.T) {
	r := &Report{
		DeviceStatus: isDown, Conditions: []Condition{LowToner, Jammed}, Console: "Paper jam",
		Alerts: []Alert{{Severity: critical, Code: 8, Text: "Jam in tray 2"}},
	}
	got := strings.Join(r.Verdict(IPP{}).Sentences, "\n")
	want := "Paper is jammed. The printer says “Jam in tray 2”.\nToner or ink is low.\nIts display shows “Paper jam”."
	if got != want {
		t.Errorf("%s", got)
	}
}

// TestEveryBitAndAlertHasASentence but offline, which means nothing.
func TestEveryBitAndAlertHasASentence(t *testing.T) {
	keyword := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	for _, c := range conditionBits {
		if conditionSentences[c] == "" && c != Offline || !keyword.MatchString(string(c)) {
			t.Errorf("condition %q: %q", c, conditionSentences[c])
		}
	}
	for code, k := range alertKeywords {
		if alertSentences[k] == "" || !keyword.MatchString(k) {
			t.Errorf("alert %d: %q: %q", code, k, alertSentences[k])
		}
	}
}
