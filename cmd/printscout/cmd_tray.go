package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/internal/cli"
	"github.com/printscout/printscout/internal/web"
	"github.com/printscout/printscout/tray"
	"github.com/printscout/printscout/tray/preferences"
)

// trayMemory is where the garbage collector begins to work harder: there is a
// tray in every session of a computer.
const trayMemory = 20 << 20

func newTray(o *agentOptions) *cobra.Command {
	c := &cobra.Command{
		Use:   "tray",
		Short: "Show your jobs by an icon in this desktop session, and by notifications",
		Long: "Shows an icon with a menu of your jobs, where panels show icons, and notifications\n" +
			"of what becomes of them. It runs as you, one for each session, until you end it or\n" +
			"the session ends, and goes on by itself when the agent was restarted.",
		Annotations: cli.Exits{
			cli.Done:   "the tray was ended, or this session has one already",
			cli.Failed: "there is no desktop session, or this build has no icon",
		}.Annotations(),
	}
	level := slog.LevelWarn
	c.Flags().TextVar(&level, "log-level", level, "log to standard error from this `LEVEL` on: debug, info, warn or error")
	c.RunE = func(c *cobra.Command, _ []string) error {
		hideConsole()
		client, err := o.controlClient()
		if err != nil {
			return err
		}
		defer client.Close()
		folder, err := preferences.Folder()
		if err != nil {
			return err
		}
		log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
		debug.SetMemoryLimit(trayMemory)
		debug.SetGCPercent(50)
		kept := preferences.New(folder)
		err = tray.Run(c.Context(), tray.Config{
			Agent: client, Pages: &pageCommands{agentOptions: o, log: log}, Preferences: kept, Texts: web.For(kept.Language(), systemLanguage()), Log: log,
		})
		if errors.Is(err, tray.ErrRunning) {
			fmt.Fprintf(c.ErrOrStderr(), "printscout: %s\n", err)
			return nil
		}
		return err
	}
	return c
}
