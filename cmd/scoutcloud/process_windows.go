package main

import (
	"os/exec"
	"syscall"
)

// ownGroup keeps a Ctrl-C at the console from the child, which is told to stop
// in its turn.
func ownGroup(c *exec.Cmd) {
	c.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}
