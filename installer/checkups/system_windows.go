package checkups

import (
	"os/exec"
	"syscall"
)

// withoutTerminal keeps a program from showing a console.
func withoutTerminal(c *exec.Cmd) {
	c.SysProcAttr = &syscall.SysProcAttr{HideWindow: true, CreationFlags: 0x08000000} // CREATE_NO_WINDOW
}
