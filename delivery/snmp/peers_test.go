package snmp

import (
	"errors"
	"net/netip"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/printscout/printscout/internal/dev/peers"
)

// states are the records of testdata/printers and what is to be found in them.
var states = map[string]struct {
	device     int
	conditions []Condition
	alerts     int // as a full lookup finds them
	verdict    Kind
	code       string
}{
	"idle":     {2, nil, 0, Proceed, ""},
	"jam":      {5, []Condition{Jammed}, 2, Block, "media-jam"},
	"door":     {5, []Condition{DoorOpen}, 1, Block, "door-open"},
	"lowpaper": {3, []Condition{LowPaper}, 1, Warn, "media-low"},
	"onetray":  {3, []Condition{NoPaper, InputTrayEmpty}, 1, Warn, "media-empty"},
	"nopaper":  {5, []Condition{NoPaper}, 4, Block, "media-empty"},
	"lowtoner": {3, []Condition{LowToner}, 1, Warn, "toner-low"},
	"standby":  {2, nil, 0, Proceed, ""},
	"offline":  {5, []Condition{Offline}, 0, Proceed, ""},
	"second":   {2, nil, 0, Proceed, ""}, // device 3 of its table
	jetdirect:  {2, nil, 0, Proceed, ""}, // the context of HP cards, by its name
}

var simUsers = []peers.SNMPUser{
	{Name: "md5des", Auth: "MD5", AuthKey: v3Key, Priv: "DES", PrivKey: v3Seal},
	{Name: "shaaes", Auth: "SHA", AuthKey: v3Key, Priv: "AES", PrivKey: v3Seal},
	{Name: "sha256des", Auth: "SHA-256", AuthKey: v3Key, Priv: "DES", PrivKey: v3Seal},
	{Name: "sha256aes", Auth: "SHA-256", AuthKey: v3Key, Priv: "AES", PrivKey: v3Seal},
}

// simAccess returns the ways to ask snmpsimd for a state.
func simAccess(port int, state string) map[string]Access {
	all := map[string]Access{
		"1":  {Version: "1", Community: state, Port: port},
		"2c": {Version: "2c", Community: state, Port: port},
	}
	auth := map[string]string{"md5des": "MD5", "shaaes": "SHA", "sha256des": "SHA256", "sha256aes": ""}
	priv := map[string]string{"md5des": "DES", "shaaes": "AES", "sha256des": "DES", "sha256aes": ""}
	for _, u := range simUsers {
		all[u.Name] = Access{
			Version: "3", User: u.Name, Auth: auth[u.Name], AuthKey: v3Key, Priv: priv[u.Name], PrivKey: v3Seal, Context: state, Port: port,
		}
	}
	return all
}

// TestSNMPSim asks for every state in every way, and counts the bytes.
func TestSNMPSim(t *testing.T) {
	port := peers.StartSNMPSim(t, "testdata/printers", simUsers...)
	for state, want := range states {
		for way, a := range simAccess(port, state) {
			cold, k := mustLook(t, a, nil, Full)
			checkBudget(t, state+" by "+way+", cold", budgetOf(t, "full, nothing known", a), cold)
			r, k := mustLook(t, a, k, Full)
			v := r.Verdict(IPP{})
			if first := cold.Verdict(IPP{}); first.Kind != v.Kind || first.Code != v.Code {
				t.Errorf("%s by %s, cold: %+v", state, way, first)
			}
			if r.DeviceStatus != want.device || !slices.Equal(r.Conditions, want.conditions) || v.Kind != want.verdict || v.Code != want.code {
				t.Errorf("%s by %s: %+v, verdict %+v", state, way, r, v)
			}
			if r.Serial != "EX4000A1234" || r.Model != "Example Color MFP 4000" || *r.LifeCount != 48213 || len(r.Supplies) != 9 || len(r.Alerts) != want.alerts {
				t.Errorf("%s by %s: %+v", state, way, r)
			}
			r, _ = mustLook(t, a, k, Steady)
			checkBudget(t, state+" by "+way+", steady", budgetOf(t, "steady", a), r)
			if clean := want.device == 2; clean != (r.Exchanges == 1) {
				t.Errorf("%s by %s, steady: %d exchanges", state, way, r.Exchanges)
			}
			if again := r.Verdict(IPP{}); again.Kind != want.verdict || again.Code != want.code {
				t.Errorf("%s by %s, steady: %+v", state, way, again)
			}
		}
	}
}

// budgetOf returns what docs/snmp.md promises, a large number for version 1.
func budgetOf(t *testing.T, row string, a Access) int {
	t.Helper()
	if a.Version == "1" {
		return 1 << 20
	}
	for _, cell := range tableCells(t, "budget") {
		if cell[0] == row {
			column := map[bool]int{false: 1, true: 2}[a.Version == "3"]
			n, err := strconv.Atoi(cellNumber(cell[column]))
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatalf("docs/snmp.md has no budget %q", row)
	return 0
}

// cellNumber returns the number that a cell begins with.
func cellNumber(cell string) string {
	for i, c := range cell {
		if c < '0' || c > '9' {
			return cell[:i]
		}
	}
	return cell
}

func checkBudget(t *testing.T, what string, budget int, r Report) {
	t.Helper()
	if n := r.Sent + r.Received; n > budget || n == 0 {
		t.Errorf("%s: %d bytes of %d in %d exchanges", what, n, budget, r.Exchanges)
	}
}

func TestSNMPSimWithoutAPrinter(t *testing.T) {
	port := peers.StartSNMPSim(t, "testdata/printers", simUsers...)
	for way, a := range simAccess(port, "nomib") {
		if _, _, err := lookWithin(t.Context(), host, a, nil, Full, patient); !errors.Is(err, ErrNoPrinter) {
			t.Errorf("by %s: %v", way, err)
		}
	}
	short := timeLimits{try: time.Second, total: 5 * time.Second}
	for way, c := range map[string]struct {
		change func(*Access)
		want   error
	}{
		"wrong community":   {func(a *Access) { *a = Access{Community: "nobody", Port: port} }, ErrSilent},
		"wrong key":         {func(a *Access) { a.AuthKey = "wrongwrong" }, ErrRefused},
		"wrong privacy key": {func(a *Access) { a.PrivKey = "wrongwrong" }, ErrSilent},
		"wrong user":        {func(a *Access) { a.User = "nobody" }, ErrSilent},
	} {
		a := simAccess(port, "idle")["sha256aes"]
		c.change(&a)
		tm := short
		if errors.Is(c.want, ErrRefused) {
			tm = patient
		}
		if r, _, err := lookWithin(t.Context(), host, a, nil, Full, tm); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, %+v", way, err, r)
		}
	}
}

// TestWalkingCostsMore compares a warm lookup with what CUPS does.
func TestWalkingCostsMore(t *testing.T) {
	peers.Need(t, "snmpwalk")
	port := peers.StartSNMPSim(t, "testdata/printers")
	printer := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(port))
	walk, objects, err := peers.WalkSupplies(t.Context(), printer, "idle")
	if err != nil || objects != 8*9 {
		t.Fatalf("%d objects, %v", objects, err)
	}
	a := Access{Community: "idle", Port: port}
	_, k := mustLook(t, a, nil, Full)
	r, _ := mustLook(t, a, k, Steady)
	if ours := r.Sent + r.Received; ours*10 > walk.Bytes || r.Exchanges*2*50 > walk.Datagrams {
		t.Errorf("%d bytes of ours, %+v walking", ours, walk)
	}
}

// snmpdConf is a printer that is out of paper in one tray, as net-snmp's snmpd
// tells it.
const snmpdConf = `
rocommunity public 127.0.0.1
override 1.3.6.1.2.1.25.3.2.1.5.1 integer 3
override 1.3.6.1.2.1.25.3.5.1.1.1 integer 3
override 1.3.6.1.2.1.25.3.5.1.2.1 octet_str "A"
override 1.3.6.1.2.1.43.5.1.1.1.1 counter 4
override 1.3.6.1.2.1.43.5.1.1.17.1 octet_str "NETSNMP1"
override 1.3.6.1.2.1.43.10.2.1.4.1.1 counter 17
`

func TestSNMPD(t *testing.T) {
	port := peers.StartSNMPD(t, snmpdConf,
		peers.SNMPUser{Name: "scout", Auth: "SHA-256", AuthKey: v3Key, Priv: "AES", PrivKey: v3Seal},
		peers.SNMPUser{Name: "old", Auth: "MD5", AuthKey: v3Key, Priv: "DES", PrivKey: v3Seal},
	)
	scout := Access{Version: "3", User: "scout", AuthKey: v3Key, PrivKey: v3Seal, Port: port}
	for way, a := range map[string]Access{
		"1": {Version: "1", Port: port}, "2c": {Port: port}, "3": scout,
		"3 of old": {Version: "3", User: "old", Auth: "MD5", AuthKey: v3Key, Priv: "DES", PrivKey: v3Seal, Port: port},
	} {
		r, k := mustLook(t, a, nil, Steady)
		// "A" is 0x41: no paper, service requested.
		if r.Serial != "NETSNMP1" || *r.LifeCount != 17 || !slices.Equal(r.Conditions, []Condition{NoPaper, ServiceRequested}) {
			t.Errorf("by %s: %+v", way, r)
		}
		if n, err := countWithin(t.Context(), host, a, k, patient); err != nil || n != 17 {
			t.Errorf("by %s: %d, %v", way, n, err)
		}
	}
	for way, c := range map[string]struct {
		change func(*Access)
		want   error
	}{
		"wrong key":  {func(a *Access) { a.AuthKey = "wrongwrong" }, ErrRefused},
		"wrong hash": {func(a *Access) { a.Auth = "SHA" }, ErrRefused},
		"wrong user": {func(a *Access) { a.User = "nobody" }, ErrRefused},
		"not sealed": {func(a *Access) { a.Priv = "none" }, ErrRefused},
		"not signed": {func(a *Access) { a.Auth, a.Priv = "none", "none" }, ErrRefused},
	} {
		a := scout
		c.change(&a)
		if r, _, err := lookWithin(t.Context(), host, a, nil, Full, patient); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, %+v", way, err, r)
		}
	}
	short := timeLimits{try: time.Second, total: 5 * time.Second}
	wrong := scout
	wrong.PrivKey = "wrongwrong"
	if _, _, err := lookWithin(t.Context(), host, wrong, nil, Steady, short); !errors.Is(err, ErrSilent) && !errors.Is(err, ErrRefused) {
		t.Errorf("wrong privacy key: %v", err)
	}
}
