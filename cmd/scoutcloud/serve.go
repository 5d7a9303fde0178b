package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/cloud"
	"github.com/printscout/printscout/internal/cli"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/systemd"
)

// serveOptions are what a server is started with. They are kept in its data
// folder, so that the next start and scoutcloud token need not be told again.
type serveOptions struct {
	Site  string   `json:"site"`
	URL   string   `json:"url"`
	Hosts []string `json:"hosts,omitempty"`
	Cert  string   `json:"tls_cert,omitempty"`
	Key   string   `json:"tls_key,omitempty"`

	data   string
	listen string
	// given reports whether a flag of that name was given; nil: none was.
	given func(flag string) bool
}

const (
	defaultData   = "/var/lib/scoutcloud"
	defaultListen = ":8443"
	serveFile     = "serve.json"

	environmentFile = "/etc/scoutcloud/scoutcloud.env" // of scoutcloud.service
)

func newServe() *cobra.Command {
	var o serveOptions
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run the release server",
		Long: "Runs the release server of one site until it is told to stop. It needs the site's\n" +
			"public.json and directory.json, as printscout site new makes them, and no secret:\n" +
			"copy those two files to FOLDER here. A changed directory.json is loaded while\n" +
			"the server runs; SIGHUP loads it at once.\n\n" +
			"Variables of the environment may stand for flags: SCOUTCLOUD_SITE, _URL, _LISTEN,\n" +
			"_HOST (names with commas between them), _TLS_CERT and _TLS_KEY. A flag or variable\n" +
			"that is not given keeps its value of the last start; an empty one takes it back.",
		Example: "  scoutcloud serve --data /var/lib/scoutcloud --site /etc/scoutcloud/site --url https://print.example:8443",
		Annotations: cli.Exits{
			cli.Done:   "the server was told to stop and has",
			cli.Failed: "it could not start, or ended by itself",
			cli.Usage:  "wrong usage, or something is not set up: the site, its two files, the address",
		}.Annotations(),
	}
	c.Flags().StringVar(&o.data, "data", defaultData, "`FOLDER` of everything the server keeps")
	c.Flags().StringVar(&o.listen, "listen", defaultListen, "`ADDRESS` to listen at")
	c.Flags().StringVar(&o.Site, "site", "", "`FOLDER` with the site's public.json and directory.json (default: that of the last start)")
	c.Flags().StringVar(&o.URL, "url", "", "https `URL` at which scouts reach this server (default: that of the last start)")
	c.Flags().StringSliceVar(&o.Hosts, "host", nil, "further `NAME` in the certificate that the server makes for itself")
	c.Flags().StringVar(&o.Cert, "tls-cert", "", "`FILE` with a certificate and its chain, in place of one made here")
	c.Flags().StringVar(&o.Key, "tls-key", "", "`FILE` with its private key")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := setFromEnvironment(c); err != nil {
			return err
		}
		o.given = c.Flags().Changed
		return runServer(c, o)
	}
	return c
}

func runServer(c *cobra.Command, o serveOptions) error {
	notifier := systemd.NewNotifier()
	o, err := o.withRemembered()
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	server, err := o.openServer(log)
	if err != nil {
		return err
	}
	defer server.Close()
	l, err := net.Listen("tcp", o.listen)
	if err != nil {
		return cli.WithHint(fmt.Errorf("listening at %s: %w", o.listen, err), "--listen names another address")
	}
	if err := o.saveOptions(); err != nil {
		l.Close()
		return err
	}
	hangup := make(chan os.Signal, 1)
	notifyHangup(hangup)
	defer signal.Stop(hangup)
	served := make(chan error, 1)
	go func() { served <- server.Serve(c.Context(), l) }()
	fmt.Fprintf(c.ErrOrStderr(), "scoutcloud: serving at %s as %s\n", l.Addr(), o.URL)
	untold := func(err error) {
		if err != nil {
			log.Error("systemd could not be told of the server", "error", err)
		}
	}
	untold(notifier.Ready())
	stopping := c.Context().Done()
	for {
		select {
		case err := <-served:
			return err
		case <-stopping:
			untold(notifier.Stopping())
			stopping = nil
		case <-hangup:
			server.Reload()
		}
	}
}

// withRemembered fills in from the last start what was not said.
func (o serveOptions) withRemembered() (serveOptions, error) {
	var last serveOptions
	raw, err := os.ReadFile(filepath.Join(o.data, serveFile))
	if err == nil {
		err = json.Unmarshal(raw, &last)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return o, fmt.Errorf("reading what the server was last started with: %w", err)
	}
	o.Site, o.URL = cmp.Or(o.Site, last.Site), cmp.Or(o.URL, last.URL)
	if !o.isGiven("tls-cert") {
		o.Cert = last.Cert
	}
	if !o.isGiven("tls-key") {
		o.Key = last.Key
	}
	if !o.isGiven("host") {
		o.Hosts = last.Hosts
	}
	switch {
	case o.Site == "":
		return o, &cli.UsageError{Err: cli.WithHint(errors.New("which site is it? name its folder by --site"), "printscout site new makes one; the server needs its public.json and directory.json")}
	case o.URL == "":
		return o, &cli.UsageError{Err: cli.WithHint(errors.New("at which address do scouts reach this server? name it by --url or SCOUTCLOUD_URL"), "for example --url https://print.example:8443; the service reads SCOUTCLOUD_URL from "+environmentFile)}
	}
	o.Site, err = filepath.Abs(o.Site)
	return o, err
}

func (o serveOptions) isGiven(flag string) bool { return o.given != nil && o.given(flag) }

// saveOptions keeps the options for the next start.
func (o serveOptions) saveOptions() error {
	if err := writeJSON(filepath.Join(o.data, serveFile), o); err != nil {
		return fmt.Errorf("keeping what the server was started with: %w", err)
	}
	return nil
}

// openServer opens the server's data and does not listen.
func (o serveOptions) openServer(log *slog.Logger) (*cloud.Server, error) {
	public, err := directory.LoadPublic(o.Site)
	if err != nil {
		err = cli.WithHint(err, "copy public.json and directory.json of the site to "+o.Site)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &cli.UsageError{Err: err} // until then, no restart helps
	}
	if err != nil {
		return nil, err
	}
	hosts, err := o.certHosts()
	if err != nil {
		return nil, err
	}
	server, err := cloud.New(cloud.Config{
		DataDir: o.data, Site: public, SiteDir: o.Site, Hosts: hosts,
		CertFile: o.Cert, KeyFile: o.Key, Log: log, Now: time.Now,
	})
	if errors.Is(err, fs.ErrPermission) {
		return nil, cli.WithHint(err, "--data names another folder")
	}
	return server, err
}
