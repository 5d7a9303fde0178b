package keystore

import "os"

// systemHolder returns the credential of systemd, if the service has one.
func systemHolder(string) (h Holder, warning string) {
	return holderOf(credential{os.Getenv("CREDENTIALS_DIRECTORY")}, systemdOffersCredentials())
}

func holderOf(c credential, offered bool) (h Holder, warning string) {
	switch {
	case c.isGiven():
		return c, ""
	case offered:
		return nil, "the agent's keys are not sealed, though systemd could give the agent a credential to seal them under: docs/keystore.md says how"
	}
	return nil, ""
}

// systemdOffersCredentials reports whether systemd runs this system (sd_booted(3))
// and can encrypt credentials (since version 250).
func systemdOffersCredentials() bool {
	return isThere("/run/systemd/system") && isThere("/usr/bin/systemd-creds")
}
