package installer

import (
	"os"
	"os/user"
)

func isElevated() bool { return os.Geteuid() == 0 }

func lookUpAccount(name string) (Account, bool) {
	u, err := user.Lookup(name)
	if err != nil {
		return Account{}, false
	}
	return accountOf(u)
}
