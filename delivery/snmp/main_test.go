package snmp

import (
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"
	"go.uber.org/goleak"

	"github.com/printscout/printscout/delivery/simprinter"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const host = "127.0.0.1"

// patient is for answers that come: a slow machine may take its time.
var patient = timeLimits{try: 20 * time.Second, retries: 1, total: time.Minute}

// brief is for answers that never come.
var brief = timeLimits{try: 50 * time.Millisecond, retries: 1, total: 150 * time.Millisecond}

func startAgent(t testing.TB, c simprinter.AgentConfig) *simprinter.Agent {
	t.Helper()
	a, err := simprinter.StartAgent(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a
}

// mustLook is a lookup that must succeed.
func mustLook(t testing.TB, a Access, known *Known, w Want) (Report, *Known) {
	t.Helper()
	r, k, err := lookWithin(t.Context(), host, a, known, w, patient)
	if err != nil {
		t.Fatalf("look: %v", err)
	}
	return r, k
}

func startAgentOK(t testing.TB) *simprinter.Agent {
	t.Helper()
	return startAgent(t, simprinter.AgentConfig{})
}

// v3User is a user of an agent and the access that fits.
const v3Key, v3Seal = "authauthauth", "privprivpriv"

func startV3(t testing.TB, c simprinter.AgentConfig) (*simprinter.Agent, Access) {
	t.Helper()
	c.Users = []simprinter.AgentUser{{Name: "scout", Auth: gosnmp.SHA256, AuthKey: v3Key, Priv: gosnmp.AES, PrivKey: v3Seal}}
	a := startAgent(t, c)
	return a, Access{Version: "3", User: "scout", AuthKey: v3Key, PrivKey: v3Seal, Port: a.Port()}
}

func startV3Quiet(t testing.TB) (*simprinter.Agent, Access) {
	t.Helper()
	return startV3(t, simprinter.AgentConfig{})
}
