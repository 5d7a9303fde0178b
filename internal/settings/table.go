// Package settings holds every setting of the agent in one table: its name,
// meaning, default and value, and where the value came from.
//
// It starts nothing, and packages that need a value are given it. Of this project
// it imports only internal/pwg.
package settings

import (
	"encoding/json"
	"time"
)

// Values are the settings in force.
type Values struct {
	StateDir          string
	ControlPath       string
	Port              int
	PrinterName       string
	PrinterLocation   string
	PrinterResources  []string // print, raster
	PrinterColor      bool
	PrinterDuplex     bool
	PrinterMedia      []string // the first is the default; empty: all
	PrinterFinishings []string // keywords of finishingNumbers
	QueueChecksUsers  bool
	Registration      string // one of the Registration constants
	SNMPKeysFile      string // empty: none
	JobRetention      time.Duration
	MaxJobMB          int
	UserQuotaMB       int
	UserJobs          int
	TotalQuotaMB      int
	MinFreeMB         int
	LogLevel          string
}

// Setting is one row of the table. Its name is the key in a configuration
// file, where case does not matter.
type Setting struct {
	Name string
	Doc  string

	get func(*Values) any
	set func(*Values, json.RawMessage) error
}

// Table returns every setting, in the order in which they are shown.
func Table() []Setting {
	return []Setting{
		{"StateDir", "folder of everything the agent keeps: parked jobs, keys, the directory",
			func(v *Values) any { return v.StateDir },
			textSetter(func(v *Values, s string) error { return parseAbsolutePath(&v.StateDir, s) })},
		{"ControlPath", "socket on which the agent answers the command line and the tray",
			func(v *Values) any { return v.ControlPath },
			textSetter(func(v *Values, s string) error { return parseAbsolutePath(&v.ControlPath, s) })},
		{"Port", "port of the printer on loopback, 1 to 65535; 0 takes a free one",
			func(v *Values) any { return v.Port },
			wholeNumberSetter(0, 65535, func(v *Values, n int) { v.Port = n })},
		{"PrinterName", "name of the printer on loopback",
			func(v *Values) any { return v.PrinterName },
			textSetter(func(v *Values, s string) error { return parseShortText(&v.PrinterName, s, 1, 127) })},
		{"PrinterLocation", "location the printer on loopback gives",
			func(v *Values) any { return v.PrinterLocation },
			textSetter(func(v *Values, s string) error { return parseShortText(&v.PrinterLocation, s, 0, 127) })},
		{"PrinterResources", "which printers there are on loopback: [\"print\"] takes PDF, JPEG and raster at /ipp/print, [\"raster\"] takes only raster, at /ipp/print/raster, for printers that take no PDF; or both",
			func(v *Values) any { return v.PrinterResources },
			listSetter(func(v *Values, s []string) error { return parseResources(&v.PrinterResources, s) })},
		{"PrinterColor", "whether the printer on loopback offers color",
			func(v *Values) any { return v.PrinterColor },
			boolSetter(func(v *Values) *bool { return &v.PrinterColor })},
		{"PrinterDuplex", "whether the printer on loopback offers to print on both sides",
			func(v *Values) any { return v.PrinterDuplex },
			boolSetter(func(v *Values) *bool { return &v.PrinterDuplex })},
		{"PrinterMedia", "papers the printer on loopback offers, by names such as iso_a4_210x297mm, the first the default; custom_min_WxHmm and custom_max_WxHmm together for sizes of one's own; [] for all",
			func(v *Values) any { return v.PrinterMedia },
			listSetter(func(v *Values, s []string) error { return parsePapers(&v.PrinterMedia, s) })},
		{"PrinterFinishings", "what finishing the printer on loopback offers, by keywords such as staple-top-left, punch-dual-left, fold-half (docs/capture.md has all)",
			func(v *Values) any { return v.PrinterFinishings },
			listSetter(func(v *Values, s []string) error { return parseFinishings(&v.PrinterFinishings, s) })},
		{"QueueChecksUsers", "the print queue of this computer lets no one print in another user's name, so the names it gives are believed (docs/identity.md)",
			func(v *Values) any { return v.QueueChecksUsers },
			boolSetter(func(v *Values) *bool { return &v.QueueChecksUsers })},
		{"Registration", "who registers people before their jobs may be released: self, people themselves; administrator, only an administrator; off, no one needs to register (docs/registration.md)",
			func(v *Values) any { return v.Registration },
			textSetter(parseRegistration)},
		{"SNMPKeysFile", "file of mode 0600 with the passphrases of the SNMPv3 users that the directory names (docs/snmp.md); \"\" for none",
			func(v *Values) any { return v.SNMPKeysFile },
			textSetter(func(v *Values, s string) error { return parseFileOrNone(&v.SNMPKeysFile, s) })},
		{"JobRetention", "how long a job stays parked, such as 24h; at least 1m",
			func(v *Values) any { return v.JobRetention.String() },
			textSetter(parseRetention)},
		{"MaxJobMB", "megabytes that one document may have, decompressed",
			func(v *Values) any { return v.MaxJobMB },
			wholeNumberSetter(1, 16<<10, func(v *Values, n int) { v.MaxJobMB = n })},
		{"UserQuotaMB", "megabytes of documents that one person may have parked; 0 for no limit",
			func(v *Values) any { return v.UserQuotaMB },
			wholeNumberSetter(0, 1<<20, func(v *Values, n int) { v.UserQuotaMB = n })},
		{"UserJobs", "how many jobs one person may have parked; 0 for no limit",
			func(v *Values) any { return v.UserJobs },
			wholeNumberSetter(0, 1<<20, func(v *Values, n int) { v.UserJobs = n })},
		{"TotalQuotaMB", "megabytes of documents that may be parked on this computer in all; 0 for no limit",
			func(v *Values) any { return v.TotalQuotaMB },
			wholeNumberSetter(0, 1<<30, func(v *Values, n int) { v.TotalQuotaMB = n })},
		{"MinFreeMB", "megabytes that must stay free on the disk of StateDir",
			func(v *Values) any { return v.MinFreeMB },
			wholeNumberSetter(0, 1<<20, func(v *Values, n int) { v.MinFreeMB = n })},
		{"LogLevel", "debug, info, warn or error",
			func(v *Values) any { return v.LogLevel },
			textSetter(parseLogLevel)},
	}
}

// Defaults returns the default values.
func Defaults() Values {
	return Values{
		StateDir:          defaultStateDir(),
		ControlPath:       DefaultControlPath(),
		Port:              8631,
		PrinterName:       "Print Scout",
		PrinterResources:  []string{"print"},
		PrinterColor:      true,
		PrinterDuplex:     true,
		PrinterMedia:      []string{},
		PrinterFinishings: []string{},
		Registration:      RegistrationOff,
		JobRetention:      24 * time.Hour,
		MaxJobMB:          8 << 10,
		UserQuotaMB:       32 << 10,
		UserJobs:          20_000,
		MinFreeMB:         256,
		LogLevel:          "info",
	}
}
