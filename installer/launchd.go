package installer

import (
	"context"
	"errors"
	"strings"
)

// launchd's files and domains: installer/macos.
const (
	daemonLabel = "com.printscout.agent"
	trayLabel   = "com.printscout.tray"
	daemonFile  = "/Library/LaunchDaemons/" + daemonLabel + ".plist"
	trayFile    = "/Library/LaunchAgents/" + trayLabel + ".plist"
	launchdPath = "/usr/local/bin/printscout" // what the shipped files name
	daemonLogs  = "/Library/Logs/PrintScout"
)

// macSteps are the steps of docs/installer.md, macOS and Windows.
func (r *run) macSteps() []Step {
	queue := []Step{r.queueStep(), r.defaultPrinterStep(), r.queueNamesStep()}
	if r.FromPackage {
		return append([]Step{r.settingsStep()}, queue...)
	}
	steps := []Step{r.foldersStep(), r.settingsStep(), r.bundleStep(), r.launchdStep(), r.enrollmentStep(), r.launchdTrayStep()}
	return append(append(steps, queue...), r.probeStep())
}

// launchdStep makes launchd run the agent, and waits until it answers.
func (r *run) launchdStep() Step {
	return Step{
		Name: "service",
		Plan: func(context.Context) (string, error) { return r.planLaunchd(daemonFile) },
		Do: func(ctx context.Context, e *Entry) (string, error) {
			if err := r.checkTrustedFile(r.Binary); err != nil {
				return "", err
			}
			if !r.isLoaded(ctx, daemonLabel) {
				if err := r.checkPortFree(ctx); err != nil {
					return "", err
				}
			}
			if err := r.makeParents(e, daemonLogs+"/agent.log"); err != nil {
				return "", err
			}
			written, err := r.putPlist(e, daemonFile)
			if err != nil {
				return "", err
			}
			did, err := r.bootstrap(ctx, daemonLabel, daemonFile, len(written) > 0 || r.settingsChanged)
			if err != nil {
				return "", err
			}
			return strings.TrimPrefix(sentence("; wrote %s", written)+did, "; "), r.awaitAgent(ctx)
		},
		Undo: func(ctx context.Context, e *Entry) (string, error) { return r.bootout(ctx, e, daemonLabel, daemonFile) },
	}
}

// launchdTrayStep makes launchd start the tray in each session from the next login
// on.
func (r *run) launchdTrayStep() Step {
	return Step{
		Name:     "desktop",
		Optional: true,
		Plan: func(context.Context) (string, error) {
			if !r.values.TrayAutostart {
				return "", errNoTray
			}
			return r.planLaunchd(trayFile)
		},
		Do: func(_ context.Context, e *Entry) (string, error) {
			if !r.values.TrayAutostart {
				if removed, err := r.removeFile(trayFile); removed || err != nil {
					return "removed " + trayFile, err
				}
				return "", errNoTray
			}
			written, err := r.putPlist(e, trayFile)
			return sentence("wrote %s", written), err
		},
		Undo: func(_ context.Context, e *Entry) (string, error) {
			if err := r.adoptFiles(e, []ownedFile{{path: trayFile}}); err != nil {
				return "", err
			}
			return r.restoreFiles(e)
		},
	}
}

var errNoTray = &note{message: "the setting TrayAutostart is off"}

// plist returns one of the shipped files with the real path of the program.
func (r *run) plist(path string) ([]ownedFile, error) {
	text, err := r.shipped("macos/"+path[strings.LastIndex(path, "/")+1:], launchdPath)
	return []ownedFile{{path, text}}, err
}

func (r *run) planLaunchd(path string) (string, error) {
	files, err := r.plist(path)
	if err != nil {
		return "", err
	}
	missing, err := r.missingFiles(files)
	return sentence("write %s", missing), err
}

func (r *run) putPlist(e *Entry, path string) ([]string, error) {
	files, err := r.plist(path)
	if err != nil {
		return nil, err
	}
	return r.putFiles(e, files)
}

func (r *run) isLoaded(ctx context.Context, label string) bool {
	_, err := r.Runner.Run(ctx, Command{Name: "launchctl", Args: []string{"print", "system/" + label}})
	return err == nil
}

// bootstrap loads a daemon, anew if its file or the settings changed. launchd
// refuses to load one that is loaded.
func (r *run) bootstrap(ctx context.Context, label, path string, changed bool) (string, error) {
	loaded := r.isLoaded(ctx, label)
	if loaded && !changed {
		return "", nil
	}
	if loaded {
		if err := r.unload(ctx, label); err != nil {
			return "", err
		}
	}
	for _, args := range [][]string{{"enable", "system/" + label}, {"bootstrap", "system", path}} {
		if _, err := r.Runner.Run(ctx, Command{Name: "launchctl", Args: args}); err != nil {
			return "", &Problem{Err: err, Hint: "see the log in " + daemonLogs}
		}
	}
	return "; started it", nil
}

// unload removes a daemon from launchd, and waits until it is gone: bootout returns
// before that, and bootstrap fails meanwhile.
func (r *run) unload(ctx context.Context, label string) error {
	if _, err := r.Runner.Run(ctx, Command{Name: "launchctl", Args: []string{"bootout", "system/" + label}}); err != nil && r.isLoaded(ctx, label) {
		return err
	}
	err := r.await(ctx, func(ctx context.Context) (bool, error) { return !r.isLoaded(ctx, label), nil })
	if errors.Is(err, errLate) {
		return &Problem{Err: errors.New(label + " does not end"), Hint: "restart the computer, then run the command again"}
	}
	return err
}

func (r *run) bootout(ctx context.Context, e *Entry, label, path string) (string, error) {
	if err := r.adoptFiles(e, []ownedFile{{path: path}}); err != nil {
		return "", err
	}
	did := ""
	if r.isLoaded(ctx, label) {
		if err := r.unload(ctx, label); err != nil {
			return "", err
		}
		did = "stopped the service; "
	}
	restored, err := r.restoreFiles(e)
	return strings.TrimSuffix(did+restored, "; "), err
}

// macLayout are the paths of macOS, where the agent is root.
var macLayout = layout{
	stateDir:  "/Library/Application Support/PrintScout",
	configDir: "/Library/Application Support/PrintScout",
	recordDir: "/Library/Application Support/PrintScout Install",
}
