package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// Find implements Queues by PowerShell's Get-Printer. The address of an IPP
// printer is in its port.
func (systemQueues) Find(ctx context.Context, addresses []string) (string, error) {
	out, err := runPowerShell(ctx, "[Console]::OutputEncoding=[Text.Encoding]::UTF8; Get-Printer | ForEach-Object { $_.Name + \"`t\" + $_.PortName }")
	if err != nil {
		return "", err
	}
	return findQueue(out, addresses, divideTab), nil
}

// addPrinter reads the address from the environment, where nothing of it is
// taken for a command.
const addPrinter = "Add-Printer -Name " + queueName + " -IppURL $env:PRINTSCOUT_ADDRESS"

// Make implements Queues.
func (systemQueues) Make(ctx context.Context, address string) error {
	_, err := runPowerShell(ctx, addPrinter, "PRINTSCOUT_ADDRESS="+ippURL(address))
	return err
}

// Command implements Queues.
func (systemQueues) Command(address string) string {
	return "Add-Printer -Name " + queueName + " -IppURL '" + strings.ReplaceAll(ippURL(address), "'", "''") + "'"
}

// ippURL is an address as Windows wants it.
func ippURL(address string) string {
	if rest, ok := strings.CutPrefix(address, "ipp://"); ok {
		return "http://" + rest
	}
	return address
}

func runPowerShell(ctx context.Context, script string, env ...string) ([]byte, error) {
	c := exec.CommandContext(ctx, systemProgram("WindowsPowerShell", "v1.0", "powershell.exe"), "-NoProfile", "-NonInteractive", "-Command", "$ErrorActionPreference='Stop'; "+script)
	c.Env = append(os.Environ(), env...)
	detach(c)
	out, err := c.Output()
	if ended, ok := errors.AsType[*exec.ExitError](err); ok {
		return nil, errors.New("powershell: " + shortError(ended.Stderr, err))
	}
	if err != nil {
		return nil, fmt.Errorf("running powershell: %w", err)
	}
	return out, nil
}
