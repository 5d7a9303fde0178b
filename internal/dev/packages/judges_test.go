//go:build !race

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// TestPackagesAreReproducible builds a copy of the source in another folder, which
// is not a repository.
func TestPackagesAreReproducible(t *testing.T) {
	tools, want := needTools(t), filepath.Join(built(t), sumsFile)
	source, out := filepath.Join(t.TempDir(), "elsewhere"), filepath.Join(t.TempDir(), "packages")
	if err := os.Mkdir(source, 0o755); err != nil {
		t.Fatal(err)
	}
	c := exec.Command("/bin/sh", "-c", `tar c --exclude=./.git --exclude=./bin --exclude=./dist . | tar x -C "$1"`, "sh", source)
	c.Dir = repository
	if err := runQuiet(c); err != nil {
		t.Fatal(err)
	}
	p, err := newPackaging([]string{"--source", source, "--out", out, "--tools", tools, "--describe", testDescribe, "--commit", "0abcdef", "--epoch", fmt.Sprint(testEpoch)})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if a, b := sumsOf(t, want), sumsOf(t, filepath.Join(out, sumsFile)); a != b {
		t.Errorf("built here:\n%s\nbuilt elsewhere:\n%s", a, b)
	}
}

// sumsOf returns SHA256SUMS without OpenVEX, which says what was known when.
func sumsOf(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var kept []string
	for _, line := range strings.Split(string(text), "\n") {
		if !strings.HasSuffix(line, ".openvex.json") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

// TestSumsAndComponents has sha256sum check the sums, and compares each list of
// components with its package's.
func TestSumsAndComponents(t *testing.T) {
	dir := built(t)
	check := exec.Command(peers.Need(t, "sha256sum"), "--check", "--quiet", "--strict", sumsFile)
	check.Dir = dir
	if err := runQuiet(check); err != nil {
		t.Error(err)
	}
	sums := sumsOf(t, filepath.Join(dir, sumsFile))
	for _, product := range products {
		for _, format := range formats {
			file := packageFile(t, product, format, "arm64")
			text, err := os.ReadFile(file + ".cdx.json")
			if err != nil {
				t.Fatal(err)
			}
			var list struct {
				BOMFormat    string `json:"bomFormat"`
				SerialNumber string `json:"serialNumber"`
				Metadata     struct {
					Timestamp string `json:"timestamp"`
				} `json:"metadata"`
				Components         []struct{ Name string }
				ExternalReferences []struct {
					URL    string
					Hashes []struct{ Content string }
				} `json:"externalReferences"`
			}
			if err := json.Unmarshal(text, &list); err != nil {
				t.Fatal(err)
			}
			if list.BOMFormat != "CycloneDX" || list.SerialNumber+list.Metadata.Timestamp != "" || len(list.Components) < 5 {
				t.Errorf("%s: %+v", file, list)
			}
			if r := list.ExternalReferences[0]; !strings.Contains(sums, r.Hashes[0].Content+"  "+r.URL+"\n") || r.URL != filepath.Base(file) {
				t.Errorf("%s: the list of components is of %+v", file, r)
			}
		}
	}
}

// TestLintianIsSatisfied: what it complains of and stays has its reason in
// lintian-overrides.
func TestLintianIsSatisfied(t *testing.T) {
	lintian := peers.Need(t, "lintian")
	for _, product := range products {
		out, err := exec.Command(lintian, "--allow-root", "--display-info", "--fail-on", "error,warning,info", packageFile(t, product, "deb", "amd64")).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", product, err, out)
		}
	}
}

func TestScriptsAreCheckedByShellcheck(t *testing.T) {
	shellcheck := peers.Need(t, "shellcheck")
	scripts, err := filepath.Glob(filepath.Join(repository, "installer", "packages", "*", "*", "*"))
	if err != nil || len(scripts) < 20 {
		t.Fatalf("%d scripts, %v", len(scripts), err)
	}
	// OpenRC reads the variables of an init script.
	args := append([]string{"--shell=sh", "--exclude=SC2034", filepath.Join(repository, "installer", "packages", "sign")}, scripts...)
	if out, err := exec.Command(shellcheck, args...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestRPMInARootOfItsOwn installs, verifies and erases each rpm without its
// scripts.
func TestRPMInARootOfItsOwn(t *testing.T) {
	rpm := peers.Need(t, "rpm")
	peers.NeedRoot(t)
	for _, product := range products {
		root := t.TempDir()
		run(t, rpm, "--root", root, "--initdb")
		run(t, rpm, "--root", root, "-i", "--nodeps", "--noscripts", "--nosignature", packageFile(t, product, "rpm", "amd64"))
		run(t, rpm, "--root", root, "-V", "--nodeps", "--noscripts", product)
		if _, err := os.Stat(filepath.Join(root, "usr/bin", product)); err != nil {
			t.Error(err)
		}
		run(t, rpm, "--root", root, "-e", "--nodeps", "--noscripts", product)
		for _, gone := range []string{"usr/bin/" + product, "etc/" + product, "usr/lib/systemd/system/" + product + ".service"} {
			if _, err := os.Lstat(filepath.Join(root, gone)); !os.IsNotExist(err) {
				t.Errorf("%s is left: %v", gone, err)
			}
		}
	}
}
