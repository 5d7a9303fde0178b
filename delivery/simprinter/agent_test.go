package simprinter

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"

	"github.com/printscout/printscout/internal/dev/peers"
)

const serialObject = "1.3.6.1.2.1.43.5.1.1.17.1"

func startAgent(t testing.TB, c AgentConfig) *Agent {
	t.Helper()
	a, err := StartAgent(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a
}

// netSNMP runs one of net-snmp's commands against an agent.
func netSNMP(t *testing.T, a *Agent, command, options string, objects ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	args := append(strings.Fields(options), "-Oqn", "-t", "20", "-r", "1", fmt.Sprintf("udp:127.0.0.1:%d", a.Port()))
	c := exec.CommandContext(ctx, peers.Need(t, command), append(args, objects...)...)
	// Otherwise its first start says that it has made these folders.
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "cert_indexes"), 0o700); err != nil {
		t.Fatal(err)
	}
	c.Env = append(os.Environ(), "SNMP_PERSISTENT_DIR="+dir)
	out, err := c.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// TestAgentAnswersNetSNMP in each version, each question, each user.
func TestAgentAnswersNetSNMP(t *testing.T) {
	a := startAgent(t, AgentConfig{V1: true, V2c: true, Users: []AgentUser{
		{Name: "sha", Auth: gosnmp.SHA, AuthKey: "authauthauth", Priv: gosnmp.AES, PrivKey: "privprivpriv"},
		{Name: "md5", Auth: gosnmp.MD5, AuthKey: "authauthauth", Priv: gosnmp.DES, PrivKey: "privprivpriv"},
		{Name: "sha256", Auth: gosnmp.SHA256, AuthKey: "authauthauth"},
		{Name: "open"},
	}})
	for _, options := range []string{
		"-v1 -c public", "-v2c -c public",
		"-v3 -l authPriv -u sha -a SHA -A authauthauth -x AES -X privprivpriv",
		"-v3 -l authPriv -u md5 -a MD5 -A authauthauth -x DES -X privprivpriv",
		"-v3 -l authNoPriv -u sha256 -a SHA-256 -A authauthauth",
		"-v3 -l noAuthNoPriv -u open",
	} {
		out, err := netSNMP(t, a, "snmpget", options, serialObject)
		if err != nil || out != "."+serialObject+` "SOFT000001"` {
			t.Errorf("%s: %q, %v", options, out, err)
		}
		if out, err = netSNMP(t, a, "snmpgetnext", options, "1.3.6.1.2.1.43.5.1.1.16"); err != nil || !strings.Contains(out, "software-printer") {
			t.Errorf("%s: %q, %v", options, out, err)
		}
	}
	walked, err := netSNMP(t, a, "snmpwalk", "-v1 -c public", "1.3.6.1.2.1.43.11.1.1")
	if err != nil || strings.Count(walked, "\n") != 8*9-1 {
		t.Errorf("walked: %v, %s", err, walked)
	}
	bulk, err := netSNMP(t, a, "snmpbulkwalk", "-v2c -c public", "1.3.6.1.2.1.43.11.1.1")
	if err != nil || bulk != walked {
		t.Errorf("walked by bulk: %v, %s", err, bulk)
	}
	if out, err := netSNMP(t, a, "snmpwalk", "-v2c -c public", "1.3"); err != nil || !strings.Contains(out, serialObject) {
		t.Errorf("walked all: %v, %s", err, out)
	}
}

func TestAgentRefusesNetSNMP(t *testing.T) {
	a := startAgent(t, AgentConfig{V1: true, Users: []AgentUser{{Name: "sha", Auth: gosnmp.SHA, AuthKey: "authauthauth", Priv: gosnmp.AES, PrivKey: "privprivpriv"}}})
	for options, want := range map[string]string{
		"-v1 -c public": "noSuchName",
		"-v3 -l authPriv -u sha -a SHA -A wrongwrong -x AES -X privprivpriv":   "Authentication failure",
		"-v3 -l authPriv -u who -a SHA -A authauthauth -x AES -X privprivpriv": "Unknown user name",
		"-v3 -l authNoPriv -u sha -a SHA -A authauthauth":                      "Unsupported security level",
	} {
		if out, err := netSNMP(t, a, "snmpget", options, "1.3.6.1.2.1.43.99.1"); err == nil || !strings.Contains(out, want) {
			t.Errorf("%s: %v, %s", options, err, out)
		}
	}
}

func TestAgentObjectsCanBeSet(t *testing.T) {
	a := startAgent(t, AgentConfig{Objects: map[string]any{"1.3.6.1.4.1.32473.9.0": "there"}})
	out, err := netSNMP(t, a, "snmpget", "-v2c -c public", "1.3.6.1.4.1.32473.9.0")
	if err != nil || !strings.Contains(out, "there") {
		t.Fatalf("%q, %v", out, err)
	}
	if err := a.Set("1.3.6.1.4.1.32473.9.0", nil); err != nil {
		t.Fatal(err)
	}
	if out, _ = netSNMP(t, a, "snmpget", "-v2c -c public", "1.3.6.1.4.1.32473.9.0"); !strings.Contains(out, "No Such Instance") {
		t.Errorf("%q", out)
	}
	for name, value := range map[string]any{"1.3.x": 1, "1.3.6": 1.5, "": "x"} {
		if err := a.Set(name, value); err == nil {
			t.Errorf("%q may be %v", name, value)
		}
	}
	if _, err := StartAgent(AgentConfig{Objects: map[string]any{"1.3.6": struct{}{}}}); err == nil {
		t.Error("started with an object that is none")
	}
	if _, err := StartAgent(AgentConfig{Users: []AgentUser{{Name: "x", Auth: gosnmp.SHA}}}); err == nil {
		t.Error("started with a user without a key")
	}
}

func TestAgentEndsAtOnce(t *testing.T) {
	a := startAgent(t, AgentConfig{Temper: TemperSlow, Delay: time.Hour})
	g := &gosnmp.GoSNMP{Target: "127.0.0.1", Port: uint16(a.Port()), Version: gosnmp.Version2c, Community: "public", Timeout: 10 * time.Millisecond}
	if err := g.Connect(); err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	for a.Requests() == 0 {
		if _, err := g.Get([]string{serialObject}); err == nil {
			t.Fatal("a slow agent answered")
		}
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
}

// FuzzAgent: whatever datagram comes, the agent answers or does not.
func FuzzAgent(f *testing.F) {
	u := AgentUser{Name: "scout", Auth: gosnmp.SHA, AuthKey: "authauthauth", Priv: gosnmp.AES, PrivKey: "privprivpriv"}
	a, err := StartAgent(AgentConfig{V1: true, V2c: true, Users: []AgentUser{u, {Name: "open"}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { a.Close() })
	for _, v := range []gosnmp.SnmpVersion{gosnmp.Version1, gosnmp.Version2c} {
		for _, kind := range []gosnmp.PDUType{gosnmp.GetRequest, gosnmp.GetNextRequest, gosnmp.GetBulkRequest} {
			p := gosnmp.SnmpPacket{
				Version: v, Community: "public", PDUType: kind, MaxRepetitions: 5,
				Variables: []gosnmp.SnmpPDU{{Name: "." + serialObject, Type: gosnmp.Null}},
			}
			b, err := p.MarshalMsg()
			if err != nil {
				f.Fatal(err)
			}
			f.Add(b)
		}
	}
	p := gosnmp.SnmpPacket{
		Version: gosnmp.Version3, MsgFlags: gosnmp.Reportable, SecurityModel: gosnmp.UserSecurityModel, PDUType: gosnmp.GetRequest,
		SecurityParameters: &gosnmp.UsmSecurityParameters{UserName: "open", AuthoritativeEngineID: agentEngineID},
	}
	b, err := p.MarshalMsg()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		if reply := a.replyTo(b); len(reply) > 4096 {
			t.Errorf("%d bytes in answer to %d", len(reply), len(b))
		}
	})
}
