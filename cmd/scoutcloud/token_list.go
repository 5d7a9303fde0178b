package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/cloud"
	"github.com/printscout/printscout/internal/cli"
)

// issuedToken is a token of the API or a bundle, as it is listed. The numbers
// are of a bundle: how many computers may join by it, how many have, how many
// of these are left, and how many of the latter wait for approval.
type issuedToken struct {
	Kind    string    `json:"kind"` // api or bundle
	Name    string    `json:"name"` // what token revoke takes
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires"`
	Expired bool      `json:"expired"`
	Revoked bool      `json:"revoked"`
	Uses    int       `json:"uses"`
	Used    int       `json:"used"`
	Scouts  int       `json:"scouts"`
	Pending int       `json:"pending"`
}

func newTokenList() *cobra.Command {
	var data string
	c := &cobra.Command{
		Use:   "list",
		Short: "List the tokens of the release API and the bundles",
		Long: "Lists the tokens of the release API, the bundles that can still be used, and those\n" +
			"for several computers as long as one that joined by them is left. The tokens\n" +
			"themselves are shown once, when they are made.",
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
	rows := [][]string{{"KIND", "NAME", "CREATED", "EXPIRES", "USED", "COMPUTERS"}}
	for _, g := range all {
		expires, used, computers := formatTime(g.Expires), "-", "-"
		switch {
		case g.Revoked:
			expires += " (revoked)"
		case g.Expired:
			expires += " (over)"
		}
		if g.Kind == "bundle" {
			used, computers = fmt.Sprintf("%d of %d", g.Used, g.Uses), fmt.Sprint(g.Scouts)
		}
		if g.Pending > 0 {
			computers += fmt.Sprintf(" (%d wait for approval)", g.Pending)
		}
		rows = append(rows, []string{g.Kind, g.Name, formatTime(g.Created), expires, used, computers})
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
		all = append(all, issuedToken{Kind: "api", Name: t.Name, Created: t.Created, Expires: t.Expires, Expired: !now.Before(t.Expires)})
	}
	for _, b := range bundles {
		all = append(all, issuedToken{Kind: "bundle", Name: b.Name, Created: b.Created, Expires: b.Expires, Expired: !now.Before(b.Expires),
			Revoked: !b.Revoked.IsZero(), Uses: b.Uses, Used: b.Used, Scouts: b.Scouts, Pending: b.Pending})
	}
	return all, err
}

func newTokenRevoke() *cobra.Command {
	var data string
	c := &cobra.Command{
		Use:   "revoke NAME",
		Short: "Revoke a token of the release API or a bundle",
		Long: "Revokes every token of the release API called NAME, or the bundle of that name in\n" +
			"token list. A running server refuses it at once and closes its connections within\n" +
			"3 seconds. Computers that joined by the bundle stay, unless --remove-scouts.",
		Annotations: cli.Exits{
			cli.Done:        "the token or bundle is revoked",
			cli.Failed:      "there is none of that NAME, or the data could not be read",
			cli.Interrupted: "interrupted",
		}.Annotations(),
	}
	dataFlag(c, &data)
	scouts := c.Flags().Bool("remove-scouts", false, "also remove every computer that joined by the bundle, as scout remove does")
	c.RunE = func(c *cobra.Command, args []string) error {
		return withRegistry(c.Context(), data, func(r cloud.Registry) error {
			ended, err := r.Revoke(c.Context(), args[0], *scouts, time.Now())
			if err != nil {
				return err
			}
			if ended == (cloud.Revoked{}) {
				return cli.WithHint(fmt.Errorf("there is no token or bundle called %q that could be revoked", args[0]), "scoutcloud token list names those there are")
			}
			fmt.Fprintf(c.ErrOrStderr(), "scoutcloud: revoked %s (%d)%s\n", args[0], ended.Tokens, removedWords(ended.Scouts))
			return nil
		})
	}
	return c
}

// removedWords says how many computers were removed with a bundle; "" for
// none.
func removedWords(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("; removed the computers that joined by it (%d)", n)
}
