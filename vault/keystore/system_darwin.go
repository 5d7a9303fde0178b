package keystore

import "os"

// systemHolder returns the System keychain, which belongs to root. An agent that
// runs as another account has plain files.
func systemHolder(string) (h Holder, warning string) {
	if os.Geteuid() != 0 || !isThere(securityTool) || !isThere(systemKeychain) {
		return nil, ""
	}
	return keychain{securityTool, systemKeychain}, ""
}
