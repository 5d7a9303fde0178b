package installer

import (
	"os/user"
	"strconv"
)

// isTrustedGroup reports whether a group has only administrators: root's, and
// Debian's group staff, to which it gives /usr/local.
func isTrustedGroup(gid int) bool {
	if gid == 0 {
		return true
	}
	g, err := user.LookupGroupId(strconv.Itoa(gid))
	return err == nil && gid < 100 && g.Name == "staff"
}
