package endtoend

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// TestPagesAreTheirOwnersAlone has nobody open pages, which root asks for in
// vain, and root's, which nobody asks for in vain, each with the token in hand.
func TestPagesAreTheirOwnersAlone(t *testing.T) {
	peers.NeedRoot(t)
	curl := peers.Need(t, "curl")
	d := startDemo(t, folder(t))
	home := folder(t)
	if err := os.Chown(home, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	c := as(t, "nobody", exec.Command(printscout, "--control", d.Control, "open", "--no-browser"))
	c.Env = append(c.Env, "XDG_STATE_HOME="+home)
	p := start(t, c)
	address := regexp.MustCompile(`http://\S+`)
	peers.Await(t, "nobody's pages are served", func() bool { return address.MatchString(p.output()) })
	theirs := address.FindString(p.output())

	ask := func(c *exec.Cmd) result { return finish(t, c, "") }
	if r := ask(as(t, "nobody", exec.Command(curl, "-sS", theirs))); r.code != 0 || !strings.Contains(r.stdout, "Print Scout") {
		t.Errorf("nobody's own: exit %d, %s%s", r.code, r.stdout, r.stderr)
	}
	for name, c := range map[string]*exec.Cmd{
		"root at nobody's": exec.Command(curl, "-sS", theirs),
		"nobody at root's": as(t, "nobody", exec.Command(curl, "-sS", d.LocalURL)),
	} {
		if r := ask(c); r.code == 0 || r.stdout != "" || strings.Contains(r.stderr, "404") {
			t.Errorf("%s: exit %d, %q %s", name, r.code, r.stdout, r.stderr)
		}
	}
}
