package checkups

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"slices"
	"strings"

	"github.com/printscout/printscout/internal/checkup"
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/identity"
)

// notAsked is the Finding of a checkup that needs the agent's word.
func notAsked() checkup.Finding {
	return checkup.Found(checkup.Info, "Only the agent knows, and it does not answer.", "")
}

func (c *computer) lookAtAgent(ctx context.Context) checkup.Finding {
	s, err := c.agentStatus(ctx)
	switch {
	case errors.Is(err, control.ErrStranger):
		return checkup.Found(checkup.Fail, checkup.Sentence(err.Error()), "only root, you, or the user printscout may run the agent: find out who started that program, and stop it")
	case errors.Is(err, fs.ErrPermission):
		return checkup.Found(checkup.Error, checkup.Sentence(err.Error()), "run it as an account that may use the agent's control socket")
	case errors.Is(err, control.ErrUnreachable):
		return checkup.Found(checkup.Fail, checkup.Sentence(err.Error()), "start the service ("+startService+"), or name its socket by --control PATH")
	case err != nil:
		return checkup.Found(checkup.Error, checkup.Sentence(err.Error()), "see its log: printscout logs")
	}
	var f checkup.Findings
	for _, warning := range s.Warnings {
		if !slices.Contains(c.Settings.Warnings, warning) { // those are of the checkup settings
			f.Add(checkup.Warn, checkup.Sentence(warning), "do what it says; the log may have more: printscout logs")
		}
	}
	return f.Finding(fmt.Sprintf("The agent answers; its version is %s.", s.Version))
}

func (c *computer) lookAtSite(ctx context.Context) checkup.Finding {
	s, err := c.agentStatus(ctx)
	switch {
	case err != nil:
		return notAsked()
	case !s.Enrolled:
		return checkup.Found(checkup.Fail, "This computer has not joined a site.", "ask your administrator for a bundle and run: printscout enroll FILE")
	}
	return checkup.Found(checkup.Pass, fmt.Sprintf("This computer has joined the site %s.", s.Site), "")
}

func (c *computer) lookAtConnection(ctx context.Context) checkup.Finding {
	s, err := c.agentStatus(ctx)
	switch {
	case err != nil:
		return notAsked()
	case !s.Enrolled:
		return checkup.Found(checkup.Info, "There is no server before this computer has joined a site.", "")
	case s.Connected && s.LastError != "":
		return checkup.Found(checkup.Warn, "The agent is connected, but: "+checkup.Sentence(s.LastError), "tell the administrator of the server")
	case s.Connected:
		return checkup.Found(checkup.Pass, "The agent is connected to its server.", "")
	case s.LastError != "":
		return checkup.Found(checkup.Fail, "The agent is not connected: "+checkup.Sentence(s.LastError), "see the checkups server-name, server-tcp and server-tls")
	}
	return checkup.Found(checkup.Fail, "The agent is not connected to its server.", "see the checkups server-name, server-tcp and server-tls")
}

func (c *computer) lookAtJobs(ctx context.Context) checkup.Finding {
	s, err := c.agentStatus(ctx)
	if err != nil {
		return notAsked()
	}
	var f checkup.Findings
	if !s.Accepting {
		why := "The agent takes no jobs."
		if s.Message != "" {
			why = "The agent takes no jobs: " + checkup.Sentence(s.Message)
		}
		f.Add(checkup.Fail, why, "see the checkups joined and space")
	}
	if s.Damaged > 0 {
		f.Add(checkup.Warn, fmt.Sprintf("%d jobs were damaged and set aside.", s.Damaged), "see the log, which names them: printscout logs")
	}
	if s.Waiting > 0 {
		f.Add(checkup.Info, fmt.Sprintf("%d of your jobs wait for registration.", s.Waiting), "printscout person register")
	}
	return f.Finding("The agent takes jobs, and none is damaged.")
}

func (c *computer) lookAtPort(ctx context.Context) checkup.Finding {
	s, err := c.agentStatus(ctx)
	if err != nil {
		return c.lookAtPortAlone(ctx)
	}
	var f checkup.Findings
	for _, a := range s.Answers {
		if a.Who != control.Us {
			said := a.Message
			if said == "" {
				said = fmt.Sprintf("at %s the agent does not answer itself", a.Address)
			}
			f.Add(checkup.Fail, checkup.Sentence(said), "print nothing; stop whatever else listens there, then restart the agent")
		}
	}
	return f.Finding("The agent answers at " + strings.Join(s.PrinterURIs, " and ") + "." + c.socketWords(ctx))
}

// lookAtPortAlone looks who has the port of an agent that does not answer.
func (c *computer) lookAtPortAlone(ctx context.Context) checkup.Finding {
	if c.Settings.Port == 0 {
		return checkup.Found(checkup.Info, "The agent takes any free port, and does not answer.", "")
	}
	var f checkup.Findings
	for _, host := range []string{"127.0.0.1", "::1"} {
		at := netip.AddrPortFrom(netip.MustParseAddr(host), uint16(c.Settings.Port))
		l, err := identity.OfListener(ctx, at)
		if err != nil {
			continue
		}
		if l.UID == "0" && (l.Program == "systemd" || l.Program == "") && c.socketWords(ctx) != "" {
			f.Add(checkup.Info, fmt.Sprintf("systemd keeps %s for the agent.", at), "")
			continue
		}
		f.Add(checkup.Fail, fmt.Sprintf("At %s, where apps print, another program answers: %s. It is not Print Scout.", at, l), "print nothing on this computer until that program is stopped; then start the service")
	}
	return f.Finding("No other program has the agent's port.")
}

// socketWords says that systemd keeps the agent's port, "" if it does not.
func (c *computer) socketWords(ctx context.Context) string {
	out, err := c.Run(ctx, "systemctl", "is-active", "printscout.socket")
	if err == nil && strings.TrimSpace(string(out)) == "active" {
		return " systemd keeps the port for it."
	}
	return ""
}

// warnsOf reports whether a warning of the configuration is about a setting.
func (c *computer) warnsOf(name string) bool {
	return slices.ContainsFunc(c.Settings.Warnings, func(w string) bool { return strings.HasPrefix(w, name+" ") })
}

func (c *computer) lookAtSettings(ctx context.Context) checkup.Finding {
	var f checkup.Findings
	if c.SettingsError != nil {
		f.Add(checkup.Fail, checkup.Sentence(c.SettingsError.Error()), "mend the file; the defaults are in docs/guide/1-install.md")
	}
	for _, warning := range c.Settings.Warnings {
		f.Add(checkup.Warn, checkup.Sentence(warning), "correct it where it was set, and restart the agent")
	}
	if c.AgentSettings == nil {
		return f.Finding("The configuration has no mistakes.")
	}
	running, err := c.AgentSettings(ctx)
	if err != nil {
		return f.Finding("The configuration has no mistakes; the agent was not asked.")
	}
	for _, s := range running {
		if s.Error != "" && !c.warnsOf(s.Name) {
			f.Add(checkup.Warn, checkup.Sentencef("%s: %s", s.Name, s.Error), "correct it where it was set")
		}
		if s.PendingRestart {
			f.Add(checkup.Warn, fmt.Sprintf("%s was changed and is not in force yet.", s.Name), "restart the agent")
		}
	}
	return f.Finding("The configuration has no mistakes, and the agent has it in force.")
}
