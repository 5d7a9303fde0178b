package browser

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/printscout/printscout/internal/dev/peers"
)

// TestTheFileLeadsIn has a real browser open what printscout open gives it: the
// file, the way in, and my jobs, for which it has to send the strict cookie.
func TestTheFileLeadsIn(t *testing.T) {
	b := newTab(t)
	d := startDemo(t)
	dir := t.TempDir()
	given := filepath.Join(dir, "given")
	if err := os.WriteFile(filepath.Join(dir, "xdg-open"), []byte("#!/bin/sh\necho \"$1\" >"+given+".new && mv "+given+".new "+given+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(filepath.Join(bin, "printscout"), "--control", d.Control, "open")
	c.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "XDG_RUNTIME_DIR="+dir, "XDG_STATE_HOME="+dir)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer c.Wait()
	defer c.Process.Signal(os.Interrupt)
	peers.Await(t, "the browser is started", func() bool { _, err := os.Stat(given); return err == nil })
	path, err := os.ReadFile(given)
	if err != nil {
		t.Fatal(err)
	}
	file := strings.TrimSpace(string(path))
	b.enter("file://" + file)
	b.says("0 documents wait")
	if _, err := os.Stat(file); err == nil {
		t.Error("the file is still there")
	}
}

// TestTheBrowserWithoutAScript releases the test page in a browser that runs no
// script: the page refreshes by itself.
func TestTheBrowserWithoutAScript(t *testing.T) {
	d := startDemo(t)
	b := newTab(t)
	if _, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	b.enter(d.LocalURL)
	b.goTo("setup/test")
	b.choose("print-test")
	b.says("Nothing came out anywhere")
	b.choose("release-test")
	b.says("The printer has the whole test page.")
	if value[int](b, `document.getElementById("news").childNodes.length`) != 0 {
		t.Error("the script ran")
	}
}
