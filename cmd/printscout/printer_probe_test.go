package main

import (
	"bytes"
	"encoding/json"
	"net"
	"strings"
	"testing"

	"github.com/printscout/printscout/delivery"
	"github.com/printscout/printscout/delivery/simprinter"
	"github.com/printscout/printscout/internal/cli"
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/directory"
)

func startSim(t *testing.T, c simprinter.Config) *simprinter.Printer {
	t.Helper()
	c.Dir = t.TempDir()
	p, err := simprinter.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func startAgent(t *testing.T, c simprinter.AgentConfig) *simprinter.Agent {
	t.Helper()
	a, err := simprinter.StartAgent(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a
}

// runPrintscout runs a command where no agent is.
func runPrintscout(t *testing.T, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	t.Setenv("PRINTSCOUT_CONTROL", t.TempDir()+"/none")
	var out, log bytes.Buffer
	root := newRoot()
	root.SetOut(&out)
	root.SetErr(&log)
	root.SetArgs(args)
	status = program.Status(root.ExecuteContext(t.Context()), false)
	return out.String(), log.String(), status
}

func TestPrinterProbe(t *testing.T) {
	p := startSim(t, simprinter.Config{Name: "Hall"})
	out, log, status := runPrintscout(t, "printer", "probe", p.URI(), "--snmp", "off")
	if status != cli.Done || log != "" {
		t.Errorf("exit %d, %q", status, log)
	}
	for _, want := range []string{
		"Hall", "Print Scout Software Printer", "urn:uuid:" + p.UUID(), "by Create-Job and Send-Document",
		"A job would go by ipp to " + p.URI(), "Not better because:", "ipps-pinned: ", "To make it so:", "printscout site printer add NAME " + p.URI(),
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no word of %q:\n%s", want, out)
		}
	}
	p.SetCondition(simprinter.Condition{State: 5, Reasons: []string{"media-empty-error"}})
	if out, _, status := runPrintscout(t, "printer", "probe", p.URI(), "--snmp", "off"); status != cli.Part || !strings.Contains(out, "media-empty-error") {
		t.Errorf("stopped: exit %d\n%s", status, out)
	}
	p.Close()
	if out, _, status := runPrintscout(t, "printer", "probe", p.URI(), "--snmp", "off"); status != cli.Failed || !strings.Contains(out, "No printer answers.") {
		t.Errorf("nothing there: exit %d\n%s", status, out)
	}
}

func TestPrinterProbeAsJSON(t *testing.T) {
	sim := startSim(t, simprinter.Config{NoTLS: true})
	a := startAgent(t, simprinter.AgentConfig{})
	_, port, _ := net.SplitHostPort(sim.PlainURI()[len("ipp://") : len(sim.PlainURI())-len("/ipp/print")])
	out, _, status := runPrintscout(t, "printer", "probe", "127.0.0.1:"+port, "--json", "--snmp-port", portText(a))
	var p delivery.Probe
	if err := json.Unmarshal([]byte(out), &p); err != nil || status != cli.Done {
		t.Fatalf("exit %d, %v\n%s", status, err, out)
	}
	if p.Verdict.State != delivery.ProbeReady || len(p.Ways) != 2 || p.SNMP == nil || p.SNMP.Serial != "SOFT000001" || len(p.SNMP.Supplies) != 9 {
		t.Errorf("%s", out)
	}
	if strings.Contains(strings.NewReplacer(`"percent": null`, "", `"pages": null`, "").Replace(out), "null") {
		t.Errorf("a list is null:\n%s", out)
	}
	human, _, _ := runPrintscout(t, "printer", "probe", "127.0.0.1:"+port, "--snmp-port", portText(a))
	for _, want := range []string{"SOFT000001", "02:00:5e:10:20:30", "Black Toner Cartridge 75 %", "version 2c, running", "does not speak TLS", "without encryption"} {
		if !strings.Contains(human, want) {
			t.Errorf("no word of %q:\n%s", want, human)
		}
	}
}

func TestPrinterProbeOfPort9100(t *testing.T) {
	out, log, status := runPrintscout(t, "printer", "probe", rawPrinter(t, "PCL", "PDF"), "--snmp", "off")
	if status != cli.Done || !strings.Contains(out, "It answers to PJL. Formats: application/vnd.hp-pcl application/pdf.") || !strings.Contains(log, "may print a line") {
		t.Errorf("exit %d, %q\n%s", status, log, out)
	}
	if out, _, status := runPrintscout(t, "printer", "probe", rawPrinter(t), "--snmp", "off"); status != cli.Part || !strings.Contains(out, "not known to take") {
		t.Errorf("of no known format: exit %d\n%s", status, out)
	}
}

func TestEntryNamed(t *testing.T) {
	printers := []control.Printer{{ID: "p1", Name: "Lobby", URIs: []string{"ipps://lobby/ipp/print"}, Pin: "sha256:x", Floor: "ipps-pinned", UUID: "u", Serial: "s", OldTLS: true, Formats: []string{"f"}}}
	for _, target := range []string{"p1", "lobby", "ipps://lobby/ipp/print"} {
		e := entryNamed(printers, target)
		if e == nil || e.Pin != "sha256:x" || e.Floor != directory.GradePinned || e.UUID != "u" || e.Serial != "s" || !e.OldTLS || len(e.Formats) != 1 {
			t.Errorf("%s: %+v", target, e)
		}
	}
	if e := entryNamed(printers, "lobby.example"); e != nil {
		t.Errorf("%+v", e)
	}
}

func TestHowAProbeAsksBySNMP(t *testing.T) {
	v3 := &directory.SNMP{Version: "3", User: "scout"}
	for name, c := range map[string]struct {
		said, entry *directory.SNMP
		port        int
		not         bool
		status      int
	}{
		"nothing said":               {},
		"by the directory":           {entry: &directory.SNMP{Version: "2c", Port: 1161}, port: 1161},
		"by the command":             {said: &directory.SNMP{Port: 2161}, entry: &directory.SNMP{Version: "2c", Port: 1161}, port: 2161},
		"off in the directory":       {entry: &directory.SNMP{Version: "off"}, not: true},
		"off by the command":         {said: &directory.SNMP{Version: "off"}, not: true},
		"without passphrases":        {entry: v3, not: true},
		"and asked for all the same": {said: v3, status: cli.Usage},
	} {
		o, q := &snmpOptions{}, &delivery.ProbeOptions{Entry: &directory.Printer{SNMP: c.entry}}
		if c.said != nil {
			o.SNMP = *c.said
		}
		var log bytes.Buffer
		err := o.applyTo(q, &log)
		if program.Status(err, false) != c.status || err == nil && (q.NoSNMP != c.not || !c.not && q.SNMP.Port != c.port) || (log.Len() > 0) != (name == "without passphrases") {
			t.Errorf("%s: %+v, %v, %q", name, q, err, log.String())
		}
	}
}

func TestProbeStatus(t *testing.T) {
	for state, want := range map[string]int{
		delivery.ProbeReady: cli.Done, delivery.ProbeBlocked: cli.Part, delivery.ProbeForbidden: cli.Forbidden, delivery.ProbeUnreachable: cli.Failed,
	} {
		if got := program.Status(probeStatus(state), false); got != want {
			t.Errorf("%s: exit %d", state, got)
		}
	}
}
