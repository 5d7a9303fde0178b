package checkups

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"testing"

	"github.com/printscout/printscout/internal/checkup"
	"github.com/printscout/printscout/internal/control"
)

func TestAgent(t *testing.T) {
	b := newBench(t)
	b.wants("agent", checkup.Pass, "version is 1")
	b.agent.status.Warnings = []string{"the clock has jumped", "Port is not used"}
	b.Settings.Warnings = []string{"Port is not used"}
	if f := b.wants("agent", checkup.Warn, "The clock has jumped."); f.Summary != "The clock has jumped." {
		t.Errorf("a warning of the settings is told twice: %s", f.Summary)
	}
	b.wants("settings", checkup.Warn, "Port is not used.")
	for _, x := range []struct {
		err   error
		state checkup.State
		word  string
	}{
		{fmtErr(control.ErrUnreachable, "/run/x"), checkup.Fail, startService},
		{fmtErr(control.ErrStranger, "uid 7"), checkup.Fail, "stop it"},
		{errors.Join(control.ErrUnreachable, fs.ErrPermission), checkup.Error, "may use"},
		{errors.New("status 500"), checkup.Error, "printscout logs"},
	} {
		b.agent.err = x.err
		b.wants("agent", x.state, x.word)
		for _, id := range []string{"joined", "connected", "jobs", "server-name", "server-tcp", "server-tls"} {
			b.wants(id, checkup.Info, "does not answer")
		}
	}
}

func TestSiteConnectionAndJobs(t *testing.T) {
	b := newBench(t)
	b.wants("joined", checkup.Pass, "Example")
	b.wants("connected", checkup.Pass)
	b.wants("jobs", checkup.Pass)
	b.agent.status.LastError = "it has no directory"
	b.wants("connected", checkup.Warn, "It has no directory.")
	b.agent.status.Connected = false
	b.wants("connected", checkup.Fail, "It has no directory.")
	b.agent.status.Waiting = 2
	b.wants("jobs", checkup.Info, "register")
	b.agent.status.Damaged = 1
	b.wants("jobs", checkup.Warn, "1 jobs were damaged")
	b.agent.status.Accepting, b.agent.status.Message = false, "the disk is full"
	b.wants("jobs", checkup.Fail, "The disk is full.")
	b.agent.status = control.Status{Version: "1"}
	b.wants("joined", checkup.Fail, "printscout enroll FILE")
	b.wants("connected", checkup.Info)
	b.wants("server-tls", checkup.Info, "before this computer has joined")
}

func TestSettings(t *testing.T) {
	b := newBench(t)
	b.wants("settings", checkup.Pass)
	b.AgentSettings = func(context.Context) ([]AgentSetting, error) {
		return []AgentSetting{{Name: "Port", PendingRestart: true}, {Name: "LogLevel", Error: "it is no level"}, {Name: "MaxJobMB"}}, nil
	}
	b.wants("settings", checkup.Warn, "Port was changed", "LogLevel: it is no level.", "restart the agent")
	b.AgentSettings = func(context.Context) ([]AgentSetting, error) { return nil, errors.New("no") }
	b.wants("settings", checkup.Pass, "was not asked")
	b.SettingsError = errors.New("reading the configuration: it is not a JSON object")
	b.wants("settings", checkup.Fail, "not a JSON object", "mend the file")
}

func TestPort(t *testing.T) {
	b := newBench(t)
	b.wants("port", checkup.Pass, "ipp://localhost:8631/ipp/print")
	b.said["systemctl is-active printscout.socket"] = "active\n"
	b.wants("port", checkup.Pass, "systemd keeps the port")
	b.agent.status.Answers = []control.Answer{{Who: control.Us}, {Who: "somebody", Message: `it is "nc" of the user bob`}}
	b.wants("port", checkup.Fail, "of the user bob", "print nothing")
}

// TestPortOfAnAgentThatIsGone has this process hold it.
func TestPortOfAnAgentThatIsGone(t *testing.T) {
	b := newBench(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	b.agent.err = control.ErrUnreachable
	b.Settings.Port = l.Addr().(*net.TCPAddr).Port
	b.wants("port", checkup.Fail, "another program answers", "checkups.test")
	b.Settings.Port = 0
	b.wants("port", checkup.Info)
}

// TestTheAgentIsAskedOnce wants the checkups of one run to share its answer.
func TestTheAgentIsAskedOnce(t *testing.T) {
	b := newBench(t)
	b.agent.status.Enrolled = false // so that no server is asked
	results := new(checkup.Runner).Run(t.Context(), All(b.Config))
	if b.agent.asked != 1 {
		t.Errorf("asked %d times", b.agent.asked)
	}
	for _, r := range results {
		if r.Summary == "" || r.State == checkup.Fail && r.Fix == "" {
			t.Errorf("%+v", r)
		}
	}
}
