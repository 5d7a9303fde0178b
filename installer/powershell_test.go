//go:build unix

package installer

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/printscout/printscout/internal/control"
)

// windowsPrinters answers as Windows does; Add-Printer works at the nth call.
type windowsPrinters struct {
	names  map[string]string // port by name
	addsAt int
	adds   int
}

func variable(c Command, name string) string {
	for _, v := range c.Env {
		if value, ok := strings.CutPrefix(v, name+"="); ok {
			return value
		}
	}
	return ""
}

func (w *windowsPrinters) answer(c Command) (string, error) {
	script := strings.Join(c.Args, " ")
	address := variable(c, "PRINTSCOUT_ADDRESS")
	switch {
	case strings.Contains(script, "DeviceURL -eq"):
		var found []string
		for name, port := range w.names {
			if port == address {
				found = append(found, name)
			}
		}
		return strings.Join(found, "\r\n") + "\r\n", nil
	case strings.Contains(script, "$_.PortName }"):
		return w.names[variable(c, "PRINTSCOUT_NAME")], nil
	case strings.Contains(script, "Add-Printer"):
		if w.adds++; w.adds == w.addsAt {
			w.names["Print Scout"] = address
		} else if w.adds%2 == 1 {
			return "", &CommandError{Name: "powershell.exe", Code: 1, Said: "The printer was not added"}
		}
	case strings.Contains(script, "Rename-Printer"):
		from := variable(c, "PRINTSCOUT_FROM")
		w.names[variable(c, "PRINTSCOUT_NAME")] = w.names[from]
		delete(w.names, from)
	case strings.Contains(script, "Remove-Printer"):
		delete(w.names, variable(c, "PRINTSCOUT_NAME"))
	}
	return "", nil
}

// TestWindowsQueue: Windows makes the queue at the third call, under a name of its
// own.
func TestWindowsQueue(t *testing.T) {
	r, runner, _ := newFake(t, macLayout)
	r.Timeout = 300 * time.Millisecond // a call that makes nothing is waited for as long
	w := &windowsPrinters{names: map[string]string{"Office": "IP_10.0.0.9"}, addsAt: 3}
	runner.answer = w.answer
	record := fakeRecord()
	steps := []Step{r.windowsQueueStep(), r.windowsDefaultStep()}
	result, err := (&engine{steps: steps, record: record}).install(t.Context())
	if err != nil || result.Outcome != Complete || w.adds != 3 || w.names["printscout"] != "http://127.0.0.1:8631/ipp/print" {
		t.Fatalf("%v, %+v, %+v", err, result, w)
	}
	for _, c := range runner.ran {
		if strings.Contains(c, "127.0.0.1") {
			t.Errorf("the address is a part of a script: %s", c)
		}
	}
	if _, err := (&engine{steps: steps, record: record}).install(t.Context()); err != nil || w.adds != 3 {
		t.Errorf("again: %v, %d calls", err, w.adds)
	}
	done := &Result{Outcome: Complete}
	if err := (&engine{steps: steps, record: record}).uninstall(t.Context(), done, false); err != nil || len(w.names) != 1 {
		t.Errorf("uninstall: %v, %v", err, w.names)
	}

	w.addsAt, w.adds = 0, 0
	result, err = (&engine{steps: steps, record: fakeRecord()}).install(t.Context())
	if err != nil || result.Outcome != Partial || w.adds != addPrinterTries {
		t.Errorf("never made: %v, %+v, %d calls", err, result, w.adds)
	}
	w.names["printscout"] = "IP_10.0.0.9"
	if _, err = (&engine{steps: steps, record: fakeRecord()}).install(t.Context()); !errors.Is(err, ErrOtherQueue) || w.names["printscout"] == "" {
		t.Errorf("another's queue: %v", err)
	}
}

func TestRegistry(t *testing.T) {
	r, runner, _ := newFake(t, macLayout)
	r.Set = map[string]json.RawMessage{"DefaultPrinter": jsonOf(t, true), "Port": jsonOf(t, 9000), "QueueName": jsonOf(t, "office"), "PrinterMedia": jsonOf(t, []string{"a", "b"})}
	record := fakeRecord()
	steps := []Step{r.registryStep(), r.runKeyStep()}
	if _, err := (&engine{steps: steps, record: record}).install(t.Context()); err != nil {
		t.Fatal(err)
	}
	const add = `reg.exe add HKLM\SOFTWARE\PrintScout /v `
	wantCommands(t, runner, add+"DefaultPrinter /t REG_DWORD /d 1 /f /reg:64", add+"Port /t REG_DWORD /d 9000", add+`PrinterMedia /t REG_SZ /d ["a","b"]`, add+"QueueName /t REG_SZ /d office",
		`/v PrintScout /t REG_SZ /d "/opt/printscout/printscout" tray`)
	done := &Result{Outcome: Complete}
	if err := (&engine{steps: steps, record: record}).uninstall(t.Context(), done, false); err != nil || done.Outcome != Complete {
		t.Fatal(err)
	}
	const remove = `reg.exe delete HKLM\SOFTWARE\PrintScout /v `
	wantCommands(t, runner, `reg.exe delete `+runKey+` /v PrintScout`, remove+"DefaultPrinter", remove+"Port", remove+"PrinterMedia", remove+"QueueName")
}

// TestWindowsProbe: only the job that was not there before is discarded.
func TestWindowsProbe(t *testing.T) {
	r, runner, agent := newFake(t, macLayout)
	agent.status.Accepting = true
	agent.jobs = []control.Job{{ID: "old", State: "parked"}}
	runner.answer = func(c Command) (string, error) {
		agent.jobs = append(agent.jobs, control.Job{ID: "new", State: "parked"})
		return "", nil
	}
	did, err := r.probeOnWindows(t.Context(), nil)
	if err != nil || did == "" || !slices.Equal(agent.canceled, []string{"new"}) {
		t.Errorf("%q, %v, canceled %v", did, err, agent.canceled)
	}
	agent.status.Accepting = false
	if _, err := r.probeOnWindows(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "takes no jobs") {
		t.Errorf("%v", err)
	}
}
