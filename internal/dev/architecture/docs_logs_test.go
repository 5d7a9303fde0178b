package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

const logsPage = "docs/logs.md"

// levels are the methods that log an event, and the level of each; the
// server's logError is an Error that a stop keeps quiet.
var levels = map[string]string{"Debug": "DEBUG", "Info": "INFO", "Warn": "WARN", "Error": "ERROR", "logError": "ERROR"}

// TestLogEventsAreInTheCode wants each event of docs/logs.md to be logged at
// the level that stands there.
func TestLogEventsAreInTheCode(t *testing.T) {
	logged := loggedEvents(t)
	rows := logRows(t)
	for message, level := range rows {
		if logged[message] != level {
			t.Errorf("%s has %q of level %s; the code has level %q", logsPage, message, level, logged[message])
		}
	}
}

// TestEveryErrorIsInTheLogsPage wants a row of docs/logs.md for each event of
// level Error.
func TestEveryErrorIsInTheLogsPage(t *testing.T) {
	rows := logRows(t)
	for message, level := range loggedEvents(t) {
		if level == "ERROR" && rows[message] == "" {
			t.Errorf("%s has no row for the error %q", logsPage, message)
		}
	}
}

// logRows returns the events of docs/logs.md and the level of each.
func logRows(t *testing.T) map[string]string {
	t.Helper()
	rows := map[string]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\| (\\w+) \\|").FindAllStringSubmatch(document(t, logsPage), -1) {
		rows[m[1]] = m[2]
	}
	if len(rows) == 0 {
		t.Fatalf("%s has no events", logsPage)
	}
	return rows
}

// loggedEvents returns the messages that what is shipped logs as literals, and
// the level of each. A printer made of software logs for its tests only.
func loggedEvents(t *testing.T) map[string]string {
	t.Helper()
	events := map[string]string{}
	for _, p := range list(t, "./...") {
		if under(p.ImportPath, "internal/dev") || under(p.ImportPath, "delivery/simprinter") {
			continue
		}
		names, err := filepath.Glob(filepath.Join(p.Dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(f, func(n ast.Node) bool {
				if message, level := event(n); message != "" {
					events[message] = level
				}
				return true
			})
		}
	}
	return events
}

// event returns the message and the level of a call that logs one: a literal
// that stands first, with logError after the context.
func event(n ast.Node) (message, level string) {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return "", ""
	}
	method, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || levels[method.Sel.Name] == "" {
		return "", ""
	}
	at := 0
	if method.Sel.Name == "logError" {
		at = 1
	}
	if len(call.Args) <= at {
		return "", ""
	}
	text, ok := call.Args[at].(*ast.BasicLit)
	if !ok || text.Kind != token.STRING {
		return "", ""
	}
	message, _ = strconv.Unquote(text.Value)
	return message, levels[method.Sel.Name]
}
