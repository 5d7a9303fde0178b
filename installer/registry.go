package installer

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Keys of the registry.
const (
	settingsKey = `HKLM\SOFTWARE\PrintScout`
	runKey      = `HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Run`
	runValue    = "PrintScout"
)

// registryStep writes the settings of the command line to the registry.
func (r *run) registryStep() Step {
	return Step{
		Name: "settings",
		Plan: func(context.Context) (string, error) {
			return sentence("set %s in "+settingsKey, slices.Sorted(maps.Keys(r.wanted()))), nil
		},
		Do: func(ctx context.Context, e *Entry) (string, error) {
			var names []string
			for _, name := range slices.Sorted(maps.Keys(r.wanted())) {
				kind, text := registryValue(r.wanted()[name])
				if err := e.keep("value "+name, "set"); err != nil {
					return "", err
				}
				if err := r.reg(ctx, "add", settingsKey, "/v", name, "/t", kind, "/d", text, "/f", "/reg:64"); err != nil {
					return "", err
				}
				names = append(names, name)
			}
			return sentence("set %s in "+settingsKey, names), nil
		},
		Undo: func(ctx context.Context, e *Entry) (string, error) {
			var names []string
			for _, key := range slices.Sorted(maps.Keys(e.Values)) {
				name, ok := strings.CutPrefix(key, "value ")
				if !ok || r.reg(ctx, "query", settingsKey, "/v", name, "/reg:64") != nil {
					continue
				}
				if err := r.reg(ctx, "delete", settingsKey, "/v", name, "/f", "/reg:64"); err != nil {
					return "", err
				}
				names = append(names, name)
			}
			return sentence("removed %s from "+settingsKey, names), nil
		},
	}
}

// registryValue returns the type and the text of a setting in the registry: truth
// values and numbers are REG_DWORD, all else is REG_SZ, lists as JSON.
func registryValue(raw json.RawMessage) (kind, text string) {
	var value any
	_ = json.Unmarshal(raw, &value) // it was checked
	switch v := value.(type) {
	case bool:
		if v {
			return "REG_DWORD", "1"
		}
		return "REG_DWORD", "0"
	case float64:
		return "REG_DWORD", strconv.FormatInt(int64(v), 10)
	case string:
		return "REG_SZ", v
	}
	return "REG_SZ", string(raw)
}

// runKeyStep starts the tray with each session.
func (r *run) runKeyStep() Step {
	value := `"` + r.Binary + `" tray`
	return Step{
		Name:     "desktop",
		Optional: true,
		Plan: func(context.Context) (string, error) {
			if !r.values.TrayAutostart {
				return "", errNoTray
			}
			return "set " + runValue + " in " + runKey, nil
		},
		Do: func(ctx context.Context, e *Entry) (string, error) {
			if !r.values.TrayAutostart {
				return "", errNoTray
			}
			if err := e.keep("run", "set"); err != nil {
				return "", err
			}
			return "set " + runValue + " in " + runKey, r.reg(ctx, "add", runKey, "/v", runValue, "/t", "REG_SZ", "/d", value, "/f", "/reg:64")
		},
		Undo: func(ctx context.Context, _ *Entry) (string, error) {
			if r.reg(ctx, "query", runKey, "/v", runValue, "/reg:64") != nil {
				return "", nil
			}
			return "removed " + runValue + " from " + runKey, r.reg(ctx, "delete", runKey, "/v", runValue, "/f", "/reg:64")
		},
	}
}

func (r *run) reg(ctx context.Context, args ...string) error {
	_, err := r.Runner.Run(ctx, Command{Name: "reg.exe", Args: args})
	return err
}
