package installer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
)

// accountName is the account that the agent runs as.
const accountName = "printscout"

// folder is one that the agent needs.
type folder struct {
	path string
	mode fs.FileMode
	own  bool // belongs to the agent's account, otherwise to root
}

func (r *run) folders() []folder {
	return []folder{{r.layout.configDir, 0o755, false}, {r.layout.stateDir, 0o700, true}}
}

// foldersStep makes the folders of configuration and state.
func (r *run) foldersStep() Step {
	return Step{
		Name: "folders",
		Keep: true,
		Plan: func(context.Context) (string, error) {
			var todo []string
			for _, f := range r.folders() {
				missing, err := r.checkFolder(f)
				if err != nil {
					return "", err
				}
				if missing {
					todo = append(todo, f.path)
				}
			}
			return sentence("make %s", todo), nil
		},
		Do: func(_ context.Context, e *Entry) (string, error) {
			var made []string
			for _, f := range r.folders() {
				missing, err := r.checkFolder(f)
				if err == nil && missing {
					err = e.keep(f.path, "made")
				}
				if err != nil {
					return "", err
				}
				did, err := r.ensureFolder(f)
				if err != nil {
					return "", err
				}
				if did {
					made = append(made, f.path)
				}
			}
			return sentence("made %s", made), nil
		},
		Undo: func(_ context.Context, e *Entry) (string, error) { return r.undoFolders(e) },
	}
}

// packagedFoldersStep is foldersStep where a package has the units. They stay, so
// that a purge has to stop the agent, which would write its folders anew.
func (r *run) packagedFoldersStep() Step {
	s := r.foldersStep()
	s.Undo = func(ctx context.Context, e *Entry) (string, error) {
		if r.Purge && r.hasSystemd() {
			if _, err := r.systemctl(ctx, append([]string{"stop"}, allUnits...)...); err != nil {
				return "", err
			}
		}
		return r.undoFolders(e)
	}
	return s
}

// sentence formats a list, or returns "" for an empty one.
func sentence(format string, list []string) string {
	if len(list) == 0 {
		return ""
	}
	return fmt.Sprintf(format, strings.Join(list, " and "))
}

// undoFolders removes the folders with all that is in them if that is asked for,
// otherwise those that install made, unless they have what cannot be made again.
func (r *run) undoFolders(e *Entry) (string, error) {
	var removed []string
	for _, f := range r.folders() {
		did, err := false, error(nil)
		switch {
		case !r.Purge && e.Values[f.path] != "made":
		case !r.Purge && f.own && r.isWorthKeeping():
			err = &note{message: f.path + " stays: it has parked jobs or the membership of a site"}
		case !r.Purge && !f.own:
			did, err = r.removeFolder(f.path)
		case f.own:
			did, err = r.removeTree(f.path)
		default:
			did, err = r.purgeConfig()
		}
		if err != nil {
			return "", err
		}
		if did {
			removed = append(removed, f.path)
		}
	}
	if left := r.stateElsewhere(); r.Purge && left != "" {
		return "", &Problem{
			Err:  fmt.Errorf("the setting StateDir names %s, which is not removed", left),
			Hint: "look into it and remove it yourself",
		}
	}
	return sentence("removed %s", removed), nil
}

// membershipFile, in the state folder, is there once the computer has joined a site.
const membershipFile = "enrolment.json"

// isWorthKeeping reports whether the state folder has something that a new
// installation cannot make again.
func (r *run) isWorthKeeping() bool {
	if joined, err := r.exists(filepath.Join(r.layout.stateDir, membershipFile)); err != nil || joined {
		return true
	}
	return r.countJobFiles() > 0
}

// stateElsewhere returns the folder of the agent's state where a setting names
// another one than ours and it exists.
func (r *run) stateElsewhere() string {
	if r.values.StateDir == r.layout.stateDir || r.values.StateDir == "" {
		return ""
	}
	if exists, err := r.exists(r.values.StateDir); err != nil || !exists {
		return ""
	}
	return r.values.StateDir
}

// policyFolder holds policies, which an administrator or a management system puts
// there. They are not ours to remove.
const policyFolder = "policy.d"

// purgeConfig removes the configuration, but no policy.
func (r *run) purgeConfig() (bool, error) {
	names, err := r.listFolder(r.layout.configDir)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	any := false
	for _, name := range names {
		path := filepath.Join(r.layout.configDir, name)
		remove := r.removeTree
		if name == policyFolder {
			remove = r.removeFolder
		}
		did, err := remove(path)
		if err != nil {
			return any, err
		}
		any = any || did
	}
	did, err := r.removeFolder(r.layout.configDir)
	return any || did, err
}
