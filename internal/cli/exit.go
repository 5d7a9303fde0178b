package cli

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

// The exit statuses. Scripts rely on them.
const (
	Done         = 0
	Failed       = 1
	Usage        = 2
	Part         = 3
	NotEnrolled  = 10
	Unreachable  = 11
	NotPermitted = 12
	Forbidden    = 13
	Interrupted  = 130
)

// meanings has what each exit status means for any command. It is used if a
// command has no sentence of its own for one.
var meanings = map[int]string{
	Done:         "done",
	Failed:       "failed",
	Usage:        "wrong usage",
	Part:         "done in part, or degraded",
	NotEnrolled:  "this computer has not joined a site",
	Unreachable:  "the agent is not reachable",
	NotPermitted: "not permitted",
	Forbidden:    "forbidden by policy",
	Interrupted:  "interrupted",
}

// IsExitStatus reports whether code is one of the exit statuses.
func IsExitStatus(code int) bool { return meanings[code] != "" }

// Exits has for each exit status of one command when the command ends with it.
type Exits map[int]string

// exitPrefix begins the keys of cobra's annotations that hold Exits.
const exitPrefix = "exit-status-"

// Annotations returns the exit statuses as annotations of a cobra command. It
// adds Usage, since every command can be used wrongly.
func (e Exits) Annotations() map[string]string {
	all := map[string]string{exitPrefix + strconv.Itoa(Usage): meanings[Usage]}
	for code, when := range e {
		all[exitPrefix+strconv.Itoa(code)] = when
	}
	return all
}

// With returns the exit statuses with others added; if both have one, the
// sentence in own is used.
func (e Exits) With(own Exits) Exits {
	all := maps.Clone(e)
	maps.Copy(all, own)
	return all
}

// ExitsOf returns the exit statuses that a command declares.
func ExitsOf(c *cobra.Command) Exits {
	e := Exits{}
	for key, when := range c.Annotations {
		number, ok := strings.CutPrefix(key, exitPrefix)
		if code, err := strconv.Atoi(number); ok && err == nil {
			e[code] = when
		}
	}
	return e
}

// exitLine is one row of a command's EXIT STATUS.
type exitLine struct {
	code int
	when string
}

func exitLines(c *cobra.Command) (lines []exitLine) {
	for code, when := range ExitsOf(c) {
		lines = append(lines, exitLine{code, when})
	}
	slices.SortFunc(lines, func(a, b exitLine) int { return cmp.Compare(a.code, b.code) })
	return lines
}
