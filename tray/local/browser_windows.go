package local

import (
	"os/exec"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/windows"
)

// browserCommand takes rundll32 of the system's folder: one of that name
// elsewhere could be anybody's.
func browserCommand(target string) (string, []string) {
	return systemProgram("rundll32.exe"), []string{"url.dll,FileProtocolHandler", target}
}

func systemProgram(elements ...string) string {
	dir, err := windows.GetSystemDirectory()
	if err != nil {
		dir = `C:\Windows\System32`
	}
	return filepath.Join(append([]string{dir}, elements...)...)
}

// detach keeps a console window from opening, and a Ctrl-C from the child.
func detach(c *exec.Cmd) {
	c.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.CREATE_NEW_PROCESS_GROUP | windows.CREATE_NO_WINDOW}
}
