//go:build unix

package endtoend

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// siteKeys is what site show and status say of the keys.
type siteKeys struct {
	Epoch           int    `json:"epoch"`
	Fingerprint     string `json:"fingerprint"`
	Printers        int    `json:"printers"`
	Revision        int    `json:"directory_revision"`
	SiteEpoch       int    `json:"site_epoch"`
	SiteFingerprint string `json:"site_fingerprint"`
}

func (s *site) show() siteKeys {
	s.t.Helper()
	return decode[siteKeys](s.t, must(s.t, printscout, "site", "show", "--site", s.admin(), "--json"))
}

// rotate gives the site a new root or password.
func (s *site) rotate(what, password string) result {
	s.t.Helper()
	return commandIn(s.t, password+"\n", printscout, "site", "rotate", what, "--site", s.admin(), "--password-file", "-", "--json")
}

func (s *site) mustRotateRoot() siteKeys {
	s.t.Helper()
	r := s.rotate("root", s.password)
	if r.code != 0 || !strings.Contains(r.stderr, "hint: copy public.json and directory.json") {
		s.t.Fatalf("rotate root: exit %d: %s", r.code, r.stderr)
	}
	return decode[siteKeys](s.t, r.stdout)
}

// knows waits until the scout goes by the newest keys and directory.
func (s *site) knows(want siteKeys) {
	s.t.Helper()
	peers.Await(s.t, "the scout has the newest keys and directory", func() bool {
		r := s.scout("status", "--json")
		if r.code != 0 {
			return false
		}
		got := decode[siteKeys](s.t, r.stdout)
		return got.SiteEpoch == want.Epoch && got.SiteFingerprint == want.Fingerprint && got.Revision == want.Revision
	})
}

// another is a second scout of the same site, on a state of its own.
func (s *site) another() *site {
	s.t.Helper()
	other := *s
	other.dir, other.port = folder(s.t), peers.Port(s.t)
	other.state, other.control = filepath.Join(other.dir, "state"), filepath.Join(other.dir, "agent.sock")
	other.configure(nil)
	other.run()
	bundle := must(s.t, scoutcloud, "token", "--data", s.data())
	if r := commandIn(s.t, bundle, printscout, "--control", other.control, "enroll", "-"); r.code != 0 {
		s.t.Fatalf("enroll: exit %d: %s", r.code, r.stderr)
	}
	other.linked()
	return &other
}

// TestRootRotates gives a site in use new keys: the server and a scout that is
// connected follow, and so does one that was off for two epochs. Nobody
// enrols anew. Printers that are added afterwards are printed at.
func TestRootRotates(t *testing.T) {
	t.Parallel()
	s := newSite(t).up()
	first := s.show()
	second := s.another()
	doc := pdf(20_000)
	parked := second.print(doc)
	second.agent.stop(syscall.SIGTERM)
	older := filepath.Join(s.dir, "older")
	if err := os.CopyFS(older, os.DirFS(s.public())); err != nil {
		t.Fatal(err)
	}

	rotated := s.mustRotateRoot()
	if rotated.Epoch != 2 || rotated.Fingerprint == first.Fingerprint || rotated.Printers != 1 || rotated.Revision != first.Revision+1 || rotated != s.show() {
		t.Errorf("%+v after %+v; shown: %+v", rotated, first, s.show())
	}
	s.publish()
	s.knows(rotated)
	s.addPrinter("annex", s.printer.URI())
	s.publish()
	s.knows(s.show())
	s.print(doc)
	if results, code := s.releaseAll("annex"); code != 0 || results[0].Grade != "ipps-pinned" {
		t.Errorf("at a printer of the second epoch: exit %d: %+v", code, results)
	}
	sameFile(t, s.out, doc)
	for _, name := range files(t, s.out) {
		os.Remove(name)
	}

	last := s.mustRotateRoot()
	if last.Epoch != 3 || last.Printers != 2 {
		t.Errorf("%+v", last)
	}
	s.publish()
	s.knows(last)
	second.run()
	second.knows(last)
	if jobs := second.jobs(); len(jobs) != 1 || jobs[0].ID != parked.ID {
		t.Errorf("parked two epochs ago: %+v", jobs)
	}
	if results, code := second.releaseAll("annex"); code != 0 {
		t.Errorf("by the scout that was off: exit %d: %+v", code, results)
	}
	sameFile(t, s.out, doc)

	s.rollBack(older, last)
	bundle := decode[struct{ Fingerprint string }](t, must(t, scoutcloud, "token", "--data", s.data()))
	if bundle.Fingerprint != last.Fingerprint {
		t.Errorf("a new bundle is for %s", bundle.Fingerprint)
	}
}

// rollBack puts the files of the first epoch before a server that starts
// anew, and the newest ones after that.
func (s *site) rollBack(older string, last siteKeys) {
	s.t.Helper()
	s.server.stop(syscall.SIGTERM)
	for _, name := range []string{"public.json", "directory.json"} {
		if err := os.WriteFile(filepath.Join(s.public(), name), read(s.t, filepath.Join(older, name)), 0o644); err != nil {
			s.t.Fatal(err)
		}
	}
	s.serve()
	peers.Await(s.t, "the server refuses them", func() bool { return strings.Contains(s.server.output(), "directory goes back") })
	s.knows(last)
	s.publish()
	s.addPrinter("third", s.printer.URI())
	s.publish()
	s.knows(s.show())
}

// TestPasswordRotates has the old password refused afterwards, and changes
// nothing else.
func TestPasswordRotates(t *testing.T) {
	s := newSite(t)
	before := s.show()
	public, printers := read(t, filepath.Join(s.admin(), "public.json")), read(t, filepath.Join(s.admin(), "directory.json"))
	r := s.rotate("password", s.password)
	made := decode[struct{ Password string }](t, r.stdout)
	if r.code != 0 || len(strings.Fields(made.Password)) != 12 || !strings.Contains(r.stderr, "counts from now on") {
		t.Fatalf("exit %d: %s", r.code, r.stderr)
	}
	if s.show() != before || !bytes.Equal(read(t, filepath.Join(s.admin(), "public.json")), public) ||
		!bytes.Equal(read(t, filepath.Join(s.admin(), "directory.json")), printers) {
		t.Error("more than the password was changed")
	}
	for _, what := range []string{"password", "root"} {
		if r := s.rotate(what, s.password); r.code != 12 || !strings.Contains(r.stderr, `"hint":`) || r.stdout != "" {
			t.Errorf("rotate %s by the old password: exit %d: %s%s", what, r.code, r.stdout, r.stderr)
		}
	}
	if strings.Contains(r.stderr, made.Password) {
		t.Error("the password is in stderr")
	}
	s.password = strings.ToUpper(strings.ReplaceAll(made.Password, " ", "--"))
	s.addPrinter("annex", s.printer.URI())
	if got := s.mustRotateRoot(); got.Epoch != 2 || got.Printers != 2 {
		t.Errorf("%+v", got)
	}
}

// TestWeakCountIsWarnedOf takes a site whose password is as badly protected
// as in the papers: it opens, with a warning that says what to do, and doing
// that ends it.
func TestWeakCountIsWarnedOf(t *testing.T) {
	s := &site{t: t, dir: folder(t), password: "abandon best clever divert fence heart legend network present satisfy stand truth"}
	if err := os.CopyFS(s.admin(), os.DirFS("../../../testdata/sites/v2-epoch-2")); err != nil {
		t.Fatal(err)
	}
	for _, file := range files(t, s.admin()) {
		os.Chmod(file, 0o600)
	}
	warned := func() bool {
		r := command(t, printscout, "site", "show", "--site", s.admin())
		return strings.Contains(r.stderr, "warning: ") && strings.Contains(r.stderr, "site rotate password")
	}
	remove := commandIn(t, s.password, printscout, "site", "printer", "remove", "--site", s.admin(), "lab")
	if remove.code != 0 || !strings.Contains(remove.stderr, "warning: ") || !strings.Contains(remove.stderr, "1000 rounds") || !warned() {
		t.Errorf("exit %d: %s", remove.code, remove.stderr)
	}
	if r := s.rotate("password", s.password); r.code != 0 || warned() {
		t.Errorf("exit %d, still warned: %v: %s", r.code, warned(), r.stderr)
	}
}

// TestRotationsThatCannotBe asks for them where they make no sense.
func TestRotationsThatCannotBe(t *testing.T) {
	nowhere := filepath.Join(folder(t), "nowhere")
	for _, c := range []struct {
		code int
		args []string
	}{
		{1, []string{"rotate", "root", "--site", nowhere}},
		{1, []string{"rotate", "password", "--site", nowhere}},
		{1, []string{"show", "--site", nowhere}},
		{2, []string{"rotate", "roof"}},
		{2, []string{"rotate", "root", "x"}},
		{2, []string{"rotate", "root", "--password", "x"}},
		{2, []string{"show", "x"}},
	} {
		r := commandIn(t, "zoo\n", printscout, append([]string{"site"}, c.args...)...)
		if r.code != c.code || !strings.Contains(r.stderr, "hint:") || r.stdout != "" {
			t.Errorf("%q: exit %d: %s%s", c.args, r.code, r.stdout, r.stderr)
		}
	}
	if _, err := os.Stat(nowhere); err == nil {
		t.Error("a folder was made")
	}
}
