package installer

import (
	"context"
	"crypto/rand"
	"net/netip"
	"os/user"
	"strconv"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/identity"
	"github.com/printscout/printscout/internal/settings"
)

// ThisComputer returns the computer that this process runs on.
func ThisComputer() *Computer {
	return &Computer{
		Runner:       systemRunner{},
		CUPS:         &CUPS{Conf: "/etc/cups/cupsd.conf", FilesConf: "/etc/cups/cups-files.conf"},
		Agent:        func(path string) Agent { return control.NewClient(path) },
		LoadSettings: func() (*settings.Settings, error) { return settings.Load("") },
		Listener:     listenerAt,
		Account:      lookUpAccount,
		Elevated:     isElevated,
		NewID:        rand.Text,
	}
}

func listenerAt(ctx context.Context, at netip.AddrPort) (string, bool) {
	l, err := identity.OfListener(ctx, at)
	return l.String(), err == nil
}

// accountOf returns an account of package os/user.
func accountOf(u *user.User) (Account, bool) {
	a := Account{Name: u.Username, Home: u.HomeDir}
	var err1, err2 error
	a.UID, err1 = strconv.Atoi(u.Uid)
	a.GID, err2 = strconv.Atoi(u.Gid)
	groups, _ := u.GroupIds() // without them it has the rights of its first group
	for _, g := range groups {
		if n, err := strconv.Atoi(g); err == nil {
			a.Groups = append(a.Groups, n)
		}
	}
	return a, err1 == nil && err2 == nil
}
