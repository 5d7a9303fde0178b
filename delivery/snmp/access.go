package snmp

import (
	"cmp"
	"fmt"

	"github.com/gosnmp/gosnmp"
)

// Access is how a printer may be asked. The zero value is version 2c with the
// community "public".
type Access struct {
	Version   string `json:"version,omitempty"`   // "1", "2c" or "3"; "" is 2c
	Community string `json:"community,omitempty"` // of versions 1 and 2c; "" is public

	// Of version 3 (RFC 3414). Auth is MD5, SHA, SHA224, SHA256, SHA384 or
	// SHA512, "" is SHA256; none must be said. Priv is DES, AES, AES192,
	// AES256 (Blumenthal), AES192C, AES256C (Reeder) or none; "" is AES, or
	// none if Auth is none. Keys are passphrases of 8 to 255 bytes.
	User    string `json:"user,omitempty"`
	Auth    string `json:"auth,omitempty"`
	AuthKey string `json:"auth_key,omitempty"`
	Priv    string `json:"priv,omitempty"`
	PrivKey string `json:"priv_key,omitempty"`
	Context string `json:"context,omitempty"` // context name

	Port int `json:"port,omitempty"` // 0 is 161
}

// none is how Auth and Priv are renounced.
const none = "none"

// Sizes of what an Access has, in bytes: RFC 3414, 11.2 for keys, RFC 3411 for
// users (32) and contexts (32). gosnmp writes lengths of communities in a byte.
const (
	minKey       = 8
	maxKey       = 255
	maxUser      = 32
	maxContext   = 32
	maxCommunity = 127
	defaultPort  = 161
)

var versions = map[string]gosnmp.SnmpVersion{"1": gosnmp.Version1, "2c": gosnmp.Version2c, "3": gosnmp.Version3}

var authProtocols = map[string]gosnmp.SnmpV3AuthProtocol{
	none: gosnmp.NoAuth, "MD5": gosnmp.MD5, "SHA": gosnmp.SHA, "SHA224": gosnmp.SHA224,
	"SHA256": gosnmp.SHA256, "SHA384": gosnmp.SHA384, "SHA512": gosnmp.SHA512,
}

var privProtocols = map[string]gosnmp.SnmpV3PrivProtocol{
	none: gosnmp.NoPriv, "DES": gosnmp.DES, "AES": gosnmp.AES, "AES192": gosnmp.AES192,
	"AES256": gosnmp.AES256, "AES192C": gosnmp.AES192C, "AES256C": gosnmp.AES256C,
}

// Check returns an error of kind ErrAccess for what makes no sense. It never
// names a community or a key.
func (a Access) Check() error {
	a = a.withDefaults()
	if _, ok := versions[a.Version]; !ok {
		return fmt.Errorf("%w: version %q is not one of 1, 2c, 3", ErrAccess, a.Version)
	}
	if a.Port < 1 || a.Port > 65535 {
		return fmt.Errorf("%w: port %d", ErrAccess, a.Port)
	}
	if a.Version != "3" {
		return a.checkCommunity()
	}
	return a.checkUser()
}

func (a Access) checkCommunity() error {
	switch {
	case len(a.Community) > maxCommunity:
		return fmt.Errorf("%w: the community is longer than %d bytes", ErrAccess, maxCommunity)
	case a.User != "" || a.AuthKey != "" || a.PrivKey != "":
		return fmt.Errorf("%w: a user is given, which version %s does not have", ErrAccess, a.Version)
	}
	return nil
}

func (a Access) checkUser() error {
	_, auth := authProtocols[a.Auth]
	_, priv := privProtocols[a.Priv]
	switch {
	case a.User == "" || len(a.User) > maxUser:
		return fmt.Errorf("%w: version 3 needs a user of 1 to %d bytes", ErrAccess, maxUser)
	case len(a.Context) > maxContext:
		return fmt.Errorf("%w: the context is longer than %d bytes", ErrAccess, maxContext)
	case !auth:
		return fmt.Errorf("%w: authentication %q is not known", ErrAccess, a.Auth)
	case !priv:
		return fmt.Errorf("%w: privacy %q is not known", ErrAccess, a.Priv)
	case a.Auth == none && a.Priv != none:
		return fmt.Errorf("%w: there is no privacy without authentication", ErrAccess)
	case a.Auth != none && !keyFits(a.AuthKey):
		return fmt.Errorf("%w: the authentication key must have %d to %d bytes", ErrAccess, minKey, maxKey)
	case a.Priv != none && !keyFits(a.PrivKey):
		return fmt.Errorf("%w: the privacy key must have %d to %d bytes", ErrAccess, minKey, maxKey)
	}
	return nil
}

func keyFits(key string) bool { return len(key) >= minKey && len(key) <= maxKey }

func (a Access) withDefaults() Access {
	a.Version = cmp.Or(a.Version, "2c")
	a.Community = cmp.Or(a.Community, "public")
	a.Auth = cmp.Or(a.Auth, "SHA256")
	if a.Auth == none {
		a.Priv = cmp.Or(a.Priv, none)
	}
	a.Priv = cmp.Or(a.Priv, "AES")
	a.Port = cmp.Or(a.Port, defaultPort)
	return a
}

// newClient returns gosnmp's client for this access, which is complete and has
// been checked.
func (a Access) newClient(host string, e Engine) *gosnmp.GoSNMP {
	g := &gosnmp.GoSNMP{
		Target: host, Port: uint16(a.Port), Version: versions[a.Version], Community: a.Community,
		MaxOids: gosnmp.MaxOids,
	}
	if a.Version != "3" {
		return g
	}
	g.SecurityModel, g.ContextName, g.ContextEngineID = gosnmp.UserSecurityModel, a.Context, e.idBytes()
	g.MsgFlags = gosnmp.NoAuthNoPriv
	switch {
	case a.Priv != none:
		g.MsgFlags = gosnmp.AuthPriv
	case a.Auth != none:
		g.MsgFlags = gosnmp.AuthNoPriv
	}
	g.SecurityParameters = &gosnmp.UsmSecurityParameters{
		UserName: a.User, AuthenticationProtocol: authProtocols[a.Auth], PrivacyProtocol: privProtocols[a.Priv],
		AuthenticationPassphrase: a.AuthKey, PrivacyPassphrase: a.PrivKey,
		AuthoritativeEngineID: e.idBytes(), AuthoritativeEngineBoots: e.Boots, AuthoritativeEngineTime: e.Time,
	}
	return g
}
