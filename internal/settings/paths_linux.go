package settings

import "os"

// DefaultFile is the computer's own configuration file.
func DefaultFile() string { return "/etc/printscout/config.json" }

// DefaultControlPath is the socket of the computer's own agent.
func DefaultControlPath() string { return "/run/printscout/agent.sock" }

// systemd names the folder it made for the service (systemd.exec(5), StateDirectory=).
func defaultStateDir() string {
	if dir := os.Getenv("STATE_DIRECTORY"); dir != "" {
		return dir
	}
	return "/var/lib/printscout"
}

// computerSources returns where policy is read.
func computerSources() Sources { return Sources{PolicyFolder: "/etc/printscout/policy.d"} }
