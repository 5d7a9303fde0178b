package installer

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/windows"
)

// programFolders asks the system: a variable of the environment could name another
// folder.
func programFolders() []string {
	system, err := windows.GetSystemDirectory()
	if err != nil {
		return nil
	}
	return []string{system, filepath.Join(system, "WindowsPowerShell", "v1.0")}
}

func systemEnviron() []string { return os.Environ() }

// runAs hides the window of a command. Another account cannot be had without its
// password.
func runAs(cmd *exec.Cmd, a *Account) error {
	if a != nil {
		return errors.New("running a program as another account is not possible on Windows")
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{HideWindow: true}
	return nil
}
