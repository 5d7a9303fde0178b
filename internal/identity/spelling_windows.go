package identity

import (
	"sync"

	"golang.org/x/sys/windows"
)

// systemNames has the NetBIOS name, which Windows uses as the domain of a local
// account. If Windows does not tell it, .\user is not a valid name.
var systemNames = sync.OnceValue(func() spelling {
	name, err := windows.ComputerName()
	if err != nil {
		name = ""
	}
	return spelling{windows: true, computer: name}
})
