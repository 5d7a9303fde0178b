// Package settings holds every setting of the agent in one table: its name,
// type, meaning and default, who may set it, and where the value in force came
// from.
//
// It starts nothing and writes no policy anywhere; packages that need a value
// are given it. Of this project it imports only internal/pwg. docs/settings.md
// has the rules, and the table as people read it.
package settings

import "time"

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
	QueueName         string
	DefaultPrinter    bool
	QueueChecksUsers  bool
	Registration      string // one of the Registration constants
	SNMPKeysFile      string // empty: none
	Site              string // fingerprint; empty: any; or NoSite
	LeaveSite         bool
	BundleFile        string // empty: none
	ScoutName         string // empty: one that says nothing
	ManagedBy         string
	TrayAutostart     bool
	JobRetention      time.Duration
	MaxJobMB          int
	UserQuotaMB       int
	UserJobs          int
	TotalQuotaMB      int
	MinFreeMB         int
	LogLevel          string
}

// Setting is one row of the table. Its name is the key in every source, where
// case does not matter.
type Setting struct {
	Name string
	Type Type
	Doc  string
	// Since is the first version that has the setting.
	Since string
	// Live means that a change takes effect without a restart of the agent.
	Live bool
	// Private values are shown only to administrators.
	Private bool
	// SetBy lists the sources that may set it; all if empty.
	SetBy []Origin
	// strict sets the value that an unusable policy leaves, where the default
	// would allow more than any policy could have meant.
	strict func(*Values)
}

// Table returns every setting, in the order in which they are shown.
func Table() []Setting {
	return append(append(computerTable(), printerTable()...), jobTable()...)
}

// computerTable returns the settings of the computer and its site.
func computerTable() []Setting {
	return []Setting{
		{Name: "Site", Since: "0.1", Live: true, Type: textType("fingerprint of a site", func(v *Values) *string { return &v.Site }, parseSite),
			Doc:    "the only site that this computer may join, by its fingerprint (`psf1:…`, as `printscout site show` prints it); \"\" for any site, none for no site",
			strict: func(v *Values) { v.Site = NoSite }},
		{Name: "LeaveSite", Since: "0.1", Live: true, Type: boolType(func(v *Values) *bool { return &v.LeaveSite }),
			Doc:    "whether this computer may leave its site: by `printscout unenroll`, or by joining another site",
			strict: func(v *Values) { v.LeaveSite = false }},
		{Name: "BundleFile", Since: "0.1", Live: true, Private: true, Type: pathOrNoneType(func(v *Values) *string { return &v.BundleFile }),
			Doc: "bundle that the agent reads once, joins its site by, and deletes; \"\" for none"},
		{Name: "ScoutName", Since: "0.1", Live: true, Type: shortTextType(0, 64, func(v *Values) *string { return &v.ScoutName }),
			Doc: "what the site calls this computer when it joins; \"\" for a name that says nothing"},
		{Name: "ManagedBy", Since: "0.1", Live: true, SetBy: []Origin{FromPolicy, FromInstaller}, Type: shortTextType(0, 127, func(v *Values) *string { return &v.ManagedBy }),
			Doc: "organization that manages this computer, shown by `status` and the tray"},
		{Name: "TrayAutostart", Since: "0.1", Live: true, Type: boolType(func(v *Values) *bool { return &v.TrayAutostart }),
			Doc: "whether the tray starts with each desktop session"},
		{Name: "StateDir", Since: "0.1", Type: pathType(func(v *Values) *string { return &v.StateDir }),
			Doc: "folder of everything the agent keeps: parked jobs, keys, the directory"},
		{Name: "ControlPath", Since: "0.1", Type: pathType(func(v *Values) *string { return &v.ControlPath }),
			Doc: "socket on which the agent answers the command line and the tray"},
		{Name: "LogLevel", Since: "0.1", Live: true, Type: choiceType(func(v *Values) *string { return &v.LogLevel }, "debug", "info", "warn", "error"),
			Doc: "what the agent logs: this and everything more serious"},
		{Name: "SNMPKeysFile", Since: "0.1", Private: true, Type: pathOrNoneType(func(v *Values) *string { return &v.SNMPKeysFile }),
			Doc: "file of mode 0600 with the passphrases of the SNMPv3 users that the directory names ([snmp.md](snmp.md)); \"\" for none"},
	}
}

// printerTable returns the settings of the printer on loopback and the print
// queue that leads to it.
func printerTable() []Setting {
	return []Setting{
		{Name: "Port", Since: "0.1", Type: numberType(0, 65535, func(v *Values) *int { return &v.Port }),
			Doc: "port of the printer on loopback; 0 takes a free one"},
		{Name: "QueueName", Since: "0.1", Live: true, Type: textType("1 to 127 letters, digits, _ and -", func(v *Values) *string { return &v.QueueName }, parseQueueName),
			Doc: "name of the print queue that `printscout install` makes"},
		{Name: "DefaultPrinter", Since: "0.1", Live: true, Type: boolType(func(v *Values) *bool { return &v.DefaultPrinter }),
			Doc: "whether `printscout install` makes that queue the computer's default printer"},
		{Name: "QueueChecksUsers", Since: "0.1", Live: true, Type: boolType(func(v *Values) *bool { return &v.QueueChecksUsers }),
			Doc: "the print queue of this computer lets no one print in another user's name, so the names it gives are believed ([identity.md](identity.md))"},
		{Name: "PrinterName", Since: "0.1", Type: shortTextType(1, 127, func(v *Values) *string { return &v.PrinterName }),
			Doc: "name of the printer on loopback"},
		{Name: "PrinterLocation", Since: "0.1", Type: shortTextType(0, 127, func(v *Values) *string { return &v.PrinterLocation }),
			Doc: "location the printer on loopback gives"},
		{Name: "PrinterResources", Since: "0.1", Type: listType(func(v *Values) *[]string { return &v.PrinterResources }, parseResources),
			Doc: "which printers there are on loopback: print takes PDF, JPEG and raster at /ipp/print; raster takes only raster, at /ipp/print/raster, for printers that take no PDF; or both"},
		{Name: "PrinterColor", Since: "0.1", Type: boolType(func(v *Values) *bool { return &v.PrinterColor }),
			Doc: "whether the printer on loopback offers color"},
		{Name: "PrinterDuplex", Since: "0.1", Type: boolType(func(v *Values) *bool { return &v.PrinterDuplex }),
			Doc: "whether the printer on loopback offers to print on both sides"},
		{Name: "PrinterMedia", Since: "0.1", Type: listType(func(v *Values) *[]string { return &v.PrinterMedia }, parsePapers),
			Doc: "papers the printer on loopback offers, by names such as iso_a4_210x297mm, the first the default; custom_min_WxHmm and custom_max_WxHmm together for sizes of one's own; empty for all"},
		{Name: "PrinterFinishings", Since: "0.1", Type: listType(func(v *Values) *[]string { return &v.PrinterFinishings }, parseFinishings),
			Doc: "what finishing the printer on loopback offers, by keywords such as staple-top-left, punch-dual-left, fold-half ([capture.md](capture.md) has all)"},
	}
}

// jobTable returns the settings of jobs and the people who print them.
func jobTable() []Setting {
	return []Setting{
		{Name: "Registration", Since: "0.1", Live: true, Type: choiceType(func(v *Values) *string { return &v.Registration }, RegistrationOff, RegistrationSelf, RegistrationAdmin),
			Doc: "who registers people before their jobs may be released: self, people themselves; administrator, only an administrator; off, no one needs to register ([registration.md](registration.md))"},
		{Name: "JobRetention", Since: "0.1", Live: true, Type: durationType(time.Minute, func(v *Values) *time.Duration { return &v.JobRetention }),
			Doc: "how long a job stays parked, such as 24h; jobs that are parked already keep what they were promised"},
		{Name: "MaxJobMB", Since: "0.1", Live: true, Type: numberType(1, 16<<10, func(v *Values) *int { return &v.MaxJobMB }),
			Doc: "megabytes that one document may have, decompressed"},
		{Name: "UserQuotaMB", Since: "0.1", Live: true, Type: numberType(0, 1<<20, func(v *Values) *int { return &v.UserQuotaMB }),
			Doc: "megabytes of documents that one person may have parked; 0 for no limit"},
		{Name: "UserJobs", Since: "0.1", Live: true, Type: numberType(0, 1<<20, func(v *Values) *int { return &v.UserJobs }),
			Doc: "how many jobs one person may have parked; 0 for no limit"},
		{Name: "TotalQuotaMB", Since: "0.1", Live: true, Type: numberType(0, 1<<30, func(v *Values) *int { return &v.TotalQuotaMB }),
			Doc: "megabytes of documents that may be parked on this computer in all; 0 for no limit"},
		{Name: "MinFreeMB", Since: "0.1", Live: true, Type: numberType(0, 1<<20, func(v *Values) *int { return &v.MinFreeMB }),
			Doc: "megabytes that must stay free on the disk of StateDir"},
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
		QueueName:         "printscout",
		LeaveSite:         true,
		TrayAutostart:     true,
		Registration:      RegistrationOff,
		JobRetention:      24 * time.Hour,
		MaxJobMB:          8 << 10,
		UserQuotaMB:       32 << 10,
		UserJobs:          20_000,
		MinFreeMB:         256,
		LogLevel:          "info",
	}
}
