package keystore

import "os"

// systemHolder is the credential of systemd, where the service has one.
func systemHolder(string) (h Holder, warning string) {
	c := credential{os.Getenv("CREDENTIALS_DIRECTORY")}
	if c.given() {
		return c, ""
	}
	if systemdOffersCredentials() {
		return nil, "the secrets are not sealed, though systemd could give the agent a credential to seal them under: docs/keystore.md"
	}
	return nil, ""
}

// systemdOffersCredentials says whether systemd runs this system (sd_booted(3))
// and can encrypt credentials (since version 250).
func systemdOffersCredentials() bool {
	return isThere("/run/systemd/system") && isThere("/usr/bin/systemd-creds")
}
