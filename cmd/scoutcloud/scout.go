package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/cloud"
)

func newScout() *cobra.Command {
	c := &cobra.Command{
		Use:   "scout",
		Short: "List the computers that have joined, or remove one",
	}
	c.AddCommand(newScoutList(), newScoutRemove())
	return c
}

// member is a scout as it is listed.
type member struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Version  string    `json:"version"` // when it joined
	Enrolled time.Time `json:"enrolled"`
}

func newScoutList() *cobra.Command {
	var data string
	c := &cobra.Command{
		Use:   "list",
		Short: "List the computers that have joined",
		Long:  "Lists the computers that have joined. Which of them are connected, the running\nserver tells by GET /v1/scouts.",
	}
	dataFlag(c, &data)
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		all := []member{}
		err := withRegistry(c.Context(), data, func(r cloud.Registry) error {
			scouts, err := r.Scouts(c.Context())
			for _, s := range scouts {
				all = append(all, member{s.ID, s.Name, s.Version, s.Enrolled})
			}
			return err
		})
		if err != nil {
			return err
		}
		return show(c.OutOrStdout(), *asJSON, all, "ID\tNAME\tVERSION\tENROLLED", func(m member) string {
			return fmt.Sprintf("%s\t%s\t%s\t%s", m.ID, m.Name, m.Version, day(m.Enrolled))
		})
	}
	return c
}

func newScoutRemove() *cobra.Command {
	var data string
	c := &cobra.Command{
		Use:   "remove ID",
		Short: "Remove a computer: the server no longer knows it",
		Long: "Removes a computer that has joined. A server that runs sends it away within 3\n" +
			"seconds, forgets its jobs and ends its unfinished orders. What is parked on that\n" +
			"computer stays there, and prints by its own command line; to join again it needs\n" +
			"a new bundle.",
		Args: words(1, 1),
	}
	dataFlag(c, &data)
	c.RunE = func(c *cobra.Command, args []string) error {
		return withRegistry(c.Context(), data, func(r cloud.Registry) error {
			err := r.RemoveScout(c.Context(), args[0], time.Now())
			if errors.Is(err, cloud.ErrNotFound) {
				return hinted{fmt.Errorf("there is no computer with the id %q", args[0]), "scoutcloud scout list names those there are"}
			}
			if err == nil {
				fmt.Fprintf(c.ErrOrStderr(), "scoutcloud: removed %s\n", args[0])
			}
			return err
		})
	}
	return c
}
