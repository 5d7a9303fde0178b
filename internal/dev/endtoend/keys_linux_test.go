package endtoend

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// keysAtRest is what status --json says of the agent's secrets.
type keysAtRest struct {
	KeysAtRest string `json:"keys_at_rest"`
}

// runWith runs the agent with credentials as systemd gives them.
func (s *site) runWith(credentials string) {
	s.t.Helper()
	c := exec.Command(printscout, "--config", s.config(), "service")
	c.Env = append(os.Environ(), "CREDENTIALS_DIRECTORY="+credentials)
	s.agent = start(s.t, c)
	peers.Await(s.t, "the agent answers", func() bool { return s.scout("status").code != 11 })
}

// rests wants status to say how the secrets rest, in both forms.
func (s *site) rests(word string) {
	s.t.Helper()
	if r := s.scout("status"); !strings.Contains(r.stdout, "Keys at rest") || !strings.Contains(r.stdout, word+": in files ") {
		s.t.Errorf("status: %s", r.stdout)
	}
	if st := decode[keysAtRest](s.t, s.scout("status", "--json").stdout); st.KeysAtRest != word {
		s.t.Errorf("status --json: %+v", st)
	}
}

// TestKeysAtRest: an agent that is given a credential seals its secrets, still
// has them, and does not run without it again.
func TestKeysAtRest(t *testing.T) {
	s := newSite(t)
	s.serve()
	s.runWith("")
	s.rests("file")
	s.enroll()
	s.linked()
	parked := s.print(pdf(5_000))
	s.agent.stop(syscall.SIGTERM)
	plain := read(t, filepath.Join(s.dir, "state", "keys", "wrap"))

	credentials := folder(t)
	if err := os.WriteFile(filepath.Join(credentials, "printscout-keystore"), plainKey, 0o400); err != nil {
		t.Fatal(err)
	}
	s.runWith(credentials)
	s.rests("sealed-file")
	if log := s.agent.output(); !strings.Contains(log, "are sealed now") {
		t.Errorf("the log says nothing: %s", log)
	}
	noTrace(t, plain, filepath.Join(s.dir, "state", "keys"))
	s.linked()
	if results, code := s.releaseAll("lobby"); code != 0 || len(results) != 1 || results[0].Job != parked.ID {
		t.Errorf("release: exit %d, %+v", code, results)
	}
	s.agent.stop(syscall.SIGTERM)

	r := command(t, printscout, "--config", s.config(), "service")
	wants(t, "service", r, 1, "is sealed, and the key is missing", "docs/keystore.md")
}

var plainKey = []byte("0123456789abcdef0123456789abcdef")
