package installer

import (
	"os/user"

	"golang.org/x/sys/windows"
)

func isElevated() bool { return windows.GetCurrentProcessToken().IsElevated() }

// lookUpAccount knows a user's name only: SIDs are no numbers.
func lookUpAccount(name string) (Account, bool) {
	u, err := user.Lookup(name)
	if err != nil {
		return Account{}, false
	}
	return Account{Name: u.Username, Home: u.HomeDir}, true
}
