package cloud

import (
	"bytes"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/directory"
)

// markedJob is a job of which nothing may be logged.
func markedJob(name string) wire.Job {
	return wire.Job{ID: "marker-job-" + name, User: "marker-tag-" + name, State: "parked", Expires: tomorrow}
}

// TestLogHasNoJobs goes through what is done to jobs, orders, scouts and the
// directory, by scouts that keep to the protocol and by such that do not, and
// wants no job, owner tag or printer in the log, of whatever level.
func TestLogHasNoJobs(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "own")
	site, _, err := directory.CreateSite(folder, "Own", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	printer := directory.Printer{ID: "marker-printer-id", Name: "marker-printer", URIs: []string{"ipp://127.0.0.1:1/marker-printer"}, Floor: directory.GradeIPP}
	if err := site.AddPrinter(printer, time.Now()); err != nil {
		t.Fatal(err)
	}
	var said syncBuffer
	f := startServer(t, t.TempDir(), func(c *Config) {
		c.Site, c.SiteDir = site.Public(), folder
		c.Log = slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	i := f.enrollScout()
	s := f.connectScout(i, markedJob("a"), markedJob("b"), markedJob("c"))
	released := f.postRelease(map[string]any{"all": true, "printer": "marker-printer"})
	if len(released) != 3 {
		t.Fatalf("%+v", released)
	}
	for _, state := range []string{wire.Delivered, wire.Uncertain, wire.NotSent} {
		s.sendResult(s.receiveOrder(), state)
	}
	for _, body := range []string{
		`{"jobs":["marker-job-gone"],"printer":"marker-printer"}`, `{"jobs":["marker-job-c"],"printer":"marker-printer-of-none"}`,
		`{"jobs":"marker-job-c"}`, `{"marker-printer":1}`, `marker-job`, `{"user":"marker-tag-a","all":true,"printer":"marker-printer","valid_seconds":"marker-tag"}`,
	} {
		f.call("POST", "/v1/releases", body)
	}
	for _, path := range []string{"/v1/jobs?user=marker-tag-a", "/v1/releases/marker-job-a", "/v1/marker-job", "/v1/jobs?limit=marker-tag"} {
		f.call("GET", path, nil)
	}
	f.releaseWithKey("marker-job-key", `{"jobs":["marker-job-b"],"printer":"marker-printer"}`)
	f.releaseWithKey("marker-job-key", `{"jobs":["marker-job-b"],"printer":"marker-printer-id"}`)
	s.sendMessages(wire.JobGone{ID: "marker-job-a", Reason: "canceled"}, wire.Job{ID: "marker-job-forever", User: "marker-tag", State: "parked"})
	s.waitUntilHandled()

	other := f.connectScout(f.enrollScout(), markedJob("a"), markedJob("b"))
	other.sendMessages(markedJob("c"), wire.Result{Order: released[0].ID, Job: "marker-job-a", Printer: "marker-printer", State: wire.Delivered})
	other.waitUntilHandled()
	for name, frame := range map[string]string{
		"a time":       `{"t":"job","id":"x","s":"parked","e":"marker-tag"}`,
		"a number":     `{"t":"job","id":4711081547110815,"u":"marker-tag"}`,
		"a size":       `{"t":"job","id":"x","s":"parked","b":4711081547110815.5}`,
		"another type": `{"t":"job","id":{"marker-job":1},"u":["marker-tag"]}`,
		"a state":      `{"t":"job","id":"marker-job","s":"marker tag"}`,
		"a format":     `{"t":"job","id":"marker-job","s":"parked","f":"marker tag"}`,
		"a color":      `{"t":"job","id":"marker-job","s":"parked","cl":"marker tag"}`,
		"a long id":    `{"t":"job","id":"` + strings.Repeat("marker-job", 100) + `"}`,
		"a type":       `{"t":"marker-job"}`,
		"half of one":  `{"t":"job","id":"marker-job`,
		"no json":      `marker-job`,
		"an order":     `{"t":"order","o":"x","j":"marker-job","p":"marker-printer","u":"marker-tag"}`,
		"a result":     `{"t":"result","o":"x","j":"marker-job","p":"marker-printer","s":"marker tag","tt":"marker-tag"}`,
		"a grade":      `{"t":"result","o":"x","j":"marker-job","s":"delivered","g":"marker tag","el":"marker tag"}`,
		"a reason":     `{"t":"gone","id":"marker-job","r":"marker tag"}`,
		"a count":      `{"t":"jobs","n":4711081547110815}`,
		"a hello":      `{"t":"hello","s":"x","v":"marker tag","jd":"marker tag","g":"marker tag"}`,
	} {
		for _, at := range []string{"as a hello", "later"} {
			var odd *scout
			if at == "later" {
				odd = f.connectScout(f.enrollScout())
			} else {
				odd = f.dialScout()
			}
			if err := odd.sendRaw([]byte(frame)); err != nil {
				t.Errorf("%s %s: %v", name, at, err)
			}
			odd.ws.Close()
		}
	}
	hello := f.dialScout()
	h := hello.signedHello(&identity{id: "unknown", key: i.key})
	hello.sendMessages(h)
	hello.wantClosed()

	s.ws.Close()
	waitOffline(f, i)
	f.postRelease(map[string]any{"jobs": []string{"marker-job-c"}, "printer": "marker-printer", "valid_seconds": 60})
	f.clock.advance(48 * time.Hour)
	f.server.expireOrders(t.Context())
	f.server.index.dropExpired(f.clock.Now())
	if err := os.WriteFile(filepath.Join(folder, directoryFile), []byte(`{"payload":"marker-printer","signature":["marker-printer"]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := f.server.Reload(); err != nil {
		t.Fatal(err)
	}
	f.token = "marker-tag"
	if status, _ := f.call("GET", "/v1/jobs", nil); status != http.StatusUnauthorized {
		t.Errorf("status %d", status)
	}
	f.stop()
	logged := said.Bytes()
	for _, want := range []string{"an order has a result", "a scout is gone", "a release was ordered", "a job is not indexed", "jobs are not indexed",
		"the printer directory is not served", "a scout was turned away"} {
		if !bytes.Contains(logged, []byte(want)) {
			t.Errorf("the log does not have %q: the test does not go everywhere", want)
		}
	}
	for line := range bytes.Lines(logged) {
		if regexp.MustCompile(`(?i)marker|4711081547110815`).Match(line) {
			t.Errorf("the log has %s", line)
		}
	}
}
