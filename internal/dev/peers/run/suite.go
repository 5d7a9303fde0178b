package run

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"time"

	"github.com/printscout/printscout/internal/dev/peers"
)

// Suite is the result of one of ipptool's suites and the suites that it includes.
type Suite struct {
	Passed, Skipped int
	Failed          []Failure
	Took            time.Duration
}

// Failure is one test that failed.
type Failure struct {
	Test string
	Why  []string // ipptool's lines after it
}

// suiteTime bounds one suite; the longest one takes five minutes.
const suiteTime = 20 * time.Minute

// RunSuite runs a suite of a folder that WriteSuites of internal/dev/peers has
// filled.
func RunSuite(ctx context.Context, dir, uri, name string) (Suite, error) {
	tool, ok := peers.Find("ipptool")
	if !ok {
		return Suite{}, fmt.Errorf("ipptool: %w", ErrMissing)
	}
	ctx, cancel := context.WithTimeout(ctx, suiteTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, tool, "-t", "-I", "-f", "document-a4.pdf", uri, name)
	cmd.Dir = dir
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	start := time.Now()
	err := cmd.Run()
	s := ParseSuite(out.String())
	s.Took = time.Since(start)
	// It exits with 1 if a test failed. If none did, it stopped in mid-suite.
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && (!exited || len(s.Failed) == 0) || ctx.Err() != nil {
		return s, fmt.Errorf("ipptool %s stopped: %w: %s", name, err, lastLine(out.String()))
	}
	return s, nil
}

func lastLine(s string) string {
	s = strings.TrimSpace(s)
	return s[strings.LastIndexByte(s, '\n')+1:]
}

var outcome = regexp.MustCompile(`^ {4}(\S.*?) +\[(PASS|FAIL|SKIP)\]$`)

// ParseSuite parses the output of ipptool -t. It ignores ipptool's summary, which
// counts only the outermost file.
func ParseSuite(output string) (s Suite) {
	failing := false
	for line := range strings.Lines(output) {
		line = strings.TrimRight(line, " \r\n")
		m := outcome.FindStringSubmatch(line)
		switch {
		case m == nil:
			if failing && strings.HasPrefix(line, "        ") {
				last := &s.Failed[len(s.Failed)-1]
				last.Why = append(last.Why, strings.TrimSpace(line))
			}
			continue
		case m[2] == "PASS":
			s.Passed++
		case m[2] == "SKIP":
			s.Skipped++
		default:
			s.Failed = append(s.Failed, Failure{Test: m[1]})
		}
		failing = m[2] == "FAIL"
	}
	return s
}
