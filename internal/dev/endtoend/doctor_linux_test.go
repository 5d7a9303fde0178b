package endtoend

import (
	"strings"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// TestDoctorWithoutRights stops our queue and has an ordinary user repair it:
// CUPS refuses that, the command says what to type, and root repairs it.
func TestDoctorWithoutRights(t *testing.T) {
	peers.NeedRoot(t)
	s := newSite(t).up()
	c := peers.StartCUPSWith(t, peers.CUPSSetup{Conf: peers.StockConf(t)})
	c.AddQueue(t, "printscout", s.ippURL())
	c.Run(t, "cupsdisable", "printscout")
	r := asUser(t, c, "nobody", printscout, "--control", s.control, "doctor", "--fix")
	if r.code != 12 || !strings.Contains(r.stderr, "hint: run it again as root, for example with sudo: sudo printscout ") || !strings.Contains(r.stdout, "not permitted: ") {
		t.Errorf("as nobody: exit %d: %s\n%s", r.code, r.stdout, r.stderr)
	}
	name, value, _ := strings.Cut(c.Environ(), "=")
	t.Setenv(name, value)
	all, _ := doctorOf(t, printscout, "--control", s.control, "--fix")
	if all["queue-enabled"].State != "pass" {
		t.Errorf("as root: %+v", all["queue-enabled"])
	}
}
