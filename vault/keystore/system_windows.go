package keystore

// systemHolder returns the data protection of this process's account.
func systemHolder(dir string) (h Holder, warning string) { return dpapi{dir}, "" }
