package tray

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// demo is a running `scoutcloud demo`: a server, an agent and a printer made of
// software.
type demo struct {
	*running
	IPPURL   string `json:"ipp_url"`
	Control  string `json:"control"`
	ScoutPID int    `json:"scout_pid"`
}

// newDemo starts one with a printer that behaves in one of its ways.
func newDemo(s *session, dir, scenario string) *demo {
	s.t.Helper()
	c := exec.Command(filepath.Join(dir, "scoutcloud"), "demo", "--document", "none", "--json", "--printer-scenario", scenario)
	c.Env = s.env
	out, err := c.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	d := &demo{running: s.start(c)}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		s.t.Fatalf("the demo did not come up: %v\n%s", err, d.said())
	}
	go io.Copy(io.Discard, out)
	if err := json.Unmarshal(line, d); err != nil {
		s.t.Fatalf("the demo said %q: %v", line, err)
	}
	return d
}

// print prints a line of text as an app does (RFC 8011 §4.2.1).
func (d *demo) print(t *testing.T, title string) {
	t.Helper()
	var b bytes.Buffer
	b.Write([]byte{1, 1, 0, 2, 0, 0, 0, 1, 1})
	for _, a := range []struct {
		tag         byte
		name, value string
	}{{0x47, "attributes-charset", "utf-8"}, {0x48, "attributes-natural-language", "en"}, {0x45, "printer-uri", d.IPPURL}, {0x42, "job-name", title}} {
		b.WriteByte(a.tag)
		for _, s := range []string{a.name, a.value} {
			binary.Write(&b, binary.BigEndian, uint16(len(s)))
			b.WriteString(s)
		}
	}
	b.WriteByte(3)
	b.WriteString("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj 3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")
	resp, err := http.Post(strings.Replace(d.IPPURL, "ipp:", "http:", 1), "application/ipp", &b)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || len(answer) < 4 || answer[2] != 0 {
		t.Fatalf("printing: %v, %x", err, answer[:min(4, len(answer))])
	}
}

// programs builds both, as make build does.
func programs(t *testing.T) (dir string) {
	t.Helper()
	dir = filepath.Dir(program(t))
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", filepath.Join(dir, "scoutcloud"), "../cmd/scoutcloud")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building scoutcloud: %v\n%s", err, out)
	}
	return dir
}

// TestRealAgent goes the way of a job with nothing made up but the panel: an
// app prints, the tray shows it and releases it, and the printer prints it.
// Then a printer wants paper, an answer is lost, and the agent is killed.
func TestRealAgent(t *testing.T) {
	dir := programs(t)
	t.Run("printed", func(t *testing.T) {
		d, p, n := realDesktop(t, dir, "good")
		d.print(t, "Letter")
		p.shows("Letter", "Release at", "demo")
		n.shows("Letter | It waits, sealed")
		p.click("Letter", "Release at", "demo")
		n.shows("Letter | Printed at demo")
		p.lacks("Letter")
		p.shows("Connected to Print Scout demo")
		d.print(t, "Second")
		n.press("Second | It waits", "demo") // the printer used last
		n.shows("Second | Printed at demo")
		d.print(t, "Third")
		p.shows("Third · about 1 page", "Release at", "demo · encrypted, certificate checked · printed")
		p.click("Third", "Cancel")
		p.lacks("Third")
	})
	t.Run("uncertain", func(t *testing.T) {
		d, p, n := realDesktop(t, dir, "reboot")
		for _, answer := range []func(){
			func() { p.click("Letter", "Was it printed?", "No, print it again") },
			func() { n.press("Letter | It may have come out at demo", "It was printed") },
		} {
			if _, there := p.seen().find("Letter"); !there {
				d.print(t, "Letter")
			}
			p.click("Letter", "Release at", "demo")
			p.shows("Letter", "Was it printed?")
			n.shows("Letter | It may have come out at demo")
			answer()
			p.lacks("Letter", "Was it printed?")
		}
		p.lacks("Letter")
	})
	t.Run("paper", func(t *testing.T) {
		d, p, n := realDesktop(t, dir, "jam")
		d.print(t, "Letter")
		p.click("Letter", "Release at", "demo")
		peers.Await(t, "the icon is NeedsYou", func() bool { return p.icon() == NeedsYou })
		n.press("| Letter, at demo.", "Cancel")
		p.lacks("Letter")
	})
	t.Run("killed", func(t *testing.T) {
		d, p, n := realDesktop(t, dir, "good")
		d.print(t, "Letter")
		n.shows("Letter | It waits, sealed")
		if err := syscall.Kill(d.ScoutPID, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		p.shows("The agent has not answered since")
		p.shows("Letter")
		if got := n.count(); got != 1 {
			t.Errorf("%d notifications, not 1", got)
		}
	})
}

// realDesktop starts a session with a panel and notifications, a demo, and the
// real tray.
func realDesktop(t *testing.T, dir, scenario string) (*demo, *panel, *server) {
	t.Helper()
	s := newSession(t)
	p, n, d := newPanel(s), newServer(s, "actions", "body"), newDemo(s, dir, scenario)
	s.printscoutTray(filepath.Join(dir, "printscout"), d.Control)
	p.meet()
	return d, p, n
}
