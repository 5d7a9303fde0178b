package main

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// writeArchive writes the tar.gz: one folder with the binary and all that goes
// with it.
func (b *bundle) writeArchive(to string) error {
	files, err := b.archiveFiles()
	if err != nil {
		return err
	}
	f, err := os.Create(to)
	if err != nil {
		return err
	}
	z, err := gzip.NewWriterLevel(f, gzip.BestCompression)
	if err != nil {
		return errors.Join(err, f.Close())
	}
	top := strings.TrimSuffix(filepath.Base(to), ".tar.gz")
	return errors.Join(writeTar(z, top, files, time.Unix(b.epoch, 0)), z.Close(), f.Close())
}

// archiveFiles returns the files by their names in the archive.
func (b *bundle) archiveFiles() (map[string]string, error) {
	packages := filepath.Join(b.source, "installer", "packages", b.product)
	files := map[string]string{
		b.product:      b.binary(),
		"README":       filepath.Join(packages, "archive-README"),
		"LICENSE":      filepath.Join(b.source, "LICENSE"),
		"LICENSES.gz":  filepath.Join(b.stage, "LICENSES.gz"),
		"CHANGELOG.md": filepath.Join(b.source, "CHANGELOG.md"),
	}
	for dir, pattern := range map[string]string{
		"man":        filepath.Join(b.stage, "man", "*"),
		"completion": filepath.Join(b.stage, "completion", "*"),
		"desktop":    filepath.Join(b.source, "installer", "linux", b.product+"*.desktop"),
		"systemd":    filepath.Join(b.source, "installer", "linux", b.product+"*.*"),
	} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			return nil, err
		}
		for _, p := range paths {
			if dir == "systemd" && strings.HasSuffix(p, ".desktop") {
				continue
			}
			files[path.Join(dir, filepath.Base(p))] = p
		}
	}
	return files, nil
}

// writeTar writes files, and the folders that they are in, as root's.
func writeTar(to io.Writer, top string, files map[string]string, when time.Time) error {
	w := tar.NewWriter(to)
	var names []string
	folders := map[string]bool{top: true}
	for name := range files {
		names = append(names, path.Join(top, name))
		folders[path.Dir(path.Join(top, name))] = true
	}
	for name := range folders {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		h := &tar.Header{Name: name + "/", Typeflag: tar.TypeDir, Mode: 0o755, ModTime: when, Uname: "root", Gname: "root"}
		if folders[name] {
			if err := w.WriteHeader(h); err != nil {
				return err
			}
			continue
		}
		if err := writeTarFile(w, name, files[strings.TrimPrefix(name, top+"/")], when); err != nil {
			return err
		}
	}
	return w.Close()
}

func writeTarFile(w *tar.Writer, name, from string, when time.Time) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	h := &tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(content)), ModTime: when, Uname: "root", Gname: "root"}
	if strings.Count(name, "/") == 1 && isExecutable(content) {
		h.Mode = 0o755
	}
	if err := w.WriteHeader(h); err != nil {
		return err
	}
	_, err = w.Write(content)
	return err
}

// isExecutable reports whether content is a program of Linux.
func isExecutable(content []byte) bool {
	return strings.HasPrefix(string(content[:min(4, len(content))]), "\x7fELF")
}
