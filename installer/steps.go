package installer

// linuxSteps are the steps of docs/installer.md, Steps on Linux.
func (r *run) linuxSteps() []Step {
	queue := []Step{r.queueStep(), r.defaultPrinterStep(), r.queueNamesStep()}
	if r.FromPackage {
		return append([]Step{r.settingsStep()}, queue...)
	}
	steps := []Step{r.accountStep(), r.foldersStep(), r.settingsStep(), r.bundleStep(), r.systemdStep(), r.enrollmentStep(), r.desktopStep()}
	if r.isPackaged() {
		steps = []Step{r.packagedFoldersStep(), r.settingsStep(), r.bundleStep(), r.systemdStep(), r.enrollmentStep()}
	}
	return append(append(steps, queue...), r.probeStep())
}
