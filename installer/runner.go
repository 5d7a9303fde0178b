package installer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Command is a program of the system that a step runs. Its arguments never hold a
// secret: other users can see them.
type Command struct {
	Name  string
	Args  []string
	Stdin []byte
	Env   []string // besides PATH and LC_ALL
	As    *Account // nil: as this process
}

// String returns the command as one would type it.
func (c Command) String() string { return strings.Join(append([]string{c.Name}, c.Args...), " ") }

// Runner runs programs of the system.
type Runner interface {
	// Run returns what a program wrote to standard output. If the program is not
	// there, the error is ErrNoProgram; if it fails, a *CommandError.
	Run(context.Context, Command) ([]byte, error)
	// Has reports whether a program is installed.
	Has(name string) bool
}

// ErrNoProgram means that a program is not installed.
var ErrNoProgram = errors.New("not installed")

// CommandError is a program that failed.
type CommandError struct {
	Name string
	Code int
	Said string // on standard error, in one line
}

func (e *CommandError) Error() string {
	if e.Said == "" {
		return fmt.Sprintf("%s ended with status %d", e.Name, e.Code)
	}
	// Many programs begin with their own name.
	return e.Name + ": " + strings.TrimPrefix(e.Said, e.Name+": ")
}

// commandTime is how long one program may take.
const commandTime = 2 * time.Minute

// maxSaid is how much of what a program says on standard error is repeated.
const maxSaid = 400

// systemRunner runs the programs of this computer, found in the system's own
// folders only.
type systemRunner struct{}

func (systemRunner) Run(ctx context.Context, c Command) ([]byte, error) {
	path, err := findProgram(c.Name)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, commandTime)
	defer cancel()
	var out, said bytes.Buffer
	cmd := exec.CommandContext(ctx, path, c.Args...)
	cmd.Env = append(systemEnviron(), c.Env...)
	cmd.Dir = string(filepath.Separator)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(c.Stdin), &out, &said
	cmd.WaitDelay = 5 * time.Second // a grandchild may hold the pipes
	if err := runAs(cmd, c.As); err != nil {
		return nil, err
	}
	err = cmd.Run()
	if ctx.Err() != nil {
		return nil, fmt.Errorf("running %s: %w", c.Name, ctx.Err())
	}
	if ended, ok := errors.AsType[*exec.ExitError](err); ok {
		return out.Bytes(), &CommandError{c.Name, ended.ExitCode(), oneLine(said.String())}
	}
	if err != nil {
		return nil, fmt.Errorf("running %s: %w", c.Name, err)
	}
	return out.Bytes(), nil
}

func (systemRunner) Has(name string) bool {
	_, err := findProgram(name)
	return err == nil
}

// findProgram does not use PATH, which belongs to whoever called sudo.
func findProgram(name string) (string, error) {
	if filepath.IsAbs(name) {
		return name, nil
	}
	for _, dir := range programFolders() {
		path := filepath.Join(dir, name)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s is %w", name, ErrNoProgram)
}

// oneLine is what a program said, short and without line breaks.
func oneLine(said string) string {
	text := []rune(strings.Join(strings.Fields(strings.ToValidUTF8(said, "")), " "))
	return string(text[:min(len(text), maxSaid)])
}
