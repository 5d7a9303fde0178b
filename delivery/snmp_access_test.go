package delivery

import (
	"testing"

	"github.com/printscout/printscout/delivery/snmp"
	"github.com/printscout/printscout/internal/directory"
)

func TestHowPrintersAreAskedBySNMP(t *testing.T) {
	keys := snmp.Keys{"scout": {Auth: "authauthauth", Priv: "privprivpriv"}}
	for name, c := range map[string]struct {
		entry *directory.SNMP
		want  snmp.Access
		ok    bool
	}{
		"nothing said":   {nil, snmp.Access{}, true},
		"off":            {&directory.SNMP{Version: directory.SNMPOff}, snmp.Access{}, false},
		"version 1":      {&directory.SNMP{Version: "1", Community: "floor2", Port: 1161}, snmp.Access{Version: "1", Community: "floor2", Port: 1161}, true},
		"version 3":      {&directory.SNMP{Version: "3", User: "scout", Auth: "SHA", Priv: "DES", Context: "Jetdirect"}, snmp.Access{Version: "3", User: "scout", Auth: "SHA", AuthKey: "authauthauth", Priv: "DES", PrivKey: "privprivpriv", Context: "Jetdirect"}, true},
		"a user unknown": {&directory.SNMP{Version: "3", User: "other"}, snmp.Access{Version: "3", User: "other"}, false},
	} {
		a, ok := AccessOf(directory.Printer{SNMP: c.entry}, keys)
		if a != c.want || ok != c.ok {
			t.Errorf("%s: %v %+v", name, ok, a)
		}
		if ok && a.Check() != nil {
			t.Errorf("%s: %v", name, a.Check())
		}
	}
}
