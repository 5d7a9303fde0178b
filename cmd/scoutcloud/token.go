package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/cloud"
	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/cli"
)

// bundleLife is how long a bundle can be used by default.
const bundleLife = 24 * time.Hour

// tokenOptions are the flags of token and of token new.
type tokenOptions struct {
	serveOptions
	api   string // name of a token for the API; empty for a bundle
	out   string
	uses  int    // of a bundle
	label string // of a bundle
	valid time.Duration
	until string
}

func newToken() *cobra.Command {
	var o tokenOptions
	c := &cobra.Command{
		Use:   "token",
		Short: "Make the bundle by which computers join, or manage what was issued",
		Long: "Makes a bundle: the server's address and key, the site's public keys, and a token\n" +
			"that works once or, with --uses, for so many computers. printscout enroll takes it.\n" +
			"With --api it makes a token for terminals and scripts that order releases, as token\n" +
			"new does. The server may be running or not.",
		Example: "  scoutcloud token --out bundle.json\n  scoutcloud token new lobby-panel\n  scoutcloud token list\n  scoutcloud token revoke lobby-panel",
		Annotations: cli.Exits{
			cli.Done:        "the bundle or token is made",
			cli.Failed:      "it could not be made or written",
			cli.Usage:       "wrong usage, or the site or address has never been named",
			cli.Interrupted: "interrupted",
		}.Annotations(),
	}
	o.addFlags(c)
	c.Flags().StringVar(&o.api, "api", "", "make a token for the release API instead, called `NAME`")
	c.RunE = func(c *cobra.Command, _ []string) error { return makeToken(c, o) }
	c.AddCommand(newTokenNew(), newTokenList(), newTokenRevoke())
	return c
}

func newTokenNew() *cobra.Command {
	var o tokenOptions
	c := &cobra.Command{
		Use:   "new [NAME]",
		Short: "Make a token for the release API called NAME, or without a name a bundle",
		Long: "Makes a token for terminals and scripts that order releases. It is shown once and\n" +
			"ends after a year unless --until or --valid says otherwise. Without NAME it makes\n" +
			"the bundle by which one computer joins, which can be used for a day. With --uses N\n" +
			"computers may join by it; then each waits until you approve it, by\n" +
			"scoutcloud scout approve: whoever copies such a bundle can join too.",
		Example: "  scoutcloud token new lobby-panel --until 2027-06-30\n  scoutcloud token new --out bundle.json\n" +
			"  scoutcloud token new --uses 200 --until 2027-06-30 --label floor-2 --out floor-2.json",
		Annotations: cli.Exits{
			cli.Done:        "the token or bundle is made",
			cli.Failed:      "it could not be made or written",
			cli.Usage:       "wrong usage, or for a bundle the site or address has never been named",
			cli.Interrupted: "interrupted",
		}.Annotations(),
	}
	o.addFlags(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		if len(args) == 1 {
			o.api = args[0]
		}
		return makeToken(c, o)
	}
	return c
}

func (o *tokenOptions) addFlags(c *cobra.Command) {
	c.Flags().StringVar(&o.data, "data", defaultData, "`FOLDER` of everything the server keeps")
	c.Flags().StringVar(&o.Site, "site", "", "for a bundle: `FOLDER` with the site's public.json and directory.json (default: that of the last serve)")
	c.Flags().StringVar(&o.URL, "url", "", "for a bundle: https `URL` at which scouts reach the server (default: that of the last serve)")
	c.Flags().IntVar(&o.uses, "uses", 1, fmt.Sprintf("for a bundle: `N` computers may join by it, up to %d", wire.MaxUses))
	c.Flags().StringVar(&o.label, "label", "", "for a bundle: its `NAME` in token list and scout list (default: one made from its hash)")
	c.Flags().StringVar(&o.out, "out", "", "new `FILE` to write to, that only its owner can read (default: standard output)")
	c.Flags().DurationVar(&o.valid, "valid", 0, "for how long it can be used (default: a bundle 24h, a token of the API a year)")
	c.Flags().StringVar(&o.until, "until", "", "last `DATE` on which it can be used, such as 2027-06-30")
}

func makeToken(c *cobra.Command, o tokenOptions) error {
	if err := o.checkBundleFlags(); err != nil {
		return err
	}
	now := time.Now()
	expires, err := o.expiryTime(now)
	if err != nil {
		return err
	}
	var made []byte
	if o.api != "" {
		made, err = newAPIToken(c.Context(), o, now, expires)
	} else {
		made, err = newBundle(c.Context(), o, expires.Sub(now))
	}
	if err != nil {
		return err
	}
	return writeSecret(o.out, c.OutOrStdout(), append(made, '\n'))
}

// checkBundleFlags returns what is wrong with the flags that only a bundle has.
func (o tokenOptions) checkBundleFlags() error {
	switch {
	case o.uses < 1 || o.uses > wire.MaxUses:
		return cli.Usagef("--uses is not a number from 1 to %d", wire.MaxUses)
	case o.api != "" && (o.uses != 1 || o.label != ""):
		return cli.Usagef("--uses and --label are for bundles, which have no NAME here")
	}
	return nil
}

// expiryTime returns when the token or bundle expires.
func (o tokenOptions) expiryTime(now time.Time) (time.Time, error) {
	switch {
	case o.until != "" && o.valid != 0:
		return now, cli.Usagef("say either --valid or --until")
	case o.until != "":
		day, err := time.ParseInLocation(time.DateOnly, o.until, time.Local)
		if err != nil {
			return now, cli.Usagef("reading --until: %q is not a date such as 2027-06-30", o.until)
		}
		if day = day.AddDate(0, 0, 1); !now.Before(day) {
			return now, cli.Usagef("--until %s is over", o.until)
		}
		return day, nil
	case o.valid < 0:
		return now, cli.Usagef("--valid is not a time that passes, such as 24h")
	case o.valid > 0:
		return now.Add(o.valid), nil
	case o.api != "":
		return now.Add(cloud.APITokenLife), nil
	}
	return now.Add(bundleLife), nil
}

// newAPIToken needs only the registry: the server need not have run.
func newAPIToken(ctx context.Context, o tokenOptions, now, expires time.Time) ([]byte, error) {
	registry, err := cloud.OpenRegistry(ctx, o.data)
	if err != nil {
		return nil, cli.WithHint(err, "--data names another folder")
	}
	defer registry.Close()
	token, err := cloud.IssueAPIToken(ctx, registry, o.api, now, expires)
	if errors.Is(err, cloud.ErrNameTaken) {
		err = cli.WithHint(err, "a bundle has it: scoutcloud token list shows which; say another NAME")
	}
	return []byte(token), err
}

func newBundle(ctx context.Context, o tokenOptions, valid time.Duration) ([]byte, error) {
	known, err := o.withRemembered()
	if err != nil {
		return nil, err
	}
	server, err := known.openServer(slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	defer server.Close()
	bundle, err := server.BundleFor(ctx, known.URL, cloud.BundleTerms{Valid: valid, Uses: o.uses, Label: o.label})
	if errors.Is(err, cloud.ErrNameTaken) {
		return nil, cli.WithHint(err, "scoutcloud token list shows what has it; say another --label")
	}
	if err != nil {
		return nil, err
	}
	made, err := json.MarshalIndent(bundle, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing the bundle: %w", err)
	}
	return made, nil
}

// writeSecret writes a secret to a new file that only its owner can read, or
// to out. If out is a file too, others can no longer read it.
func writeSecret(name string, out io.Writer, secret []byte) error {
	if name == "" {
		if err := closeToOthers(out); err != nil {
			return err
		}
		_, err := out.Write(secret)
		return err
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	if _, err := f.Write(secret); err != nil {
		f.Close()
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return f.Close()
}

// closeToOthers makes a file that standard output goes to readable only by its
// owner.
func closeToOthers(out io.Writer) error {
	f, ok := out.(*os.File)
	if !ok {
		return nil
	}
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	if err := f.Chmod(0o600); err != nil {
		return cli.WithHint(fmt.Errorf("closing the output to others: %w", err), "--out names a new file, which is made so")
	}
	return nil
}
