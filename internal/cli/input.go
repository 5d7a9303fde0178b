package cli

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// maxInput is the maximum size of an input; bundles, passwords and PINs are
// smaller.
const maxInput = 64 << 10

// ReadInput reads a small file, or standard input if name is "-".
func ReadInput(c *cobra.Command, name string) ([]byte, error) {
	if name == "-" {
		return awaitRead(c.Context(), func() ([]byte, error) { return readSmall(name, c.InOrStdin()) })
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("reading the file: %w", err)
	}
	defer f.Close()
	return readSmall(name, f)
}

func readSmall(name string, in io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(in, maxInput+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	if len(b) > maxInput {
		return nil, fmt.Errorf("reading %s: it is larger than %d bytes", name, maxInput)
	}
	return b, nil
}

// AtTerminal reports whether a person can be asked for a secret.
func AtTerminal(c *cobra.Command) bool {
	_, ok := Terminal(c.InOrStdin())
	return ok
}

// AskSecret asks the person at the terminal for a secret, which is not shown. A
// secret is never an argument, since other users can see those.
func AskSecret(c *cobra.Command, prompt string) ([]byte, error) {
	in, ok := Terminal(c.InOrStdin())
	if !ok {
		return nil, fmt.Errorf("asking for a secret: standard input is not a terminal")
	}
	fd := int(in.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return nil, fmt.Errorf("asking for a secret: %w", err)
	}
	fmt.Fprint(c.ErrOrStderr(), prompt)
	secret, err := awaitRead(c.Context(), func() ([]byte, error) { return term.ReadPassword(fd) })
	if err != nil {
		// An interrupted read still has the terminal without echo.
		term.Restore(fd, before)
	}
	fmt.Fprintln(c.ErrOrStderr())
	return secret, err
}

// awaitRead returns what read returns, or the error of ctx if that ends first. A
// read of a terminal or a pipe cannot be interrupted, so it then continues until
// the process ends.
func awaitRead(ctx context.Context, read func() ([]byte, error)) ([]byte, error) {
	type result struct {
		b   []byte
		err error
	}
	done := make(chan result, 1)
	go func() {
		b, err := read()
		done <- result{b, err}
	}()
	select {
	case r := <-done:
		return r.b, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
