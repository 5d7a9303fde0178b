//go:build unix

package checkups

import (
	"os/exec"
	"syscall"
)

// withoutTerminal keeps a program from asking the person at the terminal.
func withoutTerminal(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
