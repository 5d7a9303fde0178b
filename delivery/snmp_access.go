package delivery

import (
	"github.com/printscout/printscout/delivery/snmp"
	"github.com/printscout/printscout/internal/directory"
)

// AccessOf returns how a printer of the directory is asked by SNMP, with the
// passphrases of its user (docs/decisions/0009). It returns false if the
// printer is not to be asked: the directory says so, or keys has none for its
// user.
func AccessOf(p directory.Printer, keys snmp.Keys) (snmp.Access, bool) {
	s := p.SNMP
	switch {
	case s == nil:
		return snmp.Access{}, true
	case s.Version == directory.SNMPOff:
		return snmp.Access{}, false
	}
	a := snmp.Access{
		Version: s.Version, Port: s.Port, Community: s.Community,
		User: s.User, Auth: s.Auth, Priv: s.Priv, Context: s.Context,
	}
	if s.Version != "3" {
		return a, true
	}
	key, ok := keys[s.User]
	a.AuthKey, a.PrivKey = key.Auth, key.Priv
	return a, ok
}
