package directory

import (
	"regexp"
	"slices"
)

// SNMPOff is the version for a printer that is not queried by SNMP.
const SNMPOff = "off"

var (
	snmpVersions = []string{"1", "2c", "3", SNMPOff}
	snmpAuths    = []string{"", "MD5", "SHA", "SHA224", "SHA256", "SHA384", "SHA512"}
	snmpPrivs    = []string{"", "DES", "AES", "AES192", "AES256", "AES192C", "AES256C"}
	snmpWord     = regexp.MustCompile(`^[!-~]{0,64}$`)
)

// validate refuses settings that cannot be used with any printer; nil is valid.
func (s *SNMP) validate() error {
	if s == nil {
		return nil
	}
	switch {
	case !slices.Contains(snmpVersions, s.Version):
		return malformed("snmp version %.20q", s.Version)
	case s.Port < 0 || s.Port > 65535:
		return malformed("snmp port %d", s.Port)
	case !slices.Contains(snmpAuths, s.Auth):
		return malformed("snmp authentication %.20q", s.Auth)
	case !slices.Contains(snmpPrivs, s.Priv):
		return malformed("snmp privacy %.20q", s.Priv)
	case (s.Version == "3") != (s.User != ""):
		return malformed("snmp version 3 and a user go together")
	}
	for _, word := range []string{s.Community, s.User, s.Context} {
		if !snmpWord.MatchString(word) {
			return malformed("snmp name %.70q", word)
		}
	}
	return nil
}
