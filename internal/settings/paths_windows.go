package settings

import (
	"path/filepath"

	"golang.org/x/sys/windows"
)

// programData asks the system: any user could set an environment variable.
func programData() string {
	dir, err := windows.KnownFolderPath(windows.FOLDERID_ProgramData, windows.KF_FLAG_DEFAULT)
	if err != nil {
		return `C:\ProgramData`
	}
	return dir
}

// DefaultFile is the computer's own configuration file.
func DefaultFile() string { return filepath.Join(programData(), "PrintScout", "config.json") }

// DefaultControlPath is the pipe of the computer's own agent, where only
// administrators may make one. An agent that is none has the name without that
// prefix, and clients look there too.
func DefaultControlPath() string { return `\\.\pipe\ProtectedPrefix\Administrators\PrintScout` }

func defaultStateDir() string { return filepath.Join(programData(), "PrintScout", "State") }

// computerSources returns where policy and installer have their values.
func computerSources() Sources {
	return Sources{PolicyKey: `HKLM\SOFTWARE\Policies\PrintScout`, InstallerKey: `HKLM\SOFTWARE\PrintScout`}
}
