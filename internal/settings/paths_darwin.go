package settings

// DefaultFile is the computer's own configuration file.
func DefaultFile() string { return "/Library/Application Support/PrintScout/config.json" }

// DefaultControlPath is the socket of the computer's own agent.
func DefaultControlPath() string { return "/var/run/printscout.sock" }

func defaultStateDir() string { return "/Library/Application Support/PrintScout" }

// computerSources returns where policy is read. macOS writes there what a
// profile forces in the domain com.printscout.agent.
func computerSources() Sources {
	return Sources{PolicyPlist: "/Library/Managed Preferences/com.printscout.agent.plist"}
}
