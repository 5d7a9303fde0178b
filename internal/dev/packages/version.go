package main

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	shipped "github.com/printscout/printscout/internal/version"
)

// version is a version that every package format can be told.
type version struct {
	numbers string // 1.2.3
	kind    string // alpha, beta or rc of a pre-release
	serial  string // the number of the pre-release, "" without one
	commits string // how many commits came after the tag, "" without any
	hash    string // of the commit, where it is not the tag's
	dirty   bool   // some file was changed after the commit
	date    string // of the commit, where there is no tag
}

var (
	taggedVersion = regexp.MustCompile(`^v?(\d+\.\d+\.\d+)(?:-(alpha|beta|rc)\.?(\d*))?(?:-(\d+)-g([0-9a-f]{4,40}))?(-dirty)?$`)
	bareCommit    = regexp.MustCompile(`^([0-9a-f]{4,40})(-dirty)?$`)
)

// parseVersion returns the version of what git describe --tags --always --dirty
// printed. Without any tag it is an early state of the number that the source
// names, told apart by the time of the commit.
func parseVersion(describe string, epoch int64) (version, error) {
	if m := bareCommit.FindStringSubmatch(describe); m != nil {
		numbers, _, _ := strings.Cut(shipped.Number, "-")
		date := time.Unix(epoch, 0).UTC().Format("20060102150405")
		return version{numbers: numbers, kind: "alpha", hash: m[1], dirty: m[2] != "", date: date}, nil
	}
	m := taggedVersion.FindStringSubmatch(describe)
	if m == nil {
		return version{}, fmt.Errorf("no package can have the version %q: tags are v1.2.3 or v1.2.3-rc.1 (alpha, beta, rc)", describe)
	}
	return version{numbers: m[1], kind: m[2], serial: m[3], commits: m[4], hash: m[5], dirty: m[6] != ""}, nil
}

// debian returns the version for deb and rpm, which both sort what follows a tilde
// before what lacks it.
func (v version) debian() string {
	s := v.numbers
	switch {
	case v.date != "":
		s += "~" + v.kind + v.date + "." + v.hash
	case v.kind != "":
		s += "~" + v.kind + v.serial
	}
	if v.commits != "" {
		s += "+" + v.commits + "." + v.hash
	}
	if v.dirty {
		s += "+dirty"
	}
	return s
}

// alpine returns the version for apk, whose versions cannot have a hash.
func (v version) alpine() string {
	s := v.numbers
	if v.kind != "" {
		s += "_" + v.kind + v.serial + v.date
	}
	if v.commits != "" {
		s += "_p" + v.commits
	}
	return s
}

func (v version) of(format string) string {
	if format == "apk" {
		return v.alpine()
	}
	return v.debian()
}

func (v version) String() string { return v.debian() }
