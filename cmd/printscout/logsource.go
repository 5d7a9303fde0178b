package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// logQuery is what is asked of the log.
type logQuery struct {
	since  time.Duration // 0: from the last lines on
	lines  int           // at most; 0: no limit
	follow bool
}

// errNoLog says where the log of an agent is that this system does not keep.
type errNoLog string

func (e errNoLog) Error() string { return string(e) }

// maxLogLine is the maximum length of a line of the log; a longer one is cut.
const maxLogLine = 64 << 10

// copyLog copies lines of the log, as they are or as JSON.
func copyLog(w io.Writer, log io.Reader, asJSON bool) error {
	lines := bufio.NewReaderSize(log, maxLogLine)
	for {
		part, more, err := lines.ReadLine()
		line := string(part)
		for more && err == nil {
			_, more, err = lines.ReadLine()
		}
		if errors.Is(err, io.EOF) && len(line) == 0 {
			return nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("reading the log: %w", err)
		}
		if err := writeLogLine(w, line, asJSON); err != nil {
			return fmt.Errorf("printing: %w", err)
		}
	}
}

func writeLogLine(w io.Writer, line string, asJSON bool) error {
	if !asJSON {
		_, err := fmt.Fprintln(w, printableLine(line))
		return err
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	return out.Encode(parseLogLine(line))
}

// printableLine keeps control characters of a line from the terminal.
func printableLine(line string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, line)
}

// parseLogLine returns the fields of a line as log/slog writes it: key=value and
// key="value". Of another line it returns the whole as msg.
func parseLogLine(line string) map[string]string {
	fields := map[string]string{}
	for rest := strings.TrimSpace(line); rest != ""; rest = strings.TrimLeft(rest, " ") {
		key, value, ok := strings.Cut(rest, "=")
		if !ok || key == "" || strings.ContainsAny(key, " \"") {
			return map[string]string{"msg": line}
		}
		if fields[key], rest, ok = logValue(value); !ok {
			return map[string]string{"msg": line}
		}
	}
	if fields["msg"] == "" {
		return map[string]string{"msg": line}
	}
	return fields
}

// logValue reads a value, which is quoted if it has spaces, and returns what
// stands after it.
func logValue(s string) (value, rest string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		value, rest, _ = strings.Cut(s, " ")
		return value, rest, true
	}
	for end := 1; end < len(s); end++ {
		switch s[end] {
		case '\\':
			end++
		case '"':
			value, err := strconv.Unquote(s[:end+1])
			return value, s[end+1:], err == nil
		}
	}
	return "", "", false
}
