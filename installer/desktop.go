package installer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
)

// The desktop files: docs/desktop.md.
const (
	autostartFile  = "/etc/xdg/autostart/printscout-tray.desktop"
	launcherFile   = "/usr/local/share/applications/printscout.desktop"
	localBinFolder = "/usr/local/bin/"
)

// desktopStep starts the tray with each session, and lists Print Scout among the
// apps.
func (r *run) desktopStep() Step {
	return Step{
		Name:     "desktop",
		Optional: true,
		Plan: func(context.Context) (string, error) {
			if err := r.noDesktop(); err != nil {
				return "", err
			}
			files, err := r.desktopFiles()
			if err != nil {
				return "", err
			}
			missing, err := r.missingFiles(files)
			return sentence("write %s", missing), err
		},
		Do: r.writeDesktop,
		Undo: func(_ context.Context, e *Entry) (string, error) {
			files := []ownedFile{{path: autostartFile}, {path: launcherFile}}
			if err := r.adoptFiles(e, files); err != nil {
				return "", err
			}
			return r.restoreFiles(e)
		},
	}
}

// noDesktop returns a note if a package has the desktop files.
func (r *run) noDesktop() error {
	if r.isPackaged() {
		return &note{message: "the package has the desktop files"}
	}
	return nil
}

// desktopFiles returns the files that the settings ask for.
func (r *run) desktopFiles() (files []ownedFile, err error) {
	paths := map[string]bool{
		autostartFile: r.values.TrayAutostart,
		launcherFile:  strings.HasPrefix(r.Binary, localBinFolder),
	}
	for _, path := range []string{autostartFile, launcherFile} {
		if !paths[path] {
			continue
		}
		text, err := r.shipped("linux/"+filepath.Base(path), standardBinary)
		if err != nil {
			return nil, err
		}
		for _, key := range []string{"Exec=", "TryExec="} {
			text = bytes.ReplaceAll(text, []byte("\n"+key+"printscout"), []byte("\n"+key+r.Binary))
		}
		files = append(files, ownedFile{path, text})
	}
	return files, nil
}

func (r *run) writeDesktop(_ context.Context, e *Entry) (string, error) {
	if err := r.noDesktop(); err != nil {
		return "", err
	}
	if err := r.checkBinary(); err != nil {
		return "", err
	}
	files, err := r.desktopFiles()
	if err != nil {
		return "", err
	}
	var did []string
	if !r.values.TrayAutostart {
		removed, err := r.removeFile(autostartFile)
		if err != nil {
			return "", err
		}
		if removed {
			did = append(did, "removed "+autostartFile)
		}
	}
	for _, f := range files {
		written, err := r.putFiles(e, []ownedFile{f})
		if errors.Is(err, syscall.EROFS) && f.path == launcherFile {
			continue // the launcher is a convenience
		}
		if err != nil {
			return "", err
		}
		for _, path := range written {
			did = append(did, fmt.Sprintf("wrote %s", path))
		}
	}
	return strings.Join(did, "; "), nil
}
