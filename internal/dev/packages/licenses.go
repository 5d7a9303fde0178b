package main

import (
	"bytes"
	"context"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

var licenseFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents)([-.].*)?$`)

// licenses returns the license texts of the libraries in the binary, which ask to
// be passed on with it.
func (b *bundle) licenses(ctx context.Context) ([]byte, error) {
	info, err := buildinfo.ReadFile(b.binary())
	if err != nil {
		return nil, err
	}
	folders, err := b.moduleFolders(ctx)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if _, err := appendLicenses(&out, "Go "+info.GoVersion, folders[goItself]); err != nil {
		return nil, err
	}
	for _, m := range info.Deps {
		found, err := appendLicenses(&out, m.Path+" "+m.Version, folders[m.Path])
		if err != nil {
			return nil, err
		}
		if !found {
			return nil, fmt.Errorf("module %s has no file with a license: look for it by hand before it is shipped", m.Path)
		}
	}
	return out.Bytes(), nil
}

// goItself stands for the standard library among the modules.
const goItself = "std"

// moduleFolders returns where the source of each module lies.
func (b *bundle) moduleFolders(ctx context.Context) (map[string]string, error) {
	c := exec.CommandContext(ctx, "go", "list", "-m", "-json", "all")
	c.Dir = b.source
	text, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("listing the modules: %w", err)
	}
	root := exec.CommandContext(ctx, "go", "env", "GOROOT")
	root.Dir = b.source
	goroot, err := root.Output()
	if err != nil {
		return nil, fmt.Errorf("asking for the folder of Go: %w", err)
	}
	folders := map[string]string{goItself: strings.TrimSpace(string(goroot))}
	for d := json.NewDecoder(bytes.NewReader(text)); ; {
		var m struct{ Path, Dir string }
		if err := d.Decode(&m); errors.Is(err, io.EOF) {
			return folders, nil
		} else if err != nil {
			return nil, fmt.Errorf("listing the modules: %w", err)
		}
		folders[m.Path] = m.Dir
	}
}

func appendLicenses(out *bytes.Buffer, title, folder string) (found bool, err error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return false, err
	}
	for _, e := range entries {
		if !licenseFile.MatchString(e.Name()) || !e.Type().IsRegular() {
			continue
		}
		text, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			return false, err
		}
		fmt.Fprintf(out, "==== %s: %s\n\n%s\n", title, e.Name(), text)
		found = true
	}
	return found, nil
}
