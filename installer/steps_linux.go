package installer

// systemLayout returns the paths of this system.
func systemLayout() layout {
	return layout{
		stateDir:  "/var/lib/printscout",
		configDir: "/etc/printscout",
		recordDir: "/var/lib/printscout-install",
		account:   accountName,
	}
}

// steps returns the steps of this system in their order.
func (r *run) steps() []Step { return r.linuxSteps() }
