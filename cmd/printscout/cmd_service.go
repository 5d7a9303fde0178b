package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/internal/cli"
	"github.com/printscout/printscout/internal/settings"
	"github.com/printscout/printscout/internal/version"
	"github.com/printscout/printscout/scout"
)

// memoryLimit is where the garbage collector begins to work harder: the agent
// is meant to be small (docs/architecture.md), and holds no document in
// memory.
const memoryLimit = 40 << 20

func newService(o *agentOptions) *cobra.Command {
	c := &cobra.Command{
		Use:   "service",
		Short: "Run the agent in the foreground, or under the system's service manager",
		Long: "Runs the agent until it is told to stop (SIGTERM, Ctrl-C, or the service\n" +
			"manager). Its log goes to standard error. It reads its settings again every minute,\n" +
			"and at once on SIGHUP.",
		Annotations: cli.Exits{
			cli.Done:   "the agent was told to stop and has",
			cli.Failed: "the agent could not start, or ended by itself",
		}.Annotations(),
	}
	stopOnEOF := c.Flags().Bool("stop-on-eof", false, "stop when standard input ends, so that the agent ends with the program that started it")
	c.RunE = func(c *cobra.Command, _ []string) error {
		supervision, err := takeSupervision()
		if err != nil {
			return err
		}
		s, err := o.loadSettings()
		if err != nil {
			return err
		}
		debug.SetMemoryLimit(memoryLimit)
		debug.SetGCPercent(50)
		ctx, cancel := context.WithCancel(c.Context())
		defer cancel()
		if *stopOnEOF {
			go func() {
				io.Copy(io.Discard, os.Stdin)
				cancel()
			}()
		}
		return runService(ctx, func(ctx context.Context) error { return o.runAgent(ctx, s, supervision) })
	}
	return c
}

func (o *agentOptions) runAgent(ctx context.Context, s *settings.Settings, by *supervision) error {
	level := new(slog.LevelVar)
	level.Set(logLevel(s.LogLevel))
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	for _, warning := range s.Warnings {
		log.Warn("a setting is not used", "warning", warning)
	}
	if path := o.controlPath(); path != "" && path != s.ControlPath {
		log.Warn("the command line names another socket than policy, which decides", "control", s.ControlPath)
	}
	reload, stop := reloadSignal()
	defer stop()
	cfg := scout.Config{
		Settings: s.Values, Configured: s, Version: version.Number, Log: log,
		Reread: o.loadSettings, Reload: reload, SetLogLevel: func(name string) { level.Set(logLevel(name)) },
	}
	defer by.supervise(ctx, &cfg)()
	agent, err := scout.New(cfg)
	if errors.Is(err, fs.ErrPermission) {
		err = cli.WithHint(err, "run it as root or under the service manager, or name a StateDir of your own in a configuration (--config)")
	}
	if err != nil {
		return fmt.Errorf("starting the agent: %w", err)
	}
	if err := agent.Run(ctx); err != nil {
		return fmt.Errorf("running the agent: %w", err)
	}
	return nil
}

func logLevel(name string) slog.Level {
	var l slog.Level
	if l.UnmarshalText([]byte(name)) != nil {
		return slog.LevelInfo
	}
	return l
}
