package endtoend

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// TestSitePasswordIsAskedAtATerminal types the password where rotate asks for
// it; it is not shown, and the new one is.
func TestSitePasswordIsAskedAtATerminal(t *testing.T) {
	s := newSite(t)
	term, c := onTerminal(t, exec.Command(printscout, "site", "rotate", "password", "--site", s.admin()))
	peers.Await(t, "it asks", func() bool { return strings.Contains(term.text(), "Site password: ") })
	peers.Await(t, "it shows nothing of what is typed", func() bool { return !term.echoes() })
	if _, err := term.WriteString(s.password + "\r"); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		t.Errorf("%v: %s", err, term.text())
	}
	peers.Await(t, "it says that the new one counts", func() bool { return strings.Contains(term.text(), "counts from now on") })
	if strings.Contains(term.text(), s.password) {
		t.Errorf("the old password is shown: %s", term.text())
	}
	for line := range strings.Lines(term.text()) {
		if made, ok := strings.CutPrefix(line, "New password"); ok {
			s.password = strings.TrimSpace(made)
		}
	}
	s.addPrinter("annex", s.printer.URI())
}
