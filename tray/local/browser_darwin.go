package local

import (
	"os/exec"
	"syscall"
)

func browserCommand(target string) (string, []string) { return "/usr/bin/open", []string{target} }

// detach keeps a Ctrl-C at the terminal from the browser.
func detach(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
