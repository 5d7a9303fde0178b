// Package settings holds every setting of the agent in one table: its name,
// meaning, default and value, and where the value came from.
//
// It imports no package of the project and starts nothing; who needs a value
// is given it.
package settings

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"time"
)

// Values are the settings in force.
type Values struct {
	StateDir         string
	ControlPath      string
	Port             int
	PrinterName      string
	PrinterLocation  string
	QueueChecksUsers bool
	Registration     string
	JobRetention     time.Duration
	MaxJobMB         int
	UserQuotaMB      int
	UserJobs         int
	MinFreeMB        int
	LogLevel         string
}

// Setting is one row of the table. Its name is the key in a configuration
// file, where case does not matter.
type Setting struct {
	Name string
	Doc  string

	get func(*Values) any
	set func(*Values, json.RawMessage) error
}

// Table lists every setting, in the order they are shown in.
func Table() []Setting {
	return []Setting{
		{"StateDir", "folder of everything the agent keeps: parked jobs, keys, the directory",
			func(v *Values) any { return v.StateDir },
			text(func(v *Values, s string) error { return absolute(&v.StateDir, s) })},
		{"ControlPath", "socket on which the agent answers the command line and the tray",
			func(v *Values) any { return v.ControlPath },
			text(func(v *Values, s string) error { return absolute(&v.ControlPath, s) })},
		{"Port", "port of the printer on loopback, 1 to 65535; 0 takes a free one",
			func(v *Values) any { return v.Port },
			whole(0, 65535, func(v *Values, n int) { v.Port = n })},
		{"PrinterName", "name of the printer on loopback",
			func(v *Values) any { return v.PrinterName },
			text(func(v *Values, s string) error { return short(&v.PrinterName, s, 1, 127) })},
		{"PrinterLocation", "location the printer on loopback gives",
			func(v *Values) any { return v.PrinterLocation },
			text(func(v *Values, s string) error { return short(&v.PrinterLocation, s, 0, 127) })},
		{"QueueChecksUsers", "the print queue of this computer lets nobody print in another's name, so its word on names is believed (docs/identity.md)",
			func(v *Values) any { return v.QueueChecksUsers },
			func(v *Values, raw json.RawMessage) error {
				if json.Unmarshal(raw, &v.QueueChecksUsers) != nil {
					return fmt.Errorf("it should be true or false")
				}
				return nil
			}},
		{"Registration", "who takes people in before their jobs may be released: self, they themselves; administrator, an administrator alone; off, nobody needs to register (docs/registration.md)",
			func(v *Values) any { return v.Registration },
			text(registration)},
		{"JobRetention", "how long a job stays parked, such as 24h; at least 1m",
			func(v *Values) any { return v.JobRetention.String() },
			text(retention)},
		{"MaxJobMB", "megabytes that one document may have, decompressed",
			func(v *Values) any { return v.MaxJobMB },
			whole(1, 16<<10, func(v *Values, n int) { v.MaxJobMB = n })},
		{"UserQuotaMB", "megabytes of documents that one person may have parked; 0 for no limit",
			func(v *Values) any { return v.UserQuotaMB },
			whole(0, 1<<20, func(v *Values, n int) { v.UserQuotaMB = n })},
		{"UserJobs", "how many jobs one person may have parked; 0 for no limit",
			func(v *Values) any { return v.UserJobs },
			whole(0, 1<<20, func(v *Values, n int) { v.UserJobs = n })},
		{"MinFreeMB", "megabytes that must stay free on the disk of StateDir",
			func(v *Values) any { return v.MinFreeMB },
			whole(0, 1<<20, func(v *Values, n int) { v.MinFreeMB = n })},
		{"LogLevel", "debug, info, warn or error",
			func(v *Values) any { return v.LogLevel },
			text(level)},
	}
}

// Defaults are the values where nothing else is said.
func Defaults() Values {
	return Values{
		StateDir:     defaultStateDir(),
		ControlPath:  DefaultControlPath(),
		Port:         8631,
		PrinterName:  "Print Scout",
		Registration: RegistrationOff,
		JobRetention: 24 * time.Hour,
		MaxJobMB:     8 << 10,
		UserQuotaMB:  32 << 10,
		UserJobs:     20_000,
		MinFreeMB:    256,
		LogLevel:     "info",
	}
}

func text(set func(*Values, string) error) func(*Values, json.RawMessage) error {
	return func(v *Values, raw json.RawMessage) error {
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			return fmt.Errorf("it should be text in quotes")
		}
		return set(v, s)
	}
}

func whole(least, most int, set func(*Values, int)) func(*Values, json.RawMessage) error {
	return func(v *Values, raw json.RawMessage) error {
		var n int
		if err := json.Unmarshal(raw, &n); err != nil || n < least || n > most {
			return fmt.Errorf("it should be a whole number from %d to %d", least, most)
		}
		set(v, n)
		return nil
	}
}

func absolute(to *string, s string) error {
	if !filepath.IsAbs(s) {
		return fmt.Errorf("it should be an absolute path")
	}
	*to = filepath.Clean(s)
	return nil
}

func short(to *string, s string, least, most int) error {
	if len(s) < least || len(s) > most {
		return fmt.Errorf("it should have %d to %d bytes", least, most)
	}
	*to = s
	return nil
}

func retention(v *Values, s string) error {
	d, err := time.ParseDuration(s)
	if err != nil || d < time.Minute {
		return fmt.Errorf("it should be a duration of at least a minute, such as 24h")
	}
	v.JobRetention = d
	return nil
}

// The values of Registration.
const (
	RegistrationOff   = "off"
	RegistrationSelf  = "self"
	RegistrationAdmin = "administrator"
)

func registration(v *Values, s string) error {
	switch s {
	case RegistrationOff, RegistrationSelf, RegistrationAdmin:
		v.Registration = s
		return nil
	}
	return fmt.Errorf("it should be off, self or administrator")
}

func level(v *Values, s string) error {
	switch s {
	case "debug", "info", "warn", "error":
		v.LogLevel = s
		return nil
	}
	return fmt.Errorf("it should be debug, info, warn or error")
}
