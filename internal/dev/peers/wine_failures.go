package peers

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
)

// Wine 8 cannot remove a file as os.RemoveAll does (unlinkat by
// FileDispositionInformationEx), so a test with a TempDir fails at its end, with
// only this message.
var wineCannot = []string{"TempDir RemoveAll cleanup:", "Invalid function."}

// testFailure is a test that failed, with its messages.
type testFailure struct {
	test string
	said []string
}

// readFailures returns the tests that failed, other than by wineCannot, from the
// output of a test binary with -test.v=test2json. It returns an error if the output
// does not tell.
func readFailures(output []byte) ([]testFailure, error) {
	cmd := exec.Command("go", "tool", "test2json")
	cmd.Stdin = bytes.NewReader(output)
	events, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("reading the output of the tests: %w", err)
	}
	said, failed := map[string][]string{}, map[string]bool{}
	for lines := json.NewDecoder(bufio.NewReader(bytes.NewReader(events))); ; {
		var e struct{ Action, Test, Output string }
		if err := lines.Decode(&e); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("reading the output of the tests: %w", err)
		}
		switch {
		case e.Action == "output" && strings.HasPrefix(strings.TrimSpace(e.Output), "panic:"):
			return nil, errors.New(strings.TrimSpace(e.Output))
		case e.Action == "output" && isMessage(e.Output):
			said[e.Test] = append(said[e.Test], e.Output)
		case e.Action == "fail" && e.Test != "":
			failed[e.Test] = true
		}
	}
	if len(failed) == 0 {
		return nil, errors.New("no test failed, and yet they did")
	}
	return realFailures(failed, said), nil
}

// realFailures leaves out tests that failed only by wineCannot, and those that failed
// only because a subtest did.
func realFailures(failed map[string]bool, said map[string][]string) (of []testFailure) {
	for name := range failed {
		ends, parts := len(said[name]) > 0, false
		for _, line := range said[name] {
			ends = ends && isOfWine(line)
		}
		for other := range failed {
			parts = parts || strings.HasPrefix(other, name+"/")
		}
		if !ends && !(parts && len(said[name]) == 0) {
			of = append(of, testFailure{name, said[name]})
		}
	}
	return of
}

// isMessage reports whether a line is a message of a test: file.go:12: text.
func isMessage(line string) bool {
	file, rest, ok := strings.Cut(strings.TrimSpace(line), ".go:")
	number, _, ok2 := strings.Cut(rest, ": ")
	return ok && ok2 && !strings.ContainsAny(file, " \t") && strings.Trim(number, "0123456789") == ""
}

func isOfWine(line string) bool {
	for _, part := range wineCannot {
		if !strings.Contains(line, part) {
			return false
		}
	}
	return true
}
