package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

// Program is one of our programs: its command tree and what its errors mean.
type Program struct {
	NewRoot func() *cobra.Command
	// Explain returns the exit status and the hint of an error that the program
	// knows. It is called for errors that this package does not know. May be nil.
	Explain func(error) (code int, hint string, known bool)
}

// Main runs the command line of this process and returns its exit status.
// Ctrl-C and SIGTERM end the command's context.
func (p Program) Main() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return p.Run(ctx, p.NewRoot(), os.Args[1:])
}

// Run runs one command line and returns its exit status. An error is printed
// to the command's standard error.
func (p Program) Run(ctx context.Context, root *cobra.Command, args []string) int {
	root.SetArgs(args)
	c, err := root.ExecuteContextC(ctx)
	if isUsage(err) && isGroup(c) {
		err = wrongWord(root, args, err)
	}
	return p.reportEnd(root.ErrOrStderr(), commandEnd{command: c, err: err, interrupted: ctx.Err() != nil, json: wantsJSON(args)})
}

// Report prints to standard error an error that ends the process and did not come
// from Run, and returns its exit status.
func (p Program) Report(err error) int {
	return p.reportEnd(os.Stderr, commandEnd{command: p.NewRoot(), err: err})
}

// wantsJSON reports whether a command line asks for JSON. It does not parse the
// command line, which may be wrong.
func wantsJSON(args []string) bool {
	for _, a := range args {
		value, ok := strings.CutPrefix(a, "--json=")
		on, err := strconv.ParseBool(value)
		switch {
		case a == "--":
			return false
		case a == "--json", ok && err == nil && on:
			return true
		}
	}
	return false
}

// commandEnd is how a command ended.
type commandEnd struct {
	command     *cobra.Command
	err         error // nil if it succeeded
	interrupted bool
	json        bool
}

func (p Program) reportEnd(w io.Writer, r commandEnd) int {
	if r.err == nil {
		return Done
	}
	code := p.Status(r.err, r.interrupted)
	hint := p.Hint(r.err)
	if hint == "" && isUsage(r.err) {
		hint = fmt.Sprintf("run '%s --help' for usage", r.command.CommandPath())
	}
	text := r.err.Error()
	if code == Interrupted {
		text = strings.ReplaceAll(text, context.Canceled.Error(), meanings[Interrupted])
	}
	if r.json {
		printJSONError(w, jsonError{cmp.Or(text, meanings[code]), hint, code})
		return code
	}
	if _, said := errors.AsType[*Ended](r.err); !said {
		fmt.Fprintf(w, "%s: %s\n", r.command.Root().Name(), text)
	}
	if hint != "" {
		fmt.Fprintf(w, "hint: %s\n", hint)
	}
	return code
}

// jsonError is an error as scripts read it. The field names are stable.
type jsonError struct {
	Error string `json:"error"`
	Hint  string `json:"hint,omitempty"`
	Code  int    `json:"code"`
}

// printJSONError prints an error on one line.
func printJSONError(w io.Writer, e jsonError) {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.Encode(e)
}

// Status returns the exit status of an error. Errors become exit statuses only
// here.
func (p Program) Status(err error, interrupted bool) int {
	if e, ok := errors.AsType[*Ended](err); ok {
		return e.Code
	}
	switch {
	case err == nil:
		return Done
	case interrupted && errors.Is(err, context.Canceled):
		return Interrupted
	case isUsage(err):
		return Usage
	}
	if code, _, known := p.explainError(err); known {
		return code
	}
	return Failed
}

// Hint returns what to do next after an error, "" if that is not known.
func (p Program) Hint(err error) string {
	if h, ok := errors.AsType[*hintedError](err); ok {
		return h.hint
	}
	_, hint, _ := p.explainError(err)
	return hint
}

func (p Program) explainError(err error) (code int, hint string, known bool) {
	if p.Explain == nil || err == nil {
		return Failed, "", false
	}
	if code, hint, known = p.Explain(err); !known {
		return Failed, "", false
	}
	return code, hint, true
}
