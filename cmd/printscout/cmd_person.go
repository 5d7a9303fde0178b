package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/internal/cli"
	"github.com/printscout/printscout/internal/control"
)

func newPerson(o *agentOptions) *cobra.Command {
	c := &cobra.Command{Use: "person", Short: "Who has registered, so that their jobs may be released: list, register, remove"}
	c.AddCommand(newPersonList(o), newPersonRegister(o), newPersonRemove(o))
	return c
}

func newPersonList(o *agentOptions) *cobra.Command {
	c := &cobra.Command{
		Use:   "list",
		Short: "Show whether you have registered; an administrator sees everyone",
		Annotations: exitsOfAgent.With(cli.Exits{
			cli.Done:   "the registrations are listed, even if there are none",
			cli.Failed: "they could not be listed",
		}).Annotations(),
	}
	asJSON := cli.JSONFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		people, err := askAgent(c, o, (*control.Client).People)
		if err != nil {
			return err
		}
		return cli.Present(c, *asJSON, people, peopleRows)
	}
	return c
}

func peopleRows(people []control.Person) [][]string {
	rows := [][]string{{"NAME", "REGISTERED", "BY"}}
	for _, p := range people {
		rows = append(rows, []string{p.Name, p.Registered.Local().Format(time.DateTime), p.By})
	}
	return rows
}

func newPersonRegister(o *agentOptions) *cobra.Command {
	c := &cobra.Command{
		Use:   "register [NAME]",
		Short: "Register yourself or, as an administrator, anyone",
		Long: "Where the setting Registration asks for it, jobs wait until their owner has\n" +
			"registered; from then on they may be released. Without NAME you register\n" +
			"yourself. NAME is that of an account, as printscout job list shows it.",
		Example: "  printscout person register\n  sudo printscout person register alice",
		Annotations: exitsOfAgent.With(cli.Exits{
			cli.Done:         "the person has registered",
			cli.Failed:       "this computer does not ask for registration",
			cli.Usage:        "wrong usage, or NAME is not an account",
			cli.NotPermitted: "only an administrator registers others",
			cli.Forbidden:    "only an administrator registers people on this computer",
		}).Annotations(),
	}
	asJSON := cli.JSONFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		var q control.Registration
		if len(args) > 0 {
			q.Name = args[0]
		}
		return withPerson(c, o, *asJSON, "has registered", func(client *control.Client, ctx context.Context) (control.Person, error) {
			return client.Register(ctx, q)
		})
	}
	return c
}

func newPersonRemove(o *agentOptions) *cobra.Command {
	c := &cobra.Command{
		Use:   "remove NAME",
		Short: "Remove a registration; that person's parked jobs wait from then on",
		Annotations: exitsOfAgent.With(cli.Exits{
			cli.Done:         "the registration is removed",
			cli.Failed:       "no person of that name has registered",
			cli.Usage:        "wrong usage, or NAME is not an account",
			cli.NotPermitted: "only an administrator removes others",
			cli.Forbidden:    "only an administrator removes people on this computer",
		}).Annotations(),
	}
	asJSON := cli.JSONFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		return withPerson(c, o, *asJSON, "is no longer registered", func(client *control.Client, ctx context.Context) (control.Person, error) {
			return client.Unregister(ctx, args[0])
		})
	}
	return c
}

// withPerson does one thing to one person's registration and reports it.
func withPerson(c *cobra.Command, o *agentOptions, asJSON bool, done string, do func(*control.Client, context.Context) (control.Person, error)) error {
	p, err := askAgent(c, o, do)
	if err != nil {
		return err
	}
	if asJSON {
		return cli.PrintJSON(c.OutOrStdout(), p)
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), "%s %s.\n", p.Name, done)
	return err
}
