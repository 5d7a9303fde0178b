package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/delivery/snmp"
	"github.com/printscout/printscout/internal/cli"
	"github.com/printscout/printscout/internal/directory"
)

// snmpOptions say how to ask a printer by SNMP.
type snmpOptions struct {
	directory.SNMP
	keysFile string
}

// addFlags adds the flags for SNMP.
func (o *snmpOptions) addFlags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&o.Version, "snmp", "", "how the printer is asked for its state: `VERSION` 1, 2c or 3, or off (default: 2c, or 3 with a user)")
	f.StringVar(&o.Community, "snmp-community", "", "community of versions 1 and 2c (default: public)")
	f.StringVar(&o.User, "snmp-user", "", "user of version 3; the passphrases are each scout's own, in the file its SNMPKeysFile names")
	f.StringVar(&o.Auth, "snmp-auth", "", "MD5, SHA, SHA224, SHA256, SHA384 or SHA512 (default: SHA256)")
	f.StringVar(&o.Priv, "snmp-priv", "", "DES, AES, AES192, AES256, AES192C or AES256C (default: AES)")
	f.StringVar(&o.Context, "snmp-context", "", "context name of version 3 (HP JetDirect: Jetdirect)")
	f.IntVar(&o.Port, "snmp-port", 0, "UDP port (default: 161)")
	f.StringVar(&o.keysFile, "snmp-keys-file", "", "`FILE` with the passphrases for asking it now (docs/snmp.md, Keys)")
}

// loadKeys loads the passphrases from the named file, if there is one.
func (o *snmpOptions) loadKeys() (snmp.Keys, error) {
	if o.keysFile == "" {
		return nil, nil
	}
	k, err := snmp.LoadKeys(o.keysFile)
	if err != nil {
		return nil, cli.WithHint(err, "it looks like {\"USER\": {\"auth\": \"passphrase\", \"priv\": \"passphrase\"}}, and its mode is 0600")
	}
	return k, nil
}

// directorySNMP returns what the directory says about SNMP: nil if no flag was
// given.
func (o *snmpOptions) directorySNMP() (*directory.SNMP, error) {
	s := o.SNMP
	if s == (directory.SNMP{}) {
		return nil, nil
	}
	s.Auth, s.Priv = strings.ToUpper(s.Auth), strings.ToUpper(s.Priv)
	if s.Version == "" {
		s.Version = "2c"
		if s.User != "" {
			s.Version = "3"
		}
	}
	switch {
	case (s.Version == "3") != (s.User != ""):
		return nil, cli.Usagef("--snmp 3 and --snmp-user go together")
	case s.User == "" && (s.Auth != "" || s.Priv != "" || s.Context != ""):
		return nil, cli.Usagef("--snmp-auth, --snmp-priv and --snmp-context are for --snmp 3")
	case s.User != "" && s.Community != "":
		return nil, cli.Usagef("--snmp-community is for versions 1 and 2c")
	}
	return &s, nil
}
