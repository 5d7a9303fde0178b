package identity

import (
	"sync"

	"golang.org/x/sys/windows"
)

// systemNames knows the NetBIOS name, by which Windows names the domain of a
// local account. Where it does not answer, .\user is nobody.
var systemNames = sync.OnceValue(func() spelling {
	name, err := windows.ComputerName()
	if err != nil {
		name = ""
	}
	return spelling{windows: true, computer: name}
})
