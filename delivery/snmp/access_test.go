package snmp

import (
	"errors"
	"strings"
	"testing"
)

func TestAccessIsChecked(t *testing.T) {
	const key = "authauthauth"
	for name, c := range map[string]struct {
		a  Access
		ok bool
	}{
		"nothing":            {Access{}, true},
		"version 1":          {Access{Version: "1", Community: "floor2"}, true},
		"version 2":          {Access{Version: "2"}, false},
		"port":               {Access{Port: 65536}, false},
		"negative port":      {Access{Port: -1}, false},
		"long community":     {Access{Community: strings.Repeat("x", 128)}, false},
		"user without v3":    {Access{User: "scout"}, false},
		"defaults of v3":     {Access{Version: "3", User: "scout", AuthKey: key, PrivKey: key}, true},
		"no user":            {Access{Version: "3", AuthKey: key, PrivKey: key}, false},
		"long user":          {Access{Version: "3", User: strings.Repeat("x", 33), AuthKey: key, PrivKey: key}, false},
		"no key":             {Access{Version: "3", User: "scout"}, false},
		"short key":          {Access{Version: "3", User: "scout", AuthKey: "1234567", PrivKey: key}, false},
		"short privacy key":  {Access{Version: "3", User: "scout", AuthKey: key, PrivKey: "1234567"}, false},
		"unknown auth":       {Access{Version: "3", User: "scout", Auth: "sha256", AuthKey: key, PrivKey: key}, false},
		"unknown priv":       {Access{Version: "3", User: "scout", Priv: "3DES", AuthKey: key, PrivKey: key}, false},
		"noAuth by its word": {Access{Version: "3", User: "scout", Auth: "none"}, true},
		"noPriv by its word": {Access{Version: "3", User: "scout", AuthKey: key, Priv: "none"}, true},
		"priv without auth":  {Access{Version: "3", User: "scout", Auth: "none", Priv: "AES", PrivKey: key}, false},
		"long context":       {Access{Version: "3", User: "scout", AuthKey: key, PrivKey: key, Context: strings.Repeat("x", 33)}, false},
	} {
		err := c.a.Check()
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && (!errors.Is(err, ErrAccess) || strings.Contains(err.Error(), key) || strings.Contains(err.Error(), "1234567")) {
			t.Errorf("%s: the error is of another kind, or tells a key: %v", name, err)
		}
	}
}

func TestAWrongAccessIsNotUsed(t *testing.T) {
	a := startAgentOK(t)
	_, k, err := Look(t.Context(), host, Access{Version: "4", Port: a.Port()}, nil, Full)
	if !errors.Is(err, ErrAccess) || k == nil || a.Requests() != 0 {
		t.Errorf("look: %v, known %v, %d requests", err, k, a.Requests())
	}
	if _, err := Count(t.Context(), host, Access{Version: "4", Port: a.Port()}, nil); !errors.Is(err, ErrAccess) {
		t.Errorf("count: %v", err)
	}
}
