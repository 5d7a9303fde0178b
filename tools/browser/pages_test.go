package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// press types keys, as at a keyboard.
func (b *tab) press(keys string) { b.do(chromedp.KeyEvent(keys)) }

// active is what the focus is on.
func (b *tab) active() string {
	return value[string](b, `document.activeElement ? document.activeElement.id : ""`)
}

// tabTo presses the tab key until the focus is on what has an id, and wants to
// see it there.
func (b *tab) tabTo(id string) {
	b.t.Helper()
	for range 80 {
		if b.active() == id {
			if value[string](b, `getComputedStyle(document.activeElement).outlineStyle`) == "none" {
				b.t.Errorf("the focus on %s cannot be seen", id)
			}
			return
		}
		b.press(kb.Tab)
	}
	b.t.Fatalf("the tab key does not lead to %s on %s:\n%s", id, value[string](b, "location.pathname"), value[string](b, "document.body.innerText"))
}

// choose goes to a button or a link and takes it.
func (b *tab) choose(id string) {
	b.t.Helper()
	b.tabTo(id)
	b.press(kb.Enter)
}

// has reports whether the page has something with an id.
func (b *tab) has(id string) bool {
	return value[bool](b, fmt.Sprintf("!!document.getElementById(%q)", id))
}

// step waits for a step of the wizard.
func (b *tab) step(name string) {
	b.t.Helper()
	b.until(fmt.Sprintf("location.pathname.endsWith('/setup/%s') && document.readyState === 'complete'", name))
}

// TestByKeyboard goes through the wizard to a test page that the printer has,
// and releases a job, with no key but tab, enter and those of a text.
func TestByKeyboard(t *testing.T) {
	d := startDemo(t)
	b := open(t, d)
	b.resize(size{480, 320})
	b.press(kb.Tab)
	if value[string](b, "document.activeElement.className") != "skip" {
		t.Error("the first key does not lead to the content")
	}
	b.goTo("setup/welcome")
	for _, name := range []string{"you", "register", "queue"} {
		b.choose("next")
		b.step(name)
	}
	if b.has("next") {
		b.choose("next")
	} else {
		b.choose("skip")
	}
	b.step("test")
	b.choose("print-test")
	b.says("Nothing came out anywhere")
	b.tabTo("printer")
	b.choose("release-test")
	b.says("The printer has the whole test page.")
	b.choose("next")
	b.step("done")
	b.choose("next")
	b.until(`location.pathname.endsWith("/jobs")`)

	d.print(t, "Minutes", "4711")
	b.goTo("jobs")
	b.says("Minutes")
	id := value[string](b, `document.querySelector("main h2 a").id.slice(4)`)
	b.choose("choose-" + id)
	b.says("Release it")
	b.tabTo("pin")
	b.press("4711")
	b.press(kb.Enter)
	b.says("Delivered")
}

// TestPagesForEverybody has axe-core look at each page at each size, in each way
// that a person may want it.
func TestPagesForEverybody(t *testing.T) {
	axe := axe(t)
	d := startDemo(t)
	d.print(t, "Minutes of the meeting of the committee for very long names of documents", "")
	d.print(t, "Payroll", "4711")
	d.print(t, "Plan", "")
	b := open(t, d)
	b.goTo("jobs")
	b.do(chromedp.Evaluate[chromedp.Void](axe), chromedp.Evaluate[chromedp.Void](`document.body.append(document.createElement("input"))`))
	if len(b.found()) == 0 { // beside the main part, which the script may replace
		t.Error("axe finds nothing in a field without a label")
	}
	id := value[string](b, `document.querySelector("main h2 a").id.slice(4)`)
	paths := []string{"jobs", "jobs/" + id, "jobs/" + id + "?ask=cancel", "jobs/none", "printers", "printers?q=none", "diagnostics", "about",
		"setup/welcome", "setup/you", "setup/register", "setup/queue", "setup/test", "setup/done"}
	for _, s := range sizes {
		b.resize(s)
		for _, path := range paths {
			b.goTo(path)
			b.check(axe, fmt.Sprintf("%s at %dx%d", path, s.width, s.height))
		}
	}
	b.resize(size{390, 844})
	for _, want := range [][2]string{{"prefers-color-scheme", "dark"}, {"prefers-contrast", "more"}, {"forced-colors", "active"}, {"prefers-reduced-motion", "reduce"}} {
		b.prefer(want[0], want[1])
		for _, path := range []string{"jobs", "jobs/" + id + "?ask=cancel", "diagnostics", "setup/test"} {
			b.goTo(path)
			b.check(axe, path+" with "+want[0]+": "+want[1])
		}
	}
	b.prefer("prefers-color-scheme", "light")
	b.goTo("jobs")
	b.choose("release-all")
	b.says("Delivered")
	b.check(axe, "a release")
	// Texts of other languages are longer.
	for _, tag := range []string{"de", "fr", "es"} {
		b.resize(size{320, 256})
		b.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.getElementById("language").value = %q`, tag)))
		b.choose("choose-language")
		b.until(fmt.Sprintf("document.documentElement.lang === %q", tag))
		for _, path := range []string{"jobs", "printers", "setup/you", "setup/queue", "setup/test"} {
			b.goTo(path)
			b.check(axe, path+" in "+tag)
		}
		b.goTo("jobs")
	}
}

// TestTheScriptKeepsWhatAPersonDoes has a page change under a person who has
// begun to type.
func TestTheScriptKeepsWhatAPersonDoes(t *testing.T) {
	d := startDemo(t)
	d.print(t, "Payroll", "4711")
	d.print(t, "Plan", "")
	b := open(t, d)
	b.goTo("jobs")
	first := value[string](b, `document.querySelectorAll("main h2 a")[0].id.slice(4)`)
	second := value[string](b, `document.querySelectorAll("main h2 a")[1].id.slice(4)`)
	b.tabTo("choose-" + second)
	b.do(chromedp.Evaluate[chromedp.Void]("window.same = true"))
	cancel := fmt.Sprintf(`fetch(%q, {method: "POST"})`, b.base+"jobs/"+first+"/cancel")
	value[any](b, cancel+".then(r => r.status)")
	b.until(fmt.Sprintf("!document.getElementById('job-%s')", first))
	if !value[bool](b, "window.same === true") || b.active() != "choose-"+second {
		t.Errorf("the page was loaded anew, or the focus is on %q", b.active())
	}

	b.goTo("jobs/" + second)
	b.tabTo("pin")
	b.press("47")
	printer := value[string](b, `document.querySelector("#printer option").value`)
	value[any](b, fmt.Sprintf(`fetch(%q, {method: "POST", body: new URLSearchParams({favorite: "yes"})}).then(r => r.status)`, b.base+"printers/"+printer+"/favorite"))
	b.until(`document.querySelector("#printer optgroup").label === "Favorites"`)
	if got := value[string](b, `document.getElementById("pin").value`); got != "47" || b.active() != "pin" {
		t.Errorf("the PIN is %q, the focus is on %q", got, b.active())
	}
}

// TestPagesSayThatTheyHaveEnded stops what serves them under an open page.
func TestPagesSayThatTheyHaveEnded(t *testing.T) {
	d := startDemo(t)
	b := open(t, d)
	b.says("0 documents wait")
	d.stop()
	b.says("no longer served")
	// What was there stays: the jobs, or that the agent, which ended first, is gone.
	if left := value[int](b, `document.querySelector("main").children.length`); left < 2 {
		t.Error("nothing else is left of the page")
	}
}

// TestPictures makes the pictures of the guide where PRINTSCOUT_PICTURES says:
// make pictures.
func TestPictures(t *testing.T) {
	dir := os.Getenv("PRINTSCOUT_PICTURES")
	if dir == "" {
		t.Skip("pictures are made by make pictures")
	}
	d := startDemo(t)
	d.print(t, "Minutes of the meeting", "")
	d.print(t, "Payroll", "4711")
	b := open(t, d)
	b.resize(size{640, 560})
	for _, p := range []struct{ path, name string }{
		{"jobs", "local-jobs.png"}, {"setup/you", "local-setup.png"},
	} {
		b.goTo(p.path)
		picture, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, p.name), picture, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestMyJobsFollowTheAgent prints, and gives up, at the command line while the
// page is open.
func TestMyJobsFollowTheAgent(t *testing.T) {
	d := startDemo(t)
	b := open(t, d)
	b.says("0 documents wait")
	b.do(chromedp.Evaluate[chromedp.Void]("window.same = true"))
	d.print(t, "Minutes", "")
	b.says("Minutes")
	b.until(`document.getElementById("news").textContent.includes("Waits for you")`)
	id := value[string](b, `document.querySelector("main h2 a").id.slice(4)`)
	d.command(t, "job", "cancel", id)
	b.says("0 documents wait")
	if !value[bool](b, "window.same === true") {
		t.Error("the page was loaded anew")
	}
}
