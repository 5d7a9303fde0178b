//go:build unix

package endtoend

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/printscout/printscout/delivery/simprinter"
	"github.com/printscout/printscout/internal/dev/peers"
)

// site is what an administrator sets up by the README: a site, a printer, a
// server and a scout, each by its own command.
type site struct {
	t        testing.TB
	dir      string
	password string
	printer  *simprinter.Printer
	out      string

	cloudPort int
	server    *process
	apiToken  string

	port    int
	control string
	state   string
	agent   *process
}

// newSite makes all of it; nothing runs yet but the printer.
func newSite(t testing.TB) *site {
	t.Helper()
	s := &site{t: t, dir: folder(t), cloudPort: peers.Port(t), port: peers.Port(t)}
	os.Chmod(s.dir, 0o755)
	s.out, s.state, s.control = filepath.Join(s.dir, "out"), filepath.Join(s.dir, "state"), filepath.Join(s.dir, "agent.sock")
	var err error
	if s.printer, err = simprinter.Start(simprinter.Config{Dir: s.out}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.printer.Close() })
	made := decode[struct {
		Password    string `json:"password"`
		Fingerprint string `json:"fingerprint"`
	}](t, must(t, printscout, "site", "new", "--site", s.admin(), "--name", "Example Ltd", "--json"))
	s.password = made.Password
	s.addPrinter("lobby", s.printer.URI())
	s.publish()
	s.configure(nil)
	return s
}

func (s *site) admin() string   { return filepath.Join(s.dir, "admin") }
func (s *site) public() string  { return filepath.Join(s.dir, "public") }
func (s *site) data() string    { return filepath.Join(s.dir, "server") }
func (s *site) config() string  { return filepath.Join(s.dir, "config.json") }
func (s *site) address() string { return fmt.Sprintf("https://localhost:%d", s.cloudPort) }
func (s *site) ippURL() string  { return fmt.Sprintf("ipp://localhost:%d/ipp/print", s.port) }

func (s *site) addPrinter(name, uri string, options ...string) {
	s.t.Helper()
	args := append([]string{"site", "printer", "add", "--site", s.admin(), "--password-file", "-"}, options...)
	if r := commandIn(s.t, s.password+"\n", printscout, append(args, name, uri)...); r.code != 0 {
		s.t.Fatalf("printer add: exit %d: %s", r.code, r.stderr)
	}
}

// publish copies what the server may have of the site.
func (s *site) publish() {
	s.t.Helper()
	os.MkdirAll(s.public(), 0o755)
	for _, name := range []string{"public.json", "directory.json"} {
		b := read(s.t, filepath.Join(s.admin(), name))
		tmp := filepath.Join(s.public(), name+".new")
		if err := os.WriteFile(tmp, b, 0o644); err != nil {
			s.t.Fatal(err)
		}
		os.Rename(tmp, filepath.Join(s.public(), name))
	}
}

// configure writes the agent's configuration.
func (s *site) configure(more map[string]any) {
	s.t.Helper()
	c := map[string]any{"StateDir": s.state, "ControlPath": s.control, "Port": s.port, "MinFreeMB": 0}
	for k, v := range more {
		c[k] = v
	}
	b, _ := json.Marshal(c)
	if err := os.WriteFile(s.config(), b, 0o644); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) serve() {
	s.t.Helper()
	s.server = start(s.t, exec.Command(scoutcloud, "serve", "--data", s.data(), "--site", s.public(),
		"--listen", fmt.Sprintf("127.0.0.1:%d", s.cloudPort), "--url", s.address()))
	peers.Await(s.t, "the server serves", func() bool { return strings.Contains(s.server.output(), "serving at") })
}

func (s *site) run() {
	s.t.Helper()
	s.start()
	peers.Await(s.t, "the agent answers", func() bool { return s.scout("status").code != 11 })
}

// start starts the agent and does not wait for it.
func (s *site) start() {
	s.t.Helper()
	s.agent = start(s.t, exec.Command(printscout, "--config", s.config(), "service"))
}

func (s *site) enroll() {
	s.t.Helper()
	bundle := must(s.t, scoutcloud, "token", "--data", s.data())
	if r := commandIn(s.t, bundle, printscout, "--control", s.control, "enroll", "-"); r.code != 0 {
		s.t.Fatalf("enroll: exit %d: %s", r.code, r.stderr)
	}
}

// up runs everything and waits until an order would be carried out.
func (s *site) up() *site {
	s.t.Helper()
	s.serve()
	s.run()
	s.enroll()
	s.linked()
	return s
}

func (s *site) linked() {
	s.t.Helper()
	peers.Await(s.t, "the scout is connected and has the directory", func() bool {
		r := s.scout("status", "--json")
		return r.code == 0 && decode[struct {
			Printers int `json:"printers"`
		}](s.t, r.stdout).Printers > 0
	})
}

func (s *site) scout(args ...string) result {
	s.t.Helper()
	return command(s.t, printscout, append([]string{"--control", s.control}, args...)...)
}

func (s *site) jobs() []job {
	s.t.Helper()
	r := s.scout("job", "list", "--json")
	if r.code != 0 {
		s.t.Fatalf("job list: exit %d: %s", r.code, r.stderr)
	}
	return decode[[]job](s.t, r.stdout)
}

// print prints a document and returns its job.
func (s *site) print(doc []byte) job {
	s.t.Helper()
	return s.jobOf(func() {
		must(s.t, peers.Need(s.t, "ipptool"), "-tf", write(s.t, "d.pdf", doc), s.ippURL(), "print-job.test")
	})
}

// jobOf is the job that is there after something was printed, and was not
// before.
func (s *site) jobOf(print func()) job {
	s.t.Helper()
	known := map[string]bool{}
	for _, j := range s.jobs() {
		known[j.ID] = true
	}
	print()
	for _, j := range s.jobs() {
		if !known[j.ID] {
			return j
		}
	}
	s.t.Fatal("the job is not parked")
	return job{}
}

func (s *site) releaseAll(printer string) ([]released, int) {
	s.t.Helper()
	r := s.scout("job", "release", "--all", "--printer", printer, "--wait", "--json")
	if r.stdout == "" {
		s.t.Fatalf("release: exit %d: %s", r.code, r.stderr)
	}
	return decode[[]released](s.t, r.stdout), r.code
}

// order is a release at the server, as the api shows it.
type order struct {
	ID     string    `json:"id"`
	State  string    `json:"state"`
	Reason string    `json:"reason"`
	Result *released `json:"result"`
}

// api asks the release api with a token of its own.
func (s *site) api(method, path string, body any, answer any) int {
	s.t.Helper()
	if s.apiToken == "" {
		s.apiToken = strings.TrimSpace(must(s.t, scoutcloud, "token", "--data", s.data(), "--api", "test"))
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(read(s.t, filepath.Join(s.data(), "tls", "ca.crt")))
	client := &http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: roots}}}
	b, _ := json.Marshal(body)
	req, err := http.NewRequest(method, s.address()+path, bytes.NewReader(b))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.apiToken)
	resp, err := client.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, _ = io.ReadAll(resp.Body)
	if resp.StatusCode < 300 {
		if err := json.Unmarshal(b, answer); err != nil {
			s.t.Fatalf("%s: %v", b, err)
		}
	}
	return resp.StatusCode
}

// order has the server release a job within some seconds.
func (s *site) order(job string, valid int) order {
	s.t.Helper()
	var made struct {
		Releases []order `json:"releases"`
	}
	if status := s.api("POST", "/v1/releases", map[string]any{"jobs": []string{job}, "printer": "lobby", "valid_seconds": valid}, &made); status != 202 {
		s.t.Fatalf("the server answers %d", status)
	}
	return made.Releases[0]
}

// ended waits for an order to come to its end.
func (s *site) ended(o order) order {
	s.t.Helper()
	peers.Await(s.t, "the order has ended", func() bool {
		s.api("GET", "/v1/releases/"+o.ID+"?wait=30", nil, &o)
		return o.State == "done" || o.State == "expired"
	})
	return o
}

// known waits until the server knows of a job.
func (s *site) known(id string) {
	s.t.Helper()
	peers.Await(s.t, "the server knows the job", func() bool {
		var jobs []struct {
			ID string `json:"id"`
		}
		s.api("GET", "/v1/jobs", nil, &jobs)
		for _, j := range jobs {
			if j.ID == id {
				return true
			}
		}
		return false
	})
}

func TestOrderForAScoutThatWasOffline(t *testing.T) {
	s := newSite(t).up()
	doc := pdf(50_000)
	j := s.print(doc)
	s.known(j.ID)
	s.agent.stop(syscall.SIGTERM)
	o := s.order(j.ID, 600)
	if o.State != "pending" {
		t.Errorf("it is %s while the scout is away", o.State)
	}
	s.run()
	if o = s.ended(o); o.State != "done" || o.Result.State != "delivered" || o.Result.Grade != "ipps-pinned" {
		t.Fatalf("it ended as %+v %+v", o, o.Result)
	}
	sameFile(t, s.out, doc)
	if left := s.jobs(); len(left) != 0 {
		t.Errorf("still there: %+v", left)
	}
}

func TestOrderThatExpired(t *testing.T) {
	s := newSite(t).up()
	j := s.print(pdf(10_000))
	s.known(j.ID)
	s.agent.stop(syscall.SIGTERM)
	if o := s.ended(s.order(j.ID, 1)); o.State != "expired" || o.Reason == "" {
		t.Fatalf("it ended as %+v", o)
	}
	s.run()
	s.linked()
	if left := s.jobs(); len(left) != 1 || left[0].State != "parked" {
		t.Errorf("the job is %+v", left)
	}
	if got := files(t, s.out); len(got) != 0 {
		t.Errorf("it printed %v", got)
	}
}

func TestReleaseWithoutTheServer(t *testing.T) {
	s := newSite(t).up()
	doc := pdf(10_000)
	s.print(doc)
	s.server.stop(syscall.SIGTERM)
	if r := s.scout("status"); r.code != 3 {
		t.Errorf("status exits %d without the server: %s", r.code, r.stdout)
	}
	if results, code := s.releaseAll("lobby"); code != 0 {
		t.Fatalf("exit %d: %+v", code, results)
	}
	sameFile(t, s.out, doc)

	second := pdf(10_000)
	j := s.print(second)
	s.serve()
	s.linked()
	s.known(j.ID)
	if o := s.ended(s.order(j.ID, 60)); o.State != "done" || o.Result.State != "delivered" {
		t.Errorf("after the server is back: %+v %+v", o, o.Result)
	}
}

// TestServerRestoredFromYesterday puts an old copy of the server's data back:
// it knows jobs that are gone, orders that were carried out, and an older
// directory, and not the scout that joined since.
func TestServerRestoredFromYesterday(t *testing.T) {
	s := newSite(t).up()
	j := s.print(pdf(10_000))
	s.known(j.ID)
	s.agent.stop(syscall.SIGTERM)
	o := s.order(j.ID, 3600)
	s.server.stop(syscall.SIGTERM)
	backup := filepath.Join(s.dir, "backup")
	must(t, "cp", "-a", s.data(), backup)
	oldPublic := filepath.Join(s.dir, "old-public")
	must(t, "cp", "-a", s.public(), oldPublic)

	s.serve()
	s.run()
	if o = s.ended(o); o.State != "done" || o.Result.State != "delivered" {
		t.Fatalf("the order ended as %+v", o)
	}
	s.addPrinter("second", s.printer.URI())
	s.publish()
	peers.Await(t, "the scout has the newer directory", func() bool {
		return len(decode[[]struct{}](t, s.scout("printer", "list", "--json").stdout)) == 2
	})

	s.server.stop(syscall.SIGTERM)
	for from, to := range map[string]string{backup: s.data(), oldPublic: s.public()} {
		os.RemoveAll(to)
		must(t, "cp", "-a", from, to)
	}
	s.serve()
	s.linked()
	if o = s.ended(o); o.State != "done" || o.Result.State != "delivered" {
		t.Errorf("the restored server hears of the old order: %+v", o)
	}
	if got := files(t, s.out); len(got) != 1 {
		t.Errorf("%d copies came out", len(got))
	}
	if got := decode[[]struct{}](t, s.scout("printer", "list", "--json").stdout); len(got) != 2 {
		t.Errorf("the directory went back: %d printers", len(got))
	}
}

func TestScoutThatTheServerDoesNotKnow(t *testing.T) {
	s := newSite(t)
	s.serve()
	s.server.stop(syscall.SIGTERM)
	backup := filepath.Join(s.dir, "backup")
	must(t, "cp", "-a", s.data(), backup)
	s.up()
	doc := pdf(10_000)
	s.print(doc)
	s.server.stop(syscall.SIGTERM)
	os.RemoveAll(s.data())
	must(t, "cp", "-a", backup, s.data())
	s.serve()
	peers.Await(t, "status says what to do", func() bool {
		r := s.scout("status")
		return r.code == 3 && strings.Contains(r.stdout, "enroll it again")
	})
	s.apiToken = ""
	s.enroll()
	s.linked()
	if left := s.jobs(); len(left) != 1 {
		t.Fatalf("jobs after enrolling again: %+v", left)
	}
	if results, code := s.releaseAll("lobby"); code != 0 {
		t.Errorf("exit %d: %+v", code, results)
	}
	sameFile(t, s.out, doc)
}

func TestNotEnrolled(t *testing.T) {
	s := newSite(t)
	s.run()
	if r := s.scout("status"); r.code != 10 || !strings.Contains(r.stdout, "printscout enroll") {
		t.Errorf("status: exit %d: %s", r.code, r.stdout)
	}
	r := command(t, peers.Need(t, "ipptool"), "-tvf", write(t, "d.pdf", pdf(5_000)), s.ippURL(), "print-job.test")
	if r.code == 0 || !strings.Contains(r.stdout, "server-error-not-accepting-jobs") || !strings.Contains(r.stdout, "has not joined a site") {
		t.Errorf("printing: exit %d: %s", r.code, r.stdout)
	}
	if r := s.scout("job", "release", "--all", "--printer", "lobby", "--wait"); r.code != 10 || !strings.Contains(r.stderr, "hint:") {
		t.Errorf("release: exit %d: %s", r.code, r.stderr)
	}
	if r := s.scout("printer", "list"); r.code != 10 {
		t.Errorf("printer list: exit %d: %s", r.code, r.stderr)
	}
	if r := commandIn(t, "{}", printscout, "--control", s.control, "enroll", "-"); r.code != 2 {
		t.Errorf("a bundle that is none: exit %d: %s", r.code, r.stderr)
	}
}

func TestBundleWorksOnce(t *testing.T) {
	s := newSite(t)
	s.serve()
	s.run()
	bundle := must(t, scoutcloud, "token", "--data", s.data())
	for i, want := range []int{0, 12} {
		if r := commandIn(t, bundle, printscout, "--control", s.control, "enroll", "-"); r.code != want {
			t.Errorf("use %d: exit %d: %s", i+1, r.code, r.stderr)
		}
	}
}

// TestSecondService starts another agent on the port, and on the data, of one
// that runs.
func TestSecondService(t *testing.T) {
	s := newSite(t)
	s.run()
	for name, change := range map[string]map[string]any{
		"port":   {"StateDir": filepath.Join(s.dir, "other"), "ControlPath": filepath.Join(s.dir, "other.sock")},
		"data":   {"Port": peers.Port(t), "ControlPath": filepath.Join(s.dir, "other.sock")},
		"socket": {"StateDir": filepath.Join(s.dir, "other"), "Port": peers.Port(t)},
	} {
		t.Run(name, func(t *testing.T) {
			s.configure(change)
			r := command(t, printscout, "--config", s.config(), "service")
			if r.code != 1 || !strings.Contains(r.stderr, "printscout: ") {
				t.Errorf("exit %d: %s", r.code, r.stderr)
			}
		})
	}
	if r := s.scout("status"); r.code != 10 {
		t.Errorf("the first one no longer answers: exit %d", r.code)
	}
}

// TestDamagedJobIsSetAside turns one bit of one parked job while the agent is
// down: that job is reported, the other one prints.
func TestDamagedJobIsSetAside(t *testing.T) {
	s := newSite(t).up()
	bad, doc := s.print(pdf(10_000)), pdf(10_000)
	s.print(doc)
	s.agent.stop(syscall.SIGTERM)
	name := filepath.Join(s.state, "vault", bad.ID+".job")
	b := read(t, name)
	b[len(b)-20] ^= 1
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
	s.run()
	peers.Await(t, "status reports it", func() bool {
		r := s.scout("status")
		return r.code == 3 && strings.Contains(r.stdout, "damaged")
	})
	if left := s.jobs(); len(left) != 1 {
		t.Fatalf("listed: %+v", left)
	}
	if results, code := s.releaseAll("lobby"); code != 0 {
		t.Fatalf("exit %d: %+v", code, results)
	}
	sameFile(t, s.out, doc)
	if _, err := os.Stat(filepath.Join(s.state, "vault", bad.ID+".damaged")); err != nil {
		t.Errorf("it is not kept: %v", err)
	}
}

// TestPrinterTrouble releases at printers that cannot print.
func TestPrinterTrouble(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	gone, err := simprinter.Start(simprinter.Config{Dir: filepath.Join(s.dir, "gone"), Port: peers.Port(t), NoPlain: true})
	if err != nil {
		t.Fatal(err)
	}
	jpeg, err := simprinter.Start(simprinter.Config{Dir: filepath.Join(s.dir, "jpeg"), Formats: []string{"image/jpeg"}})
	if err != nil {
		t.Fatal(err)
	}
	defer jpeg.Close()
	s.addPrinter("gone", gone.URI())
	s.addPrinter("photo", jpeg.URI())
	gone.Close()
	s.publish()
	s.up()
	s.print(pdf(10_000))
	for printer, reason := range map[string]string{"gone": "printer-unreachable", "photo": "format-not-supported"} {
		results, code := s.releaseAll(printer)
		if code != 1 || results[0].State != "not_sent" || results[0].Reason != reason || results[0].Message == "" {
			t.Errorf("%s: exit %d: %+v", printer, code, results)
		}
		if left := s.jobs(); len(left) != 1 || left[0].State != "parked" || left[0].Reason == "" {
			t.Errorf("%s: the job is %+v", printer, left)
		}
	}
	if r := s.scout("job", "release", "--all", "--printer", "nowhere"); r.code != 1 || !strings.Contains(r.stderr, "printer list") {
		t.Errorf("a printer that is not in the directory: exit %d: %s", r.code, r.stderr)
	}
	if results, code := s.releaseAll("lobby"); code != 0 {
		t.Errorf("afterwards: exit %d: %+v", code, results)
	}
}

// TestJobsExpire parks a job for a minute and lets the clock of the test run.
func TestRetentionIsInTheJob(t *testing.T) {
	s := newSite(t)
	s.configure(map[string]any{"JobRetention": "90m"})
	s.up()
	j := s.print(pdf(5_000))
	r := s.scout("job", "show", j.ID[:8], "--json")
	times := decode[struct{ Created, Expires time.Time }](t, r.stdout)
	if times.Expires.Sub(times.Created) != 90*time.Minute {
		t.Errorf("created %s, expires %s", times.Created, times.Expires)
	}
	if r := s.scout("job", "cancel", j.ID); r.code != 0 || len(s.jobs()) != 0 {
		t.Errorf("cancel: exit %d: %s", r.code, r.stderr)
	}
	if r := s.scout("job", "show", j.ID); r.code != 1 || !strings.Contains(r.stderr, "hint:") {
		t.Errorf("show of what is gone: exit %d: %s", r.code, r.stderr)
	}
}
