package installer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/printscout/printscout/internal/control"
)

// The units of the agent.
const (
	serviceUnit   = "printscout.service"
	socketUnit    = "printscout.socket"
	queueUnit     = "printscout-queue.service" // runs for a moment
	queuePathUnit = "printscout-queue.path"
	unitFolder    = "/etc/systemd/system"
)

// allUnits are the agent's units, runningUnits those that stay active, in the order
// in which they are started.
var (
	allUnits     = []string{serviceUnit, socketUnit, queueUnit, queuePathUnit}
	runningUnits = []string{socketUnit, serviceUnit, queuePathUnit}
)

// packagedFolders are where a package has the units.
var packagedFolders = []string{"/usr/lib/systemd/system", "/lib/systemd/system"}

// standardBinary and standardPort are what the shipped units name.
const (
	standardBinary = "/usr/bin/printscout"
	standardPort   = 8631
)

// systemdStep makes systemd run the agent, and waits until it answers.
func (r *run) systemdStep() Step {
	return Step{Name: "service", Plan: r.planSystemd, Do: r.startBySystemd, Undo: r.removeFromSystemd}
}

// isPackaged reports whether a package brought the units.
func (r *run) isPackaged() bool {
	for _, dir := range packagedFolders {
		if exists, err := r.exists(filepath.Join(dir, serviceUnit)); err == nil && exists {
			return true
		}
	}
	return false
}

// hasSystemd reports whether systemd runs this computer (sd_booted(3)).
func (r *run) hasSystemd() bool {
	exists, err := r.exists("/run/systemd/system")
	return err == nil && exists
}

// units returns the units with this computer's path, none if a package has them,
// and the file that gives them another port than the default.
func (r *run) units() (files []ownedFile, err error) {
	if r.values.Port != standardPort {
		files = append(files, ownedFile{PortDropInPath, PortDropIn(r.values.Port)})
	}
	if r.isPackaged() {
		return files, nil
	}
	for _, name := range allUnits {
		text, err := r.shipped("linux/"+name, standardBinary)
		if err != nil {
			return nil, err
		}
		files = append(files, ownedFile{filepath.Join(unitFolder, name), text})
	}
	return files, nil
}

func (r *run) planSystemd(ctx context.Context) (string, error) {
	if !r.hasSystemd() {
		return "", r.withoutSystemd(ctx)
	}
	files, err := r.units()
	if err != nil {
		return "", err
	}
	missing, err := r.missingFiles(files)
	if err != nil {
		return "", err
	}
	if len(missing) == 0 && allOf(runningUnits, func(unit string) bool { return r.isActive(ctx, unit) }) {
		return "", nil
	}
	if err := r.checkPort(ctx); err != nil {
		return "", err
	}
	return strings.TrimPrefix(sentence("; write %s", missing)+"; enable and start "+serviceUnit, "; "), nil
}

// withoutSystemd returns a note: the agent is run by something else, or not at all.
func (r *run) withoutSystemd(ctx context.Context) error {
	if _, err := r.agent.Status(ctx); err == nil {
		return &note{message: "systemd does not run this computer; the agent that answers is used"}
	}
	return &note{message: "systemd does not run this computer, and no agent answers", hint: "let your service manager run 'printscout service' as the user " + accountName + ", then run the command again", part: true}
}

func (r *run) startBySystemd(ctx context.Context, e *Entry) (string, error) {
	if !r.hasSystemd() {
		return "", r.withoutSystemd(ctx)
	}
	if err := r.checkBinary(); err != nil {
		return "", err
	}
	if err := r.checkPort(ctx); err != nil {
		return "", err
	}
	if err := r.keepUnits(ctx, e); err != nil {
		return "", err
	}
	files, err := r.units()
	if err != nil {
		return "", err
	}
	written, err := r.putFiles(e, files)
	if err != nil {
		return "", err
	}
	dropped, err := r.dropPort()
	if err != nil {
		return "", err
	}
	started, err := r.startUnits(ctx, len(written) > 0 || dropped)
	if err != nil {
		return "", r.whyNotStarted(ctx, err)
	}
	if err := r.awaitAgent(ctx); err != nil {
		return "", r.whyNotStarted(ctx, err)
	}
	return strings.TrimPrefix(sentence("; wrote %s", written)+started, "; "), nil
}

// keepUnits makes durable whether the units were enabled and active before. Those of
// an installation without a record were not.
func (r *run) keepUnits(ctx context.Context, e *Entry) error {
	for _, unit := range allUnits {
		text, _, err := r.readFile(filepath.Join(unitFolder, unit), maxOwned)
		ours := err == nil && isMarked(text)
		if err := e.keep("active "+unit, strconv.FormatBool(!ours && r.isActive(ctx, unit))); err != nil {
			return err
		}
		if err := e.keep("enabled "+unit, strconv.FormatBool(!ours && r.isEnabled(ctx, unit))); err != nil {
			return err
		}
	}
	return nil
}

// dropPort removes the file of another port once the port is the default again, and
// reports whether it did.
func (r *run) dropPort() (bool, error) {
	if r.values.Port != standardPort {
		return false, nil
	}
	text, _, err := r.readFile(PortDropInPath, maxOwned)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !isMarked(text) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return r.removeFile(PortDropInPath)
}

// startUnits enables and starts the units, anew if they or the settings changed,
// and returns what it did.
func (r *run) startUnits(ctx context.Context, changed bool) (did string, err error) {
	var commands [][]string
	if changed {
		commands = append(commands, []string{"daemon-reload"}, append([]string{"stop"}, allUnits...))
	}
	if !allOf(allUnits, func(unit string) bool { return r.isEnabled(ctx, unit) }) {
		commands, did = append(commands, append([]string{"enable"}, allUnits...)), "; enabled "+serviceUnit
	}
	switch running := allOf(runningUnits, func(unit string) bool { return r.isActive(ctx, unit) }); {
	case changed || !running:
		commands, did = append(commands, []string{"reset-failed"}, append([]string{"start"}, runningUnits...)), did+"; started it"
	case r.settingsChanged:
		commands, did = append(commands, []string{"restart", serviceUnit}), did+"; started it again"
	}
	for _, args := range commands {
		if args[0] == "reset-failed" {
			args = append(args, allUnits...)
			_, _ = r.systemctl(ctx, args...) // fails where nothing has failed
			continue
		}
		if _, err := r.systemctl(ctx, args...); err != nil {
			return "", err
		}
	}
	return did, nil
}

func allOf(all []string, is func(string) bool) bool {
	return !slices.ContainsFunc(all, func(one string) bool { return !is(one) })
}

// whyNotStarted adds to an error what the port and the log say.
func (r *run) whyNotStarted(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return err
	}
	if perr := r.checkPort(ctx); perr != nil {
		return perr
	}
	out, lerr := r.Runner.Run(ctx, Command{Name: "journalctl", Args: []string{"--unit", serviceUnit, "--unit", socketUnit, "--lines", "3", "--output", "cat", "--no-pager", "--quiet"}})
	if lerr == nil && len(bytes.TrimSpace(out)) > 0 {
		err = fmt.Errorf("%w; the log says: %s", err, oneLine(string(out)))
	}
	return &Problem{Err: err, Hint: "see 'journalctl --unit " + serviceUnit + "'"}
}

// awaitAgent waits until the agent answers on its control socket.
func (r *run) awaitAgent(ctx context.Context) error {
	err := r.await(ctx, func(ctx context.Context) (bool, error) {
		status, err := r.agent.Status(ctx)
		if errors.Is(err, control.ErrStranger) {
			return false, err
		}
		return err == nil && status.PrinterURI != "", nil
	})
	if errors.Is(err, errLate) {
		return fmt.Errorf("the agent did not answer within %s", r.Timeout)
	}
	return err
}

func (r *run) removeFromSystemd(ctx context.Context, e *Entry) (string, error) {
	if !r.hasSystemd() {
		return r.restoreFiles(e)
	}
	files := []ownedFile{{path: PortDropInPath}}
	for _, unit := range allUnits {
		files = append(files, ownedFile{path: filepath.Join(unitFolder, unit)})
	}
	if err := r.adoptFiles(e, files); err != nil {
		return "", err
	}
	if e.record == nil && len(e.Files) == 0 {
		return "", nil
	}
	for _, unit := range allUnits {
		if e.Values["enabled "+unit] != "true" && r.isEnabled(ctx, unit) {
			if _, err := r.systemctl(ctx, "disable", unit); err != nil {
				return "", err
			}
		}
	}
	for _, unit := range allUnits {
		if e.Values["active "+unit] != "true" && r.isActive(ctx, unit) {
			if _, err := r.systemctl(ctx, "stop", unit); err != nil {
				return "", err
			}
		}
	}
	did, err := r.restoreFiles(e)
	if err != nil {
		return "", err
	}
	_, _ = r.systemctl(ctx, append([]string{"reset-failed"}, allUnits...)...) // fails where nothing has failed
	if _, err := r.systemctl(ctx, "daemon-reload"); err != nil {
		return "", err
	}
	return strings.TrimPrefix(did+"; stopped the service", "; "), nil
}

func (r *run) systemctl(ctx context.Context, args ...string) (string, error) {
	out, err := r.Runner.Run(ctx, Command{Name: "systemctl", Args: append([]string{"--no-ask-password"}, args...)})
	return strings.TrimSpace(string(out)), err
}

func (r *run) isActive(ctx context.Context, unit string) bool {
	_, err := r.systemctl(ctx, "is-active", "--quiet", unit)
	return err == nil
}

func (r *run) isEnabled(ctx context.Context, unit string) bool {
	said, _ := r.systemctl(ctx, "is-enabled", unit) // it also fails for a unit that is disabled
	return said == "enabled"
}
