package browser

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/printscout/printscout/internal/dev/peers"
)

// bin has both programs, as make build makes them.
var bin string

func TestMain(m *testing.M) {
	if flag.Parse(); testing.Short() {
		fmt.Println("left out of a short run: the binaries and a browser")
		return
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "pb")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	bin = dir
	for _, name := range []string{"printscout", "scoutcloud"} {
		build := exec.Command("go", "build", "-C", "../..", "-o", dir, "./cmd/"+name)
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "building %s: %v\n%s", name, err, out)
			return 1
		}
	}
	return m.Run()
}

// demo is a running scoutcloud demo.
type demo struct {
	stop     func()
	LocalURL string `json:"local_url"`
	IPPURL   string `json:"ipp_url"`
	Control  string `json:"control"`
}

// startDemo starts one that prints nothing by itself.
func startDemo(t *testing.T, args ...string) demo {
	t.Helper()
	dir, err := os.MkdirTemp("", "pd")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	c := exec.Command(filepath.Join(bin, "scoutcloud"), append([]string{"demo", "--document", "none", "--data", dir}, args...)...)
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	d := demo{stop: sync.OnceFunc(func() {
		c.Process.Signal(os.Interrupt)
		c.Wait()
	})}
	t.Cleanup(d.stop)
	peers.Await(t, "the demo is up", func() bool {
		b, err := os.ReadFile(filepath.Join(dir, "demo.json"))
		return err == nil && json.Unmarshal(b, &d) == nil && d.LocalURL != ""
	})
	return d
}

// print prints a document of some pages, as an app would.
func (d demo) print(t *testing.T, title string, pin string) {
	t.Helper()
	doc := filepath.Join(t.TempDir(), "document.pdf")
	b, err := os.ReadFile("../../tray/local/testpage.pdf")
	if err == nil {
		err = os.WriteFile(doc, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	password := ""
	if pin != "" {
		password = "ATTR octetString job-password \"" + pin + "\"\nATTR keyword job-password-encryption none\n"
	}
	test := filepath.Join(t.TempDir(), "print.test")
	text := "{\nNAME \"print\"\nOPERATION Print-Job\nGROUP operation-attributes-tag\nATTR charset attributes-charset utf-8\n" +
		"ATTR naturalLanguage attributes-natural-language en\nATTR uri printer-uri $uri\nATTR name requesting-user-name $user\n" +
		"ATTR name job-name \"" + title + "\"\nATTR mimeMediaType document-format application/pdf\n" + password + "FILE $filename\nSTATUS successful-ok\n}\n"
	if err := os.WriteFile(test, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(peers.Need(t, "ipptool"), "-tf", doc, d.IPPURL, test).CombinedOutput(); err != nil {
		t.Fatalf("printing: %v\n%s", err, out)
	}
}

// command runs a command of printscout that has to succeed.
func (d demo) command(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command(filepath.Join(bin, "printscout"), append([]string{"--control", d.Control}, args...)...).CombinedOutput(); err != nil {
		t.Fatalf("%q: %v\n%s", args, err, out)
	}
}

// tab is a page in a browser.
type tab struct {
	t    *testing.T
	ctx  context.Context
	base string
}

// open starts a browser of its own and comes in by the token.
func open(t *testing.T, d demo) *tab {
	t.Helper()
	b := newTab(t)
	b.enter(d.LocalURL)
	return b
}

// enter opens what leads to my jobs.
func (b *tab) enter(address string) {
	b.t.Helper()
	b.do(chromedp.Navigate(address))
	b.until(`location.pathname.endsWith("/jobs")`)
	b.base = value[string](b, `location.origin + location.pathname.replace(/jobs$/, "")`)
}

// newTab starts a browser of its own.
func newTab(t *testing.T) *tab {
	t.Helper()
	program := peers.Need(t, "chromium")
	o := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("lang", "en"))
	alloc, cancel := chromedp.NewExecAllocator(context.Background(), o...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	b := &tab{t: t, ctx: ctx}
	b.do(chromedp.Navigate("about:blank"))
	return b
}

// do carries steps out, in time.
func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// value is what an expression is in the page.
func value[T any](b *tab, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// until waits for an expression to be true in the page, whichever that is by
// then.
func (b *tab) until(expression string) {
	b.t.Helper()
	peers.Await(b.t, expression, func() bool {
		v, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](expression))
		return err == nil && v
	})
}

// says waits for the main part of the page to say something.
func (b *tab) says(text string) {
	b.t.Helper()
	quoted, _ := json.Marshal(text)
	b.until(`!!document.querySelector("main") && document.querySelector("main").innerText.includes(` + string(quoted) + `)`)
}

func (b *tab) goTo(path string) { b.do(chromedp.Navigate(b.base + path)) }

// size is that of a page, and how many of its pixels are one of the screen's.
type size struct{ width, height int64 }

// sizes are those of a panel, a phone, a screen, and that screen at 400 %, which
// is also as narrow as a page has to get (WCAG 2.2, 1.4.10).
var sizes = []size{{480, 320}, {390, 844}, {1280, 800}, {320, 256}}

func (b *tab) resize(s size) { b.do(chromedp.EmulateViewport(s.width, s.height)) }

// prefer sets what the person has told the system.
func (b *tab) prefer(feature, value string) {
	b.t.Helper()
	p := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: feature, Value: value}}}
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, p); err != nil {
		b.t.Fatal(err)
	}
}

// axe is axe-core 4.14.1 as it was published, under the Mozilla Public License 2.0,
// which judges whether everybody can use the pages. It does not ship.
func axe(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("testdata/axe-4.14.1.min.js")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// finding is what axe-core has found.
type finding struct {
	ID    string
	Nodes []string
}

// found is what axe-core, which is in the page, finds there.
func (b *tab) found() []finding {
	b.t.Helper()
	return value[[]finding](b, `axe.run({runOnly:["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa","best-practice"]}).then(r=>r.violations.map(v=>({ID:v.id,Nodes:v.nodes.map(n=>n.html+" "+n.failureSummary)})))`)
}

// check wants nothing of axe-core, no way to scroll sideways, and targets that a
// finger hits.
func (b *tab) check(axe, where string) {
	b.t.Helper()
	b.do(chromedp.Evaluate[chromedp.Void](axe))
	for _, f := range b.found() {
		b.t.Errorf("%s: axe says %s:\n%s", where, f.ID, strings.Join(f.Nodes, "\n"))
	}
	if wide := value[int](b, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); wide > 0 {
		b.t.Errorf("%s is %d px too wide", where, wide)
	}
	small := value[[]string](b, `[...document.querySelectorAll("button, select, input:not([type=hidden]), nav a, .button")].map(e=>[e,e.getBoundingClientRect()]).filter(([e,r])=>r.height<44||r.width<44).map(([e,r])=>e.outerHTML+" "+r.width+"×"+r.height)`)
	for _, s := range small {
		b.t.Errorf("%s: too small to hit: %s", where, s)
	}
}
