package endtoend

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/dev/peers"
)

// eventsVariable makes a run of the test binary a program that writes down the
// events of an agent until its standard input ends.
const eventsVariable = "ENDTOEND_EVENTS"

func init() { roles[eventsVariable] = writeEvents }

func writeEvents(path string) int {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	client := control.NewClient(path)
	defer client.Close()
	for e, err := range client.Events(ctx) {
		switch {
		case ctx.Err() != nil:
			return 0
		case err != nil:
			fmt.Fprintln(os.Stderr, err)
			return 1
		case e.Job != nil:
			fmt.Println(e.Name, e.Job.ID, e.Job.State)
		case e.Gone != nil:
			fmt.Println(e.Name, e.Gone.ID, e.Gone.State)
		default:
			fmt.Println(e.Name)
		}
	}
	return 0
}

// listen starts such a program as a user, and returns what it has written.
func (s *site) listen(name string) (written func() string) {
	s.t.Helper()
	own, err := os.Executable()
	if err != nil {
		s.t.Fatal(err)
	}
	raw, err := os.ReadFile(own)
	if err != nil {
		s.t.Fatal(err)
	}
	exe := shared(s.t, "events", raw)
	if err := os.Chmod(exe, 0o755); err != nil {
		s.t.Fatal(err)
	}
	c := as(s.t, name, exec.Command(exe))
	c.Env = append(c.Env, eventsVariable+"="+s.control)
	out, err := os.Create(filepath.Join(s.t.TempDir(), "out"))
	if err != nil {
		s.t.Fatal(err)
	}
	c.Stdout, c.Stderr = out, out
	stop, err := c.StdinPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		s.t.Fatal(err)
	}
	written = func() string {
		b, err := os.ReadFile(out.Name())
		if err != nil {
			s.t.Error(err)
		}
		return string(b)
	}
	s.t.Cleanup(func() {
		stop.Close()
		if err := c.Wait(); err != nil {
			s.t.Errorf("the events of %s: %v\n%s", name, err, written())
		}
		out.Close()
	})
	peers.Await(s.t, "the stream is ready", func() bool { return strings.Contains(written(), "ready") })
	return written
}

// TestEventsAreOnesOwn lets three accounts listen, root among them, while each
// prints: no account hears of another's job.
func TestEventsAreOnesOwn(t *testing.T) {
	peers.NeedRoot(t)
	s := newSite(t).up()
	names := []string{"daemon", "nobody", "root"}
	written, jobs := map[string]func() string{}, map[string]job{}
	for _, name := range names {
		written[name] = s.listen(name)
	}
	for _, name := range names {
		j := s.printAs(name, name, pdf(10_000))
		jobs[name] = j
		if r := s.as(name, "job", "release", j.ID, "--printer", "lobby", "--wait"); r.code != 0 {
			t.Fatalf("%s releases: exit %d: %s", name, r.code, r.stderr)
		}
		peers.Await(t, "it is told what became of the job", func() bool {
			return strings.Contains(written[name](), "gone "+j.ID+" delivered")
		})
	}
	for _, name := range names {
		for other, j := range jobs {
			if other != name && strings.Contains(written[name](), j.ID) {
				t.Errorf("%s has heard of the job of %s:\n%s", name, other, written[name]())
			}
		}
		if said := written[name](); !strings.Contains(said, "job "+jobs[name].ID+" parked") {
			t.Errorf("%s has heard:\n%s", name, said)
		}
	}
}
