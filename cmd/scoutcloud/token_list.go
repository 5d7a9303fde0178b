package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/cloud"
	"github.com/printscout/printscout/internal/cli"
)

// issuedToken is a token of the API or an unused bundle, as it is listed.
type issuedToken struct {
	Kind    string    `json:"kind"` // api or bundle
	Name    string    `json:"name"` // what token revoke takes
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires"`
	Expired bool      `json:"expired"`
}

func newTokenList() *cobra.Command {
	var data string
	c := &cobra.Command{
		Use:   "list",
		Short: "List the tokens of the release API and the unused bundles",
		Long:  "Lists the tokens of the release API and the bundles that can still be used. The\ntokens themselves are shown once, when they are made.",
		Annotations: cli.Exits{
			cli.Done:        "the tokens are listed, even if there are none",
			cli.Failed:      "there is no server data, or it could not be read",
			cli.Interrupted: "interrupted",
		}.Annotations(),
	}
	dataFlag(c, &data)
	asJSON := cli.JSONFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		var all []issuedToken
		err := withRegistry(c.Context(), data, func(r cloud.Registry) (err error) {
			all, err = listIssuedTokens(c, r)
			return err
		})
		if err != nil {
			return err
		}
		return cli.Present(c, *asJSON, all, issuedTokenRows)
	}
	return c
}

func issuedTokenRows(all []issuedToken) [][]string {
	rows := [][]string{{"KIND", "NAME", "CREATED", "EXPIRES"}}
	for _, g := range all {
		expires := formatTime(g.Expires)
		if g.Expired {
			expires += " (over)"
		}
		rows = append(rows, []string{g.Kind, g.Name, formatTime(g.Created), expires})
	}
	return rows
}

func listIssuedTokens(c *cobra.Command, r cloud.Registry) ([]issuedToken, error) {
	now := time.Now()
	tokens, err := r.APITokens(c.Context())
	if err != nil {
		return nil, err
	}
	bundles, err := r.Bundles(c.Context(), now)
	all := []issuedToken{}
	for _, t := range tokens {
		all = append(all, issuedToken{"api", t.Name, t.Created, t.Expires, !now.Before(t.Expires)})
	}
	for _, b := range bundles {
		all = append(all, issuedToken{"bundle", b.ID, b.Created, b.Expires, false})
	}
	return all, err
}

func newTokenRevoke() *cobra.Command {
	var data string
	c := &cobra.Command{
		Use:   "revoke NAME",
		Short: "Revoke a token of the release API or an unused bundle",
		Long: "Revokes every token of the release API called NAME, or the unused bundle of that\n" +
			"name in token list. A running server refuses it at once and closes its connections\n" +
			"within 3 seconds.",
		Annotations: cli.Exits{
			cli.Done:        "the token or bundle is revoked",
			cli.Failed:      "there is none of that NAME, or the data could not be read",
			cli.Interrupted: "interrupted",
		}.Annotations(),
	}
	dataFlag(c, &data)
	c.RunE = func(c *cobra.Command, args []string) error {
		return withRegistry(c.Context(), data, func(r cloud.Registry) error {
			n, err := r.Revoke(c.Context(), args[0])
			if err == nil && n == 0 {
				return cli.WithHint(fmt.Errorf("there is no token or unused bundle called %q", args[0]), "scoutcloud token list names those there are")
			}
			if err == nil {
				fmt.Fprintf(c.ErrOrStderr(), "scoutcloud: revoked %s (%d)\n", args[0], n)
			}
			return err
		})
	}
	return c
}
