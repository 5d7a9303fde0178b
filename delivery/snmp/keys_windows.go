package snmp

import "os"

// checkPrivate accepts every file: it has the access list of the folder that
// the administrator put it into, and its mode says nothing of that.
func checkPrivate(*os.File) error { return nil }
