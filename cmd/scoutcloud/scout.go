package main

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/cloud"
	"github.com/printscout/printscout/internal/cli"
)

func newScout() *cobra.Command {
	c := &cobra.Command{
		Use:   "scout",
		Short: "List the computers that have joined, approve or remove them",
	}
	c.AddCommand(newScoutList(), newScoutApprove(), newScoutRemove())
	return c
}

// listedScout is a scout as it is listed.
type listedScout struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Version  string    `json:"version"` // when it joined
	Enrolled time.Time `json:"enrolled"`
	Bundle   string    `json:"bundle"` // that it joined by; "" if that is no longer known
	State    string    `json:"state"`  // approved or pending
}

func newScoutList() *cobra.Command {
	var data string
	c := &cobra.Command{
		Use:   "list",
		Short: "List the computers that have joined",
		Long: "Lists the computers that have joined, each with the bundle that it came by. One\n" +
			"that is pending waits for scout approve. The running server tells which of them are\n" +
			"connected: GET /v1/scouts.",
		Annotations: cli.Exits{
			cli.Done:        "the computers are listed, even if there are none",
			cli.Failed:      "there is no server data, or it could not be read",
			cli.Interrupted: "interrupted",
		}.Annotations(),
	}
	dataFlag(c, &data)
	pending := c.Flags().Bool("pending", false, "only those that wait for approval")
	asJSON := cli.JSONFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		all := []listedScout{}
		err := withRegistry(c.Context(), data, func(r cloud.Registry) error {
			scouts, err := r.Scouts(c.Context())
			for _, s := range scouts {
				if *pending && !s.Pending {
					continue
				}
				all = append(all, listedScout{s.ID, s.Name, s.Version, s.Enrolled, s.Bundle, s.State()})
			}
			return err
		})
		if err != nil {
			return err
		}
		return cli.Present(c, *asJSON, all, scoutRows)
	}
	return c
}

func scoutRows(all []listedScout) [][]string {
	rows := [][]string{{"ID", "NAME", "VERSION", "ENROLLED", "BUNDLE", "STATE"}}
	for _, m := range all {
		rows = append(rows, []string{m.ID, m.Name, m.Version, formatTime(m.Enrolled), cmp.Or(m.Bundle, "-"), m.State})
	}
	return rows
}

func newScoutRemove() *cobra.Command {
	var data string
	c := &cobra.Command{
		Use:   "remove ID",
		Short: "Remove a computer: the server no longer knows it",
		Long: "Removes a computer that has joined. A running server disconnects it within 3\n" +
			"seconds, forgets its jobs and ends its unfinished orders. Jobs parked on that\n" +
			"computer stay there and can be released by its command line; to join again it\n" +
			"needs a new bundle.",
		Annotations: cli.Exits{
			cli.Done:        "the computer is removed",
			cli.Failed:      "there is no computer with that ID, or the data could not be read",
			cli.Interrupted: "interrupted",
		}.Annotations(),
	}
	dataFlag(c, &data)
	c.RunE = func(c *cobra.Command, args []string) error {
		return withRegistry(c.Context(), data, func(r cloud.Registry) error {
			err := r.RemoveScout(c.Context(), args[0], time.Now())
			if errors.Is(err, cloud.ErrNotFound) {
				return cli.WithHint(fmt.Errorf("there is no computer with the id %q", args[0]), "scoutcloud scout list names those there are")
			}
			if err == nil {
				fmt.Fprintf(c.ErrOrStderr(), "scoutcloud: removed %s\n", args[0])
			}
			return err
		})
	}
	return c
}
