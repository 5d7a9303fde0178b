package checkups

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"

	"github.com/printscout/printscout/internal/checkup"
)

func (c *computer) lookAtPrintSystem(context.Context) checkup.Finding {
	running, err := isRunning("Spooler")
	switch {
	case err != nil:
		return checkup.Found(checkup.Error, checkup.Sentence(err.Error()), "look at the service Print Spooler")
	case !running:
		return checkup.Found(checkup.Fail, "The service Print Spooler does not run, so nothing can be printed.", "as administrator: Start-Service Spooler")
	}
	return checkup.Found(checkup.Pass, "The service Print Spooler runs.", "")
}

// isRunning reports whether a service runs. It asks for so few rights that an
// ordinary user may ask.
func isRunning(name string) (bool, error) {
	m, err := windows.OpenSCManager(nil, nil, windows.SC_MANAGER_CONNECT)
	if err != nil {
		return false, fmt.Errorf("asking the service manager: %w", err)
	}
	defer windows.CloseServiceHandle(m)
	wide, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return false, fmt.Errorf("asking the service manager: %w", err)
	}
	s, err := windows.OpenService(m, wide, windows.SERVICE_QUERY_STATUS)
	if err != nil {
		return false, fmt.Errorf("asking for the service %s: %w", name, err)
	}
	defer windows.CloseServiceHandle(s)
	var status windows.SERVICE_STATUS
	if err := windows.QueryServiceStatus(s, &status); err != nil {
		return false, fmt.Errorf("asking for the service %s: %w", name, err)
	}
	return status.CurrentState == windows.SERVICE_RUNNING, nil
}

const listQueues = "[Console]::OutputEncoding=[Text.Encoding]::UTF8; Get-Printer | ForEach-Object { $_.Name + \"`t\" + $_.PortName + \"`t\" + $_.PrinterStatus }"

func (c *computer) lookAtQueue(ctx context.Context) checkup.Finding {
	powershell := filepath.Join(os.Getenv("SystemRoot"), "System32", "WindowsPowerShell", "v1.0", "powershell.exe")
	out, err := c.Run(ctx, powershell, "-NoProfile", "-NonInteractive", "-Command", "$ErrorActionPreference='Stop'; "+listQueues)
	if err != nil {
		return notFound(err)
	}
	return judgeWinQueues(parseWinQueues(out), c.isOurName, c.ourAddresses(ctx))
}

// protectedPrint is where policy and the settings of Windows turn that mode on.
const protectedPrint = `SOFTWARE\Policies\Microsoft\Windows NT\Printers\WPP`

func (c *computer) lookAtProtectedPrint(context.Context) checkup.Finding {
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, protectedPrint, registry.QUERY_VALUE)
	if errors.Is(err, registry.ErrNotExist) {
		return judgeProtectedPrint(0, 0)
	}
	if err != nil {
		return checkup.Found(checkup.Error, checkup.Sentence(err.Error()), "")
	}
	defer key.Close()
	// A value that is not there is 0.
	policy, _, _ := key.GetIntegerValue("WindowsProtectedPrintGroupPolicyState")
	mode, _, _ := key.GetIntegerValue("WindowsProtectedPrintMode")
	return judgeProtectedPrint(policy, mode)
}
