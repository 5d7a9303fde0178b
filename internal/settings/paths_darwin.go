package settings

// DefaultFile is the computer's own configuration file.
func DefaultFile() string { return "/Library/Application Support/PrintScout/config.json" }

// DefaultControlPath is the socket of the computer's own agent.
func DefaultControlPath() string { return "/var/run/printscout.sock" }

func defaultStateDir() string { return "/Library/Application Support/PrintScout" }
