package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/internal/cli"
	"github.com/printscout/printscout/internal/control"
)

// exitsOfAgent are the exit statuses common to every command that asks the
// agent.
var exitsOfAgent = cli.Exits{
	cli.Unreachable:  "the agent is not reachable",
	cli.NotPermitted: "another user's program answers in the agent's place, or you may not ask it",
	cli.Interrupted:  "interrupted",
}

// askAgent connects to the agent and asks it one thing.
func askAgent[T any](c *cobra.Command, o *agentOptions, ask func(*control.Client, context.Context) (T, error)) (answer T, err error) {
	client, err := o.controlClient()
	if err != nil {
		return answer, err
	}
	defer client.Close()
	return ask(client, c.Context())
}
