package peers

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Find returns the path of a program, for callers that have no test to skip.
func Find(name string) (path string, ok bool) {
	for _, dir := range append([]string{""}, sbin...) {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path, true
		}
	}
	return "", false
}

// WriteSuites writes ipptool's suites to a folder, with the documents that they
// print: ipptool looks for these in the folder of the suite.
func WriteSuites(dir string) error {
	names, err := filepath.Glob(filepath.Join(suites, "*.test"))
	if err != nil || len(names) == 0 {
		return fmt.Errorf("looking for ipptool's suites: there are none in %s", suites)
	}
	files := suiteDocuments()
	for _, name := range names {
		if files[filepath.Base(name)], err = os.ReadFile(name); err != nil {
			return fmt.Errorf("copying a suite: %w", err)
		}
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			return fmt.Errorf("copying a suite: %w", err)
		}
	}
	return nil
}

// WriteSamples makes the raster samples that a suite in the folder names. ipptool
// refuses a suite if one of its documents is missing.
func WriteSamples(dir, suite string) error {
	text, err := os.ReadFile(filepath.Join(dir, suite))
	if err != nil {
		return fmt.Errorf("reading a suite: %w", err)
	}
	if err := writeSamples(dir, text); err != nil {
		return fmt.Errorf("making the samples of %s: %w", suite, err)
	}
	return nil
}
