//go:build unix

package installer

import (
	"os/exec"
	"strings"
	"syscall"
)

const programPath = "/usr/sbin:/usr/bin:/sbin:/bin"

func programFolders() []string { return strings.Split(programPath, ":") }

func systemEnviron() []string { return []string{"PATH=" + programPath, "LC_ALL=C"} }

// runAs gives a command a session of its own, so that nothing asks for a password
// at a terminal, and the rights of an account.
func runAs(cmd *exec.Cmd, a *Account) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if a == nil {
		return nil
	}
	groups := make([]uint32, len(a.Groups))
	for i, g := range a.Groups {
		groups[i] = uint32(g)
	}
	cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(a.UID), Gid: uint32(a.GID), Groups: groups}
	cmd.Env = append(cmd.Env, "HOME=/nonexistent", "USER="+a.Name, "LOGNAME="+a.Name)
	return nil
}
