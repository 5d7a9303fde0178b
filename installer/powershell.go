package installer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// addPrinterTries is how often Add-Printer is called: it may end without an error
// and without a printer (docs/installer.md).
const addPrinterTries = 5

// windowsSteps are the steps of docs/installer.md, macOS and Windows. The service
// is registered by service, nil where a package does that.
func (r *run) windowsSteps(service Step) []Step {
	queue := []Step{r.windowsQueueStep(), r.windowsDefaultStep()}
	if r.FromPackage {
		return append([]Step{r.registryStep()}, queue...)
	}
	steps := []Step{r.foldersStep(), r.registryStep(), r.bundleStep(), service, r.enrollmentStep(), r.runKeyStep()}
	return append(append(steps, queue...), r.windowsProbeStep())
}

// powershell runs a script of ours. What it works on comes by the environment, where
// nothing of it is taken for a command.
func (r *run) powershell(ctx context.Context, script string, env ...string) (string, error) {
	const strict = "$ErrorActionPreference='Stop'; [Console]::OutputEncoding=[Text.Encoding]::UTF8; "
	out, err := r.Runner.Run(ctx, Command{Name: "powershell.exe", Args: []string{"-NoProfile", "-NonInteractive", "-Command", strict + script}, Env: env})
	return strings.TrimSpace(string(out)), err
}

// printerPort returns the port name of a printer, which holds the address; "" if
// there is none of that name.
func (r *run) printerPort(ctx context.Context, name string) (string, error) {
	return r.powershell(ctx, "Get-Printer | Where-Object { $_.Name -eq $env:PRINTSCOUT_NAME } | ForEach-Object { $_.PortName }", "PRINTSCOUT_NAME="+name)
}

// printersAt returns the names of printers whose port leads to an address.
func (r *run) printersAt(ctx context.Context, address string) ([]string, error) {
	out, err := r.powershell(ctx, "Get-Printer | Where-Object { $_.PortName -eq $env:PRINTSCOUT_ADDRESS -or (Get-PrinterPort -Name $_.PortName).DeviceURL -eq $env:PRINTSCOUT_ADDRESS } | ForEach-Object { $_.Name }", "PRINTSCOUT_ADDRESS="+address)
	return strings.FieldsFunc(out, func(c rune) bool { return c == '\r' || c == '\n' }), err
}

// windowsAddress is where the queue leads. It names the address, since localhost may
// be ::1 there.
func (r *run) windowsAddress() string {
	return fmt.Sprintf("http://127.0.0.1:%d/ipp/print", r.values.Port)
}

// windowsQueueStep makes the print queue by Add-Printer.
func (r *run) windowsQueueStep() Step {
	return Step{
		Name:     "queue",
		Optional: true,
		Plan: func(ctx context.Context) (string, error) {
			if ours, err := r.hasWindowsQueue(ctx); ours || err != nil {
				return "", err
			}
			return "make the print queue " + r.values.QueueName, nil
		},
		Do: func(ctx context.Context, e *Entry) (string, error) {
			ours, err := r.hasWindowsQueue(ctx)
			if ours {
				err = errors.Join(err, e.keep("queue", r.values.QueueName))
			}
			if ours || err != nil {
				return "", err
			}
			if err := e.keep("queue", r.values.QueueName); err != nil {
				return "", err
			}
			return "made the print queue " + r.values.QueueName, r.addPrinter(ctx)
		},
		Undo: func(ctx context.Context, e *Entry) (string, error) {
			if e.Values["queue"] == "" && e.record != nil {
				return "", nil
			}
			names, err := r.printersAt(ctx, r.windowsAddress())
			if err != nil {
				return "", err
			}
			for _, name := range names {
				if _, err := r.powershell(ctx, "Remove-Printer -Name $env:PRINTSCOUT_NAME", "PRINTSCOUT_NAME="+name); err != nil {
					return "", err
				}
			}
			return sentence("removed the print queue %s", names), nil
		},
	}
}

// hasWindowsQueue reports whether our queue is there. Another one of that name is an
// error.
func (r *run) hasWindowsQueue(ctx context.Context) (bool, error) {
	names, err := r.printersAt(ctx, r.windowsAddress())
	if err != nil || slices.Contains(names, r.values.QueueName) {
		return err == nil, err
	}
	port, err := r.printerPort(ctx, r.values.QueueName)
	if err != nil || port == "" {
		return false, err
	}
	return false, &Problem{
		Err:   fmt.Errorf("the print queue %s %w: its port is %s", r.values.QueueName, ErrOtherQueue, port),
		Hint:  "remove it, or choose another name: --set QueueName=NAME",
		Fatal: true,
	}
}

// addPrinter has Windows make the queue, and looks each time whether it is there.
// Some versions refuse -Name together with -IppURL, so it is renamed afterwards.
func (r *run) addPrinter(ctx context.Context) error {
	var last error
	for range addPrinterTries {
		_, last = r.powershell(ctx, "Add-Printer -IppURL $env:PRINTSCOUT_ADDRESS", "PRINTSCOUT_ADDRESS="+r.windowsAddress())
		var names []string
		err := r.await(ctx, func(ctx context.Context) (bool, error) {
			var err error
			names, err = r.printersAt(ctx, r.windowsAddress())
			return len(names) > 0 || last != nil, err
		})
		if err != nil && !errors.Is(err, errLate) {
			return err
		}
		if len(names) == 0 {
			continue
		}
		if slices.Contains(names, r.values.QueueName) {
			return nil
		}
		_, err = r.powershell(ctx, "Rename-Printer -Name $env:PRINTSCOUT_FROM -NewName $env:PRINTSCOUT_NAME", "PRINTSCOUT_FROM="+names[0], "PRINTSCOUT_NAME="+r.values.QueueName)
		return err
	}
	return &Problem{Err: errors.Join(errors.New("the print queue was not made by Windows"), last), Hint: "does the Print Spooler run? then run 'printscout install' again"}
}

// windowsDefaultStep is for the person who is logged on: Windows has a default
// printer for each person.
func (r *run) windowsDefaultStep() Step {
	return Step{
		Name:     "default-printer",
		Optional: true,
		Plan:     func(context.Context) (string, error) { return "", errWindowsDefault },
		Do:       func(context.Context, *Entry) (string, error) { return "", errWindowsDefault },
		Undo:     func(context.Context, *Entry) (string, error) { return "", nil },
	}
}

var errWindowsDefault = &note{message: "Windows has a default printer for each person, which a policy sets"}

// windowsProbeStep prints a page by Out-Printer, as the one who installs.
func (r *run) windowsProbeStep() Step {
	s := r.probeStep()
	s.Plan = func(context.Context) (string, error) {
		if r.NoProbe {
			return "", errNoProbe
		}
		return "print a probe page, and discard it", nil
	}
	s.Do = r.probeOnWindows
	return s
}

// probeOnWindows waits for a job that was not there before: Out-Printer gives its
// jobs no title of ours.
func (r *run) probeOnWindows(ctx context.Context, _ *Entry) (string, error) {
	if r.NoProbe {
		return "", errNoProbe
	}
	status, err := r.agent.Status(ctx)
	if err != nil {
		return "", err
	}
	if !status.Accepting {
		return "", r.notAccepting(status)
	}
	before, err := r.agent.Jobs(ctx)
	if err != nil {
		return "", err
	}
	known := map[string]bool{}
	for _, j := range before {
		known[j.ID] = true
	}
	if _, err := r.powershell(ctx, "'Print Scout probe page. It is discarded.' | Out-Printer -Name $env:PRINTSCOUT_NAME", "PRINTSCOUT_NAME="+r.values.QueueName); err != nil {
		return "", err
	}
	found := ""
	err = r.await(ctx, func(ctx context.Context) (bool, error) {
		jobs, err := r.agent.Jobs(ctx)
		for _, j := range jobs {
			if !known[j.ID] && j.State != "receiving" {
				found = j.ID
			}
		}
		return found != "", ignoreUnreachable(err)
	})
	if errors.Is(err, errLate) {
		return "", &Problem{Err: fmt.Errorf("the probe page did not arrive within %s", r.Timeout), Hint: "look at the queue in Windows' settings, and at 'printscout status'"}
	}
	if err != nil {
		return "", err
	}
	_, err = r.agent.Cancel(context.WithoutCancel(ctx), found)
	return "a page was captured and discarded", err
}
