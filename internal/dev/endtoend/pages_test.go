//go:build unix

package endtoend

import (
	"bytes"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/printscout/printscout/internal/dev/peers"
)

// reader is a browser that knows no script: it follows links and sends forms by
// what stands in the pages.
type reader struct {
	t    *testing.T
	http *http.Client
	at   *url.URL
	body string
}

func newReader(t *testing.T) *reader {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &reader{t: t, http: &http.Client{Jar: jar, Transport: transport, Timeout: patience}}
}

func (r *reader) take(resp *http.Response, err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		r.t.Fatalf("%s: %s, %v\n%s", resp.Request.URL, resp.Status, err, b)
	}
	r.at, r.body = resp.Request.URL, string(b)
}

func (r *reader) open(address string) {
	r.t.Helper()
	r.take(r.http.Get(address))
}

// tag is the tag with an id.
func (r *reader) tag(id string) string {
	r.t.Helper()
	tag := regexp.MustCompile(`<[a-z]+ [^>]*id="` + regexp.QuoteMeta(id) + `"[^>]*>`).FindString(r.body)
	if tag == "" {
		r.t.Fatalf("%s has no %s:\n%s", r.at, id, r.body)
	}
	return tag
}

func attribute(tag, name string) string {
	m := regexp.MustCompile(name + `="([^"]*)"`).FindStringSubmatch(tag)
	if m == nil {
		return ""
	}
	return m[1]
}

// follow goes where the link with an id leads.
func (r *reader) follow(id string) {
	r.t.Helper()
	to, err := r.at.Parse(attribute(r.tag(id), "href"))
	if err != nil {
		r.t.Fatal(err)
	}
	r.open(to.String())
}

// press sends the form of the button with an id; of each choice the first.
func (r *reader) press(id string) {
	r.t.Helper()
	button := r.tag(id)
	before, _, _ := strings.Cut(r.body, button)
	begin := strings.LastIndex(before, "<form ")
	if begin < 0 {
		r.t.Fatalf("%s is in no form", id)
	}
	form, _, _ := strings.Cut(r.body[begin:], "</form>")
	values := url.Values{}
	if name := attribute(button, "name"); name != "" {
		values.Set(name, attribute(button, "value"))
	}
	for _, m := range regexp.MustCompile(`(?s)<select [^>]*name="([^"]*)".*?<option value="([^"]*)"`).FindAllStringSubmatch(form, -1) {
		values.Set(m[1], m[2])
	}
	to, err := r.at.Parse(attribute(form, "action"))
	if err != nil {
		r.t.Fatal(err)
	}
	r.take(r.http.PostForm(to.String(), values))
}

// until refreshes, as the page asks for, until it says something.
func (r *reader) until(want string) {
	r.t.Helper()
	late := time.Now().Add(patience)
	for !strings.Contains(r.body, want) {
		if !strings.Contains(r.body, `http-equiv="refresh"`) || time.Now().After(late) {
			r.t.Fatalf("%s never says %q:\n%s", r.at, want, r.body)
		}
		r.open(r.at.String())
	}
}

// TestWizardWithoutAScript goes from the printed address to a test page that
// the printer has, then releases a job from the list.
func TestWizardWithoutAScript(t *testing.T) {
	d := startDemo(t, folder(t))
	r := newReader(t)
	r.open(d.LocalURL)
	r.follow("go")
	if !strings.Contains(r.body, "0 documents wait") {
		t.Errorf("at first:\n%s", r.body)
	}
	to, _ := r.at.Parse("setup/welcome")
	r.open(to.String())
	for range 3 { // welcome, you, register
		r.follow("next")
	}
	if strings.Contains(r.body, `id="next"`) {
		r.follow("next")
	} else {
		r.follow("skip") // this computer has no such queue
	}
	r.press("print-test")
	if !strings.Contains(r.body, "Nothing came out anywhere") {
		t.Fatalf("it is not parked:\n%s", r.body)
	}
	r.press("release-test")
	r.until("The printer has the whole test page.")
	r.follow("next")
	r.follow("next")
	names, err := filepath.Glob(filepath.Join(d.PrinterOut, "*.pdf"))
	if err != nil || len(names) != 1 || !bytes.Equal(read(t, names[0]), read(t, "../../../tray/local/testpage.pdf")) {
		t.Errorf("the printer has %q, %v", names, err)
	}

	must(t, peers.Need(t, "ipptool"), "-tf", write(t, "letter.pdf", pdf(5000)), d.IPPURL, "print-job.test")
	r.open(r.at.String())
	id := decode[[]job](t, d.scout(t, "job", "list", "--json").stdout)[0].ID
	r.follow("choose-" + id)
	r.press("release")
	r.until("Delivered")
	if left := decode[[]job](t, d.scout(t, "job", "list", "--json").stdout); len(left) != 0 {
		t.Errorf("left: %+v", left)
	}
}

// TestTokenIsInNoArgumentList looks at all processes while the demo's page and
// one with a browser are served.
func TestTokenIsInNoArgumentList(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("argument lists are read from /proc")
	}
	d := startDemo(t, folder(t))
	dir := folder(t)
	if err := os.WriteFile(filepath.Join(dir, "xdg-open"), []byte("#!/bin/sh\ncat /proc/$$/cmdline >"+dir+"/list\ncp \"$1\" "+dir+"/copy && mv "+dir+"/copy "+dir+"/page\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(printscout, "--control", d.Control, "open")
	c.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "XDG_RUNTIME_DIR="+dir, "XDG_STATE_HOME="+dir)
	start(t, c)
	page := filepath.Join(dir, "page")
	peers.Await(t, "the browser was started", func() bool { _, err := os.Stat(page); return err == nil })
	var secrets []string
	for _, text := range []string{d.LocalURL, string(read(t, page))} {
		m := regexp.MustCompile(`token(?:=|&#61;)([A-Za-z0-9_-]{43})`).FindStringSubmatch(text)
		if m == nil {
			t.Fatalf("no token in %s", text)
		}
		secrets = append(secrets, m[1])
	}
	lists, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	seen := false
	for _, name := range append(lists, filepath.Join(dir, "list")) {
		b, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended
		}
		seen = seen || bytes.Contains(b, []byte("xdg-open"))
		for _, s := range secrets {
			if bytes.Contains(b, []byte(s)) {
				t.Errorf("%s has a token", name)
			}
		}
	}
	if !seen {
		t.Error("the browser was not looked at")
	}
}
