//go:build unix

package endtoend

import (
	"strings"
	"testing"
)

// probed is what the tests read of a probe.
type probed struct {
	Printer string
	Verdict struct{ State, Address, Grade string }
}

// TestPrinterProbe holds a printer against the agent's directory, by its name,
// and without.
func TestPrinterProbe(t *testing.T) {
	s := newSite(t).up()
	uri := s.printer.URI()
	r := s.scout("printer", "probe", "Lobby", "--json", "--snmp", "off")
	if p := decode[probed](t, r.stdout); r.code != 0 || p.Printer != "lobby" || p.Verdict.Grade != "ipps-pinned" || p.Verdict.Address != uri {
		t.Errorf("by its name: exit %d, %+v\n%s", r.code, p, r.stderr)
	}
	r = command(t, printscout, "--control", s.dir+"/none", "printer", "probe", uri, "--json", "--snmp", "off")
	if p := decode[probed](t, r.stdout); r.code != 0 || p.Printer != "" || p.Verdict.Grade != "ipp" {
		t.Errorf("without an agent: exit %d, %+v\n%s", r.code, p, r.stderr)
	}
	if err := s.printer.ReplaceCertificate(nil); err != nil {
		t.Fatal(err)
	}
	if r := s.scout("printer", "probe", "lobby", "--snmp", "off"); r.code != 13 || !strings.Contains(r.stdout, "another key than the one in the directory") {
		t.Errorf("with another key: exit %d\n%s%s", r.code, r.stdout, r.stderr)
	}
	if len(s.printer.Jobs()) > 0 {
		t.Errorf("it was sent jobs: %+v", s.printer.Jobs())
	}
}
