package installer

// isTrustedGroup reports whether a group has only administrators: wheel and admin.
func isTrustedGroup(gid int) bool { return gid == 0 || gid == 80 }
