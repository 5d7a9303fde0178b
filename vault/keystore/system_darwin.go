package keystore

import "os"

// systemHolder is the System keychain, which is root's. An agent that a person
// runs has files.
func systemHolder(string) (h Holder, warning string) {
	if os.Geteuid() != 0 || !isThere(securityTool) || !isThere(systemKeychain) {
		return nil, ""
	}
	return keychain{securityTool, systemKeychain}, ""
}
