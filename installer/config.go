package installer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// installerFile are the settings of installer.json by their names.
type installerFile map[string]json.RawMessage

// errInstallerFile means that installer.json is there but cannot be read.
var errInstallerFile = errors.New("installer.json is not a JSON object")

// maxInstallerFile is the maximum size of installer.json.
const maxInstallerFile = 1 << 20

func (r *run) installerPath() string { return filepath.Join(r.layout.configDir, "installer.json") }

// readInstallerFile reads installer.json; none is an empty one.
func (r *run) readInstallerFile() (installerFile, error) {
	raw, _, err := r.readFile(r.installerPath(), maxInstallerFile)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) && r.DryRun {
		return installerFile{}, nil
	}
	if err != nil {
		return installerFile{}, err
	}
	return parseInstallerFile(raw)
}

func parseInstallerFile(raw []byte) (installerFile, error) {
	var f installerFile
	if err := json.Unmarshal(raw, &f); err != nil || f == nil {
		return installerFile{}, fmt.Errorf("%w: %v", errInstallerFile, err)
	}
	return f, nil
}

// with returns the file with settings set; a nil value removes one.
func (f installerFile) with(set installerFile) installerFile {
	all := maps.Clone(f)
	for name, raw := range set {
		maps.DeleteFunc(all, func(k string, _ json.RawMessage) bool { return strings.EqualFold(k, name) })
		if raw != nil {
			all[name] = raw
		}
	}
	return all
}

// encode returns the file as it is written.
func (f installerFile) encode() ([]byte, error) {
	b, err := json.MarshalIndent(f, "", "  ")
	return append(b, '\n'), err
}

// settingsStep writes the settings of the command line to installer.json.
func (r *run) settingsStep() Step {
	return Step{
		Name: "settings",
		Plan: func(context.Context) (string, error) {
			changed, err := r.changedSettings(r.wanted())
			return sentence("set %s in "+r.installerPath(), changed), err
		},
		Do: func(_ context.Context, e *Entry) (string, error) {
			changed, err := r.setSettings(e, r.wanted())
			return sentence("set %s in "+r.installerPath(), changed), err
		},
		Undo: func(_ context.Context, e *Entry) (string, error) {
			if len(e.Files) > 0 {
				return r.restoreFiles(e)
			}
			if e.record != nil {
				return "", nil
			}
			removed, err := r.removeFile(r.installerPath())
			if removed {
				return "removed " + r.installerPath(), err
			}
			return "", err
		},
	}
}

// wanted are the settings that this run sets.
func (r *run) wanted() installerFile {
	all := installerFile{}.with(r.Set)
	if r.Bundle != "" {
		path, _ := json.Marshal(r.bundlePath())
		all["BundleFile"] = path
	}
	return all
}

// changedSettings returns the names of the settings that installer.json does not
// have with these values.
func (r *run) changedSettings(set installerFile) ([]string, error) {
	now, err := r.readInstallerFile()
	if err != nil && !errors.Is(err, errInstallerFile) {
		return nil, err
	}
	var changed []string
	for _, name := range slices.Sorted(maps.Keys(set)) {
		if string(now[name]) != string(set[name]) {
			changed = append(changed, name)
		}
	}
	return changed, nil
}

// setSettings writes settings to installer.json; a nil value removes one. The entry
// keeps the whole file as it was. A file that cannot be read is replaced.
func (r *run) setSettings(e *Entry, set installerFile) ([]string, error) {
	changed, err := r.changedSettings(set)
	if err != nil || len(changed) == 0 {
		return nil, err
	}
	now, err := r.readInstallerFile()
	if err != nil && !errors.Is(err, errInstallerFile) {
		return nil, err
	}
	text, err := now.with(set).encode()
	if err != nil {
		return nil, err
	}
	if e != nil {
		if err := r.keepFile(e, r.installerPath()); err != nil {
			return nil, err
		}
	}
	r.settingsChanged = true
	return changed, r.writeFile(r.installerPath(), text, 0o644, rootOwner)
}

// removeEmptySettings removes installer.json once it has no setting.
func (r *run) removeEmptySettings() error {
	now, err := r.readInstallerFile()
	if err != nil || len(now) > 0 {
		return err
	}
	_, err = r.removeFile(r.installerPath())
	return err
}
