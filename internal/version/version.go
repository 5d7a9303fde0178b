// Package version knows which build this is, and nothing else.
package version

import (
	"runtime"
	"runtime/debug"
)

// Number is the version of the build; the Makefile sets it.
var Number = "0.1.0-dev"

// Info is what the version commands print.
type Info struct {
	Version string `json:"version"`
	Commit  string `json:"commit,omitempty"`
	Go      string `json:"go"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
}

// Commit is the commit that was built, "" if it is not known; the Makefile sets
// it.
var Commit = ""

// Get returns what is known of the build.
func Get() Info {
	i := Info{Version: Number, Commit: Commit, Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	b, ok := debug.ReadBuildInfo()
	if !ok || i.Commit != "" {
		return i
	}
	for _, s := range b.Settings {
		if s.Key == "vcs.revision" {
			i.Commit = s.Value
		}
	}
	return i
}
