package main

import (
	"bytes"
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/internal/cli"
	"github.com/printscout/printscout/internal/control"
)

// releaseRequests returns the releases to ask for: one with the PIN of a file
// or with none or, at a terminal, one for each job, for whose PIN the person
// is asked. A PIN is never on the command line, which others can see.
func releaseRequests(c *cobra.Command, client *control.Client, req control.Release, pinFile string) ([]control.Release, error) {
	if pinFile == "" && !req.All && cli.AtTerminal(c) {
		return askForPINs(c.Context(), client, req, func(id string) ([]byte, error) { return askPIN(c, id) })
	}
	if pinFile == "" {
		return []control.Release{req}, nil
	}
	b, err := cli.ReadInput(c, pinFile)
	if err != nil {
		return nil, err
	}
	req.PIN, err = parsePIN(b)
	return []control.Release{req}, err
}

// askForPINs puts each job into a release of its own, in the order of the
// jobs, if one of them needs a PIN.
func askForPINs(ctx context.Context, client *control.Client, req control.Release, ask func(id string) ([]byte, error)) (out []control.Release, err error) {
	needed := false
	for _, id := range req.Jobs {
		j, err := client.Job(ctx, id)
		if err != nil {
			return nil, err
		}
		one := control.Release{Jobs: []string{j.ID}, Printer: req.Printer}
		if j.PINRequired {
			needed = true
			if one.PIN, err = ask(j.ID); err != nil {
				return nil, err
			}
		}
		out = append(out, one)
	}
	if !needed {
		return []control.Release{req}, nil
	}
	return out, nil
}

func askPIN(c *cobra.Command, id string) ([]byte, error) {
	b, err := cli.AskSecret(c, fmt.Sprintf("PIN of job %s: ", id))
	if err != nil {
		return nil, fmt.Errorf("reading the PIN: %w", err)
	}
	return parsePIN(b)
}

// maxPIN is the most bytes that job-password may have: PWG 5100.11.
const maxPIN = 255

// parsePIN returns the PIN without the end of its line.
func parsePIN(b []byte) ([]byte, error) {
	b = bytes.TrimSuffix(bytes.TrimSuffix(b, []byte("\n")), []byte("\r"))
	if len(b) == 0 || len(b) > maxPIN || bytes.ContainsRune(b, '\n') {
		return nil, cli.Usagef("a PIN is one line of 1 to 255 bytes")
	}
	return b, nil
}

// pinHint says how to give a PIN if one was missing.
func pinHint(results []control.Result) string {
	for _, r := range results {
		if r.Reason == "pin-required" {
			return "give the PIN by --pin-file FILE, - for standard input, or name the job at a terminal to be asked"
		}
	}
	return ""
}
