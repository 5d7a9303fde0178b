package keystore

// systemHolder is the data protection of the account that this runs as.
func systemHolder(dir string) (h Holder, warning string) { return dpapi{dir}, "" }
