//go:build unix

package endtoend

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// bundle has the server make a bundle in a file of the agent's account alone.
func (s *site) bundle(flags ...string) string {
	s.t.Helper()
	file := filepath.Join(folder(s.t), "bundle.json")
	must(s.t, scoutcloud, append([]string{"token", "new", "--data", s.data(), "--out", file}, flags...)...)
	return file
}

// tokenOf returns the token in the file of a bundle.
func tokenOf(t testing.TB, file string) string {
	t.Helper()
	var b struct{ Token string }
	if err := json.Unmarshal(read(t, file), &b); err != nil || b.Token == "" {
		t.Fatalf("%+v, %v", b, err)
	}
	return b.Token
}

// argumentsHave reports whether the arguments or the environment of a process
// have a text, where the system shows them as Linux does.
func argumentsHave(text string) bool {
	for _, of := range []string{"cmdline", "environ"} {
		names, _ := filepath.Glob("/proc/[0-9]*/" + of)
		for _, name := range names {
			if b, err := os.ReadFile(name); err == nil && strings.Contains(string(b), text) {
				return true
			}
		}
	}
	return false
}

func isThere(file string) bool {
	_, err := os.Lstat(file)
	return err == nil
}

type listedScout struct{ ID, Name, Bundle, State string }

func (s *site) listedScouts() []listedScout {
	s.t.Helper()
	return decode[[]listedScout](s.t, must(s.t, scoutcloud, "scout", "list", "--json", "--data", s.data()))
}

// TestComputerJoinsByItself takes a bundle for several that is put there while
// the agent runs, waits for approval, and leaves again.
func TestComputerJoinsByItself(t *testing.T) {
	s := newSite(t)
	file := s.bundleFileSet("ScoutName", "pc-17")
	s.serve()
	made := s.bundle("--uses", "2", "--label", "floor-2")
	token := tokenOf(t, made)
	if err := os.Rename(made, file); err != nil {
		t.Fatal(err)
	}
	s.run()
	peers.Await(t, "it has joined, and waits for approval", func() bool {
		r := s.scout("status")
		if argumentsHave(token) {
			t.Error("the token is in an argument list or environment")
		}
		return r.code == 3 && strings.Contains(r.stdout, "until the administrator approves this computer") && strings.Contains(r.stderr, "scout approve")
	})
	if isThere(file) {
		t.Error("the bundle is still there")
	}
	scouts := s.listedScouts()
	if len(scouts) != 1 || scouts[0].Name != "pc-17" || scouts[0].Bundle != "floor-2" || scouts[0].State != "pending" {
		t.Fatalf("%+v", scouts)
	}
	doc := pdf(10_000)
	parked := s.print(doc)
	var jobs []job
	if status := s.api("GET", "/v1/jobs", nil, &jobs); status != http.StatusOK || len(jobs) != 0 {
		t.Errorf("the server lists %+v", jobs)
	}
	if status := s.api("POST", "/v1/releases", map[string]any{"jobs": []string{parked.ID}, "printer": "lobby"}, nil); status != http.StatusNotFound {
		t.Errorf("an order for its job: status %d", status)
	}
	if results, code := s.releaseAll("lobby"); code != 0 {
		t.Errorf("its owner releases: exit %d: %+v", code, results)
	}
	sameFile(t, s.out, doc)

	second := s.print(pdf(12_000))
	must(t, scoutcloud, "scout", "approve", "--bundle", "floor-2", "--data", s.data())
	s.linked() // without a restart of anything
	s.known(second.ID)

	if r := s.scout("unenroll"); r.code != 1 || !strings.Contains(r.stderr, "--discard-jobs") {
		t.Errorf("with a job: exit %d: %s", r.code, r.stderr)
	}
	if r := s.scout("unenroll", "--discard-jobs"); r.code != 0 || !strings.Contains(r.stdout, "destroyed: 1") {
		t.Errorf("leaving: exit %d: %s%s", r.code, r.stdout, r.stderr)
	}
	if left := s.listedScouts(); len(left) != 0 {
		t.Errorf("the server lists %+v", left)
	}
	if r := s.scout("status"); r.code != 10 {
		t.Errorf("status: exit %d: %s", r.code, r.stdout)
	}
	if r := s.scout("unenroll"); r.code != 10 {
		t.Errorf("leaving twice: exit %d: %s", r.code, r.stderr)
	}
}

// bundleFileSet configures the agent with a BundleFile, and one more setting.
func (s *site) bundleFileSet(name string, value any) string {
	file := filepath.Join(s.dir, "bundle.json")
	s.configure(map[string]any{"BundleFile": file, name: value})
	return file
}

// TestEnrollAndItsFile deletes what is worth nothing, and keeps what can be
// tried again.
func TestEnrollAndItsFile(t *testing.T) {
	s := newSite(t)
	s.serve()
	s.run()
	file := s.bundle()
	copied := write(t, "copy.json", read(t, file))
	s.server.stop(syscall.SIGTERM)
	if r := s.scout("enroll", file); r.code != 1 || !isThere(file) {
		t.Errorf("without the server: exit %d: %s", r.code, r.stderr)
	}
	s.serve()
	if r := s.scout("enroll", file); r.code != 0 || isThere(file) || r.stderr != "" {
		t.Errorf("joining: exit %d: %s", r.code, r.stderr)
	}
	r := s.scout("enroll", copied)
	if r.code != 12 || isThere(copied) || !strings.Contains(r.stderr, "warning: other accounts of this computer may read") {
		t.Errorf("used before, and readable: exit %d: %s", r.code, r.stderr)
	}
	kept := s.bundle("--uses", "5")
	if r := s.scout("enroll", "--keep", kept); r.code != 0 || !isThere(kept) || !strings.Contains(r.stdout, "waits for its administrator's approval") {
		t.Errorf("for several: exit %d: %s%s", r.code, r.stdout, r.stderr)
	}
	link := filepath.Join(folder(t), "link.json")
	if err := os.Symlink(kept, link); err != nil {
		t.Fatal(err)
	}
	if r := s.scout("enroll", link); r.code != 0 || !isThere(kept) || !strings.Contains(r.stderr, "the bundle was not deleted") {
		t.Errorf("by a link: exit %d: %s", r.code, r.stderr)
	}
}

// TestUnenrollWithoutTheServer says what is left to do there.
func TestUnenrollWithoutTheServer(t *testing.T) {
	s := newSite(t).up()
	id := s.listedScouts()[0].ID
	s.server.stop(syscall.SIGTERM)
	peers.Await(t, "the agent has noticed", func() bool { return s.scout("status").code == 3 })
	if r := s.scout("unenroll", "--json"); r.code != 3 || !strings.Contains(r.stdout, `"server_told": false`) || !strings.Contains(r.stderr, "scoutcloud scout remove "+id) {
		t.Errorf("exit %d: %s%s", r.code, r.stdout, r.stderr)
	}
	if r := s.scout("status"); r.code != 10 {
		t.Errorf("status: exit %d: %s", r.code, r.stdout)
	}
}

// TestSiteThatIsPinned is neither left nor changed.
func TestSiteThatIsPinned(t *testing.T) {
	s := newSite(t)
	s.configure(map[string]any{"LeaveSite": false})
	s.up()
	other := newSite(t)
	other.serve()
	if r := s.scout("enroll", other.bundle()); r.code != 13 {
		t.Errorf("another site: exit %d: %s", r.code, r.stderr)
	}
	if r := s.scout("unenroll", "--discard-jobs"); r.code != 13 {
		t.Errorf("leaving: exit %d: %s", r.code, r.stderr)
	}
	s.linked()
}
