package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/gosnmp/gosnmp"

	"github.com/printscout/printscout/delivery/simprinter"
	"github.com/printscout/printscout/internal/cli"
	"github.com/printscout/printscout/internal/directory"
)

func portText(a *simprinter.Agent) string { return strconv.Itoa(a.Port()) }

func TestAddTakesUUIDAndSerialNumber(t *testing.T) {
	s, p := newSiteCommands(t), startSim(t, simprinter.Config{})
	a := startAgent(t, simprinter.AgentConfig{Printer: simprinter.AgentPrinter{Serial: "SN 1"}})
	out, _, err := s.addPrinter("--snmp-port", portText(a), "lobby", p.URI())
	if err != nil || !strings.Contains(out, "urn:uuid:"+p.UUID()) || !strings.Contains(out, "SN 1") {
		t.Fatalf("%v\n%s", err, out)
	}
	a.Close()
	if _, _, err := s.addPrinter("--snmp-port", portText(a), "attic", p.URI()); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.addPrinter("--snmp", "off", "cellar", p.URI()); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"SN 1", "", ""} {
		if e := s.printers(t)[i]; e.UUID != "urn:uuid:"+p.UUID() || e.Serial != want || e.OldTLS {
			t.Errorf("%+v", e)
		}
	}
}

func TestAddAsksBySNMPv3(t *testing.T) {
	s, uri := newSiteCommands(t), rawPrinter(t, "PDF")
	a := startAgent(t, simprinter.AgentConfig{
		Users:   []simprinter.AgentUser{{Name: "scout", Auth: gosnmp.SHA256, AuthKey: "authauthauth", Priv: gosnmp.AES, PrivKey: "privprivpriv"}},
		Printer: simprinter.AgentPrinter{Serial: "SN3"},
	})
	keys := filepath.Join(t.TempDir(), "keys.json")
	if err := os.WriteFile(keys, []byte(`{"scout": {"auth": "authauthauth", "priv": "privprivpriv"}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.addPrinter("--snmp-user", "scout", "--snmp-port", portText(a), "--snmp-keys-file", keys, "store", uri); err != nil {
		t.Fatal(err)
	}
	_, log, err := s.addPrinter("--snmp-user", "scout", "--snmp-port", portText(a), "attic", uri)
	if err != nil || !strings.Contains(log, "--snmp-keys-file") {
		t.Errorf("%v, %q", err, log)
	}
	if in := s.printers(t); in[0].Serial != "SN3" || in[0].SNMP.User != "scout" || in[1].Serial != "" {
		t.Errorf("%+v", in)
	}
	if _, _, err := s.addPrinter("--snmp-keys-file", keys+".none", "x", uri); err == nil || program.Hint(err) == "" {
		t.Errorf("no such file: %v", err)
	}
}

func TestAddOldTLS(t *testing.T) {
	s, p := newSiteCommands(t), startSim(t, simprinter.Config{TLS: simprinter.TLS{Only: "1.0"}})
	_, _, err := s.addPrinter("--snmp", "off", "old", p.URI())
	if program.Status(err, false) != cli.Failed || !strings.Contains(program.Hint(err), "--allow-old-tls") || len(s.printers(t)) != 0 {
		t.Errorf("%v, hint %q", err, program.Hint(err))
	}
	if _, _, err := s.addPrinter("--snmp", "off", "--allow-old-tls", "old", p.URI()); err != nil {
		t.Fatal(err)
	}
	if in := s.printers(t); len(in) != 1 || !in[0].OldTLS || in[0].Floor != directory.GradePinned {
		t.Errorf("%+v", in)
	}
}
