package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/printscout/printscout/delivery/simprinter"
)

func TestListsScenarios(t *testing.T) {
	for _, extra := range []string{"", " --json"} {
		var out bytes.Buffer
		root := newRoot()
		root.SetOut(&out)
		root.SetArgs(strings.Fields("demo --printer-scenario list" + extra))
		if got := program.Status(root.Execute(), false); got != 0 {
			t.Fatalf("exit %d", got)
		}
		for _, s := range simprinter.Scenarios() {
			if !strings.Contains(out.String(), s.Name) || !strings.Contains(out.String(), s.Does) {
				t.Errorf("list%s does not have %s", extra, s.Name)
			}
		}
		if extra != "" && !json.Valid(out.Bytes()) {
			t.Errorf("no JSON: %s", out.String())
		}
	}
}

func TestAnUnknownScenarioHasAHint(t *testing.T) {
	_, err := demoOptions{scenario: "bogus"}.simScenario()
	if !strings.Contains(program.Hint(err), "--printer-scenario list") {
		t.Errorf("%v", err)
	}
}

func TestPrinterOfAScenario(t *testing.T) {
	for name, scheme := range map[string]string{"": "ipps", "jam": "ipps", "urf-only": "ipps", "raw-pjl": "socket"} {
		s, err := demoOptions{scenario: name}.simScenario()
		if err != nil {
			t.Fatal(err)
		}
		d := &demo{dir: t.TempDir(), scenario: s}
		if err := d.startPrinter(t.Context(), demoPaths{}); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(d.PrinterURL, scheme+"://127.0.0.1:") {
			t.Errorf("%s: the printer is %s", name, d.PrinterURL)
		}
		if c := d.simConfig(); name != "urf-only" && len(c.Formats) != len(simFormats) || name == "urf-only" && len(c.Formats) != 1 {
			t.Errorf("%s: it takes %q", name, c.Formats)
		}
		if err := d.stopParts(); err != nil {
			t.Error(err)
		}
	}
}
