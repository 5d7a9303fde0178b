//go:build cgo

package tray

import (
	"context"
	"log/slog"
	"os/exec"
	"strings"
)

// desktop shows notifications by AppleScript: macOS lets only signed bundles
// show their own. They have no buttons, and a click does nothing.
type desktop struct{ log *slog.Logger }

func openDesktop(log *slog.Logger, _ func(Action)) (*desktop, error) { return &desktop{log}, nil }

// notify passes the script by a pipe: everybody on the computer may read the
// arguments of a process, and titles are nobody else's affair.
func (d *desktop) notify(n Notice) {
	script := "display notification " + quoted(n.Body) + " with title " + quoted("Print Scout") + " subtitle " + quoted(n.Title)
	cmd := exec.Command("/usr/bin/osascript", "-")
	cmd.Stdin = strings.NewReader(script)
	if err := cmd.Start(); err != nil {
		d.log.Info("a notification could not be shown", "error", err)
		return
	}
	go func() {
		if err := cmd.Wait(); err != nil {
			d.log.Info("a notification could not be shown", "error", err)
		}
	}()
}

// withdraw leaves it to macOS.
func (*desktop) withdraw(Key) {}

const iconSize = 44 // twice the height of the panel

func (*desktop) icon(i Icon) []byte { return pngOf(Picture(i, iconSize)) }

func (*desktop) label(text string) string { return text }

func (*desktop) started(context.Context) {}

// ended never is: macOS ends the process with the session.
func (*desktop) ended() <-chan struct{} { return nil }

func (*desktop) close() {}
