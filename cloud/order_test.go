package cloud

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/dev/peers"
)

func TestReleaseAndResult(t *testing.T) {
	f := startServer(t, t.TempDir())
	i := f.enrollScout()
	s := f.connectScout(i, parkedJob("a"), parkedJob("b"), wire.Job{ID: "c", State: "releasing", Expires: tomorrow})
	released := f.postRelease(map[string]any{"all": true, "printer": "DEMO"})
	if len(released) != 2 || released[0].Job != "a" || released[0].State != Pending || released[0].Printer != "p-1" {
		t.Fatalf("releases %+v", released)
	}
	for n, want := range []string{"a", "b"} { // in their order
		o := s.receiveOrder()
		if o.ID != released[n].ID || o.Job != want || o.User != "tag-of-"+want || o.Printer != "p-1" ||
			o.Expires.Sub(o.Issued) != wire.OrderTime || f.clock.Now().Sub(o.Issued) > time.Second {
			t.Errorf("order %+v", o)
		}
		if got := f.releaseByID(o.ID); got.State != Sent || got.Sent == nil || got.Reason != "" || got.Result != nil {
			t.Errorf("release %+v", got)
		}
		waited := make(chan releaseView, 1)
		go func() { waited <- getJSON[releaseView](f, "/v1/releases/"+o.ID+"?wait=30") }()
		s.sendResult(o, wire.Delivered)
		got := <-waited
		if got.State != Done || got.Result == nil || got.Result.State != wire.Delivered || *got.Result.PagesPrinted != 3 ||
			len(got.Result.Evidence) != 3 || got.Result.Job != want || got.Result.Grade != "ipps-pinned" {
			t.Errorf("release %+v", got)
		}
		s.sendResult(o, wire.Uncertain) // the first result counts
		if got := f.releaseByID(o.ID); got.Result.State != wire.Delivered {
			t.Errorf("a second result has changed the first: %+v", got)
		}
	}
	if list := getJSON[[]releaseView](f, "/v1/releases?limit=1"); len(list) != 1 || list[0].ID != released[1].ID {
		t.Errorf("the newest is %+v", list)
	}
}

func TestReleaseOfUnknownJobsIsAllOrNone(t *testing.T) {
	f := startServer(t, t.TempDir())
	f.connectScout(f.enrollScout(), parkedJob("a"))
	status, body := f.call("POST", "/v1/releases", map[string]any{"jobs": []string{"a", "gone"}, "printer": "demo"})
	if status != 404 || !strings.Contains(string(body), "gone") {
		t.Errorf("status %d, %s", status, body)
	}
	if list := getJSON[[]releaseView](f, "/v1/releases"); len(list) != 0 {
		t.Errorf("releases %+v", list)
	}
	if twice := f.postRelease(map[string]any{"jobs": []string{"a", "a"}, "printer": "p-1"}); len(twice) != 1 {
		t.Errorf("a job named twice makes %d orders", len(twice))
	}
}

func TestOrderWaitsForItsScout(t *testing.T) {
	f := startServer(t, t.TempDir())
	i := f.enrollScout()
	f.connectScout(i, parkedJob("a")).ws.Close()
	waitOffline(f, i)
	r := f.postRelease(map[string]any{"jobs": []string{"a"}, "printer": "demo", "valid_seconds": 3600})[0]
	f.clock.advance(30 * time.Minute)
	s := f.connectScout(i, parkedJob("a"))
	o := s.receiveOrder()
	if o.ID != r.ID || !o.Issued.Equal(f.clock.Now().Truncate(time.Second)) || o.Expires.Sub(o.Issued) != wire.OrderTime {
		t.Errorf("order %+v", o)
	}
	s.ws.Close() // before it has answered
	waitOffline(f, i)
	f.clock.advance(29*time.Minute + 50*time.Second)
	s = f.connectScout(i, parkedJob("a"))
	again := s.receiveOrder()
	if again.ID != r.ID || again.Expires.Sub(again.Issued) > 11*time.Second {
		t.Errorf("near the end of the request the order is %+v", again)
	}
	s.ws.Close()
	waitOffline(f, i)
	f.clock.advance(time.Hour)
	f.server.expireOrders(t.Context())
	if got := f.releaseByID(r.ID); got.State != Sent || got.Reason != "no answer yet" {
		t.Errorf("an order that was sent is %+v", got)
	}
	s = f.connectScout(i) // the job is gone by now
	late := s.receiveOrder()
	if late.ID != r.ID || late.Expires.After(f.clock.Now()) {
		t.Errorf("an order whose time is over is sent as %+v", late)
	}
	s.sendResult(late, wire.Delivered)
	if got := f.releaseByID(r.ID); got.State != Done || got.Result.State != wire.Delivered || got.Reason != "" {
		t.Errorf("release %+v", got)
	}
}

func waitOffline(f *fixture, i *identity) {
	f.t.Helper()
	if p := f.server.router.findPeer(i.id); p != nil {
		select {
		case <-p.gone:
		case <-time.After(patient):
			f.t.Fatal("the server does not see that the scout is gone")
		}
	}
}

func TestOrderExpiresUnsent(t *testing.T) {
	f := startServer(t, t.TempDir())
	i := f.enrollScout()
	f.connectScout(i, parkedJob("a")).ws.Close()
	waitOffline(f, i)
	r := f.postRelease(map[string]any{"jobs": []string{"a"}, "printer": "demo", "valid_seconds": 60})[0]
	waited := make(chan releaseView, 1)
	go func() {
		defer close(waited) // also where get fails the test
		waited <- getJSON[releaseView](f, "/v1/releases/"+r.ID+"?wait=30")
	}()
	f.clock.advance(time.Minute)
	f.server.expireOrders(t.Context())
	if got := <-waited; got.State != Expired || !strings.HasPrefix(got.Reason, "the scout was not connected until ") {
		t.Errorf("release %+v", got)
	}
	s := f.connectScout(i, parkedJob("a"))
	s.waitUntilHandled()
	if len(s.backlog) > 0 {
		t.Errorf("an expired order was sent: %+v", s.backlog)
	}
	s.sendResult(wire.Order{ID: r.ID, Job: "a", Printer: "p-1"}, wire.Delivered) // known to the scout all the same
	if got := f.releaseByID(r.ID); got.State != Done {
		t.Errorf("release %+v", got)
	}
}

func TestWindow(t *testing.T) {
	f := startServer(t, t.TempDir())
	i := f.enrollScout()
	var jobs []wire.Job
	for n := range wire.OrderWindow + 10 {
		j := parkedJob(fmt.Sprintf("j%03d", n))
		j.Created = time.Unix(int64(n), 0)
		jobs = append(jobs, j)
	}
	s := f.connectScout(i, jobs...)
	f.postRelease(map[string]any{"all": true, "printer": "demo"})
	var orders []wire.Order
	for range wire.OrderWindow {
		orders = append(orders, s.receiveOrder())
	}
	s.waitUntilHandled()
	if len(s.backlog) > 0 {
		t.Fatalf("%d orders beyond the window", len(s.backlog))
	}
	seen := make(map[string]bool)
	for n := 0; n < len(orders); n++ {
		o := orders[n]
		if seen[o.ID] || o.Job != fmt.Sprintf("j%03d", n) {
			t.Fatalf("order %d is for %s", n, o.Job)
		}
		seen[o.ID] = true
		s.sendMessages(wire.Result{Order: o.ID, Job: o.Job, State: wire.Delivered})
		for acked := false; !acked; {
			switch m := s.receiveMessage().(type) {
			case wire.ResultAck:
				acked = true
			case wire.Order:
				orders = append(orders, m)
			}
		}
		if n == len(orders)-1 && len(orders) < len(jobs) {
			orders = append(orders, s.receiveOrder())
		}
	}
	if len(orders) != len(jobs) {
		t.Errorf("%d orders, want %d", len(orders), len(jobs))
	}
}

func TestResultOfAnothersOrder(t *testing.T) {
	f := startServer(t, t.TempDir())
	i, thief := f.enrollScout(), f.enrollScout()
	s := f.connectScout(i, parkedJob("a"))
	r := f.postRelease(map[string]any{"jobs": []string{"a"}, "printer": "demo"})[0]
	o := s.receiveOrder()
	f.connectScout(thief).sendResult(o, wire.Delivered)
	if got := f.releaseByID(r.ID); got.State != Sent {
		t.Errorf("another scout has finished the order: %+v", got)
	}
	s.sendResult(o, wire.NotSent)
	if got := f.releaseByID(r.ID); got.State != Done || got.Result.State != wire.NotSent {
		t.Errorf("release %+v", got)
	}
}

func TestRestartInMidOrder(t *testing.T) {
	data := t.TempDir()
	f := startServer(t, data)
	i := f.enrollScout()
	s := f.connectScout(i, parkedJob("a"), parkedJob("b"))
	released := f.postRelease(map[string]any{"jobs": []string{"a"}, "printer": "demo"})
	first := s.receiveOrder()
	s.ws.Close()
	f.stop()

	again := startServer(t, data)
	s = again.connectScout(i, parkedJob("a"), parkedJob("b"))
	if !s.WantJobs {
		t.Error("the new process knows the jobs of the old one")
	}
	o := s.receiveOrder()
	if o.ID != released[0].ID || o.ID != first.ID {
		t.Errorf("after the restart the order is %+v", o)
	}
	s.sendResult(o, wire.Delivered)
	again.token = f.token // tokens outlive the process too
	if got := again.releaseByID(o.ID); got.State != Done {
		t.Errorf("release %+v", got)
	}
}

func TestRestoredFromYesterday(t *testing.T) {
	peers.Short(t, "several restarts")
	data, backup := t.TempDir(), t.TempDir()
	f := startServer(t, data)
	old := f.enrollScout()
	s := f.connectScout(old, parkedJob("a"))
	r := f.postRelease(map[string]any{"jobs": []string{"a"}, "printer": "demo"})[0]
	o := s.receiveOrder()
	s.ws.Close()
	f.stop()
	if err := os.CopyFS(filepath.Join(backup, "data"), os.DirFS(data)); err != nil {
		t.Fatal(err)
	}

	f = startServer(t, data)
	s = f.connectScout(old, parkedJob("a"))
	s.sendResult(s.receiveOrder(), wire.Delivered)
	recent := f.enrollScout()
	f.connectScout(recent)
	f.stop()

	f = startServer(t, filepath.Join(backup, "data"))
	f.clock.advance(24 * time.Hour)
	stranger := f.dialScout()
	stranger.sendMessages(stranger.signedHello(recent))
	if refused, ok := stranger.receiveMessage().(wire.Refused); !ok || refused.Code != wire.CodeUnknown {
		t.Errorf("a scout enrolled since hears %#v", refused)
	}
	s = f.connectScout(old) // the job has been printed yesterday
	again := s.receiveOrder()
	if again.ID != o.ID || again.Expires.After(f.clock.Now()) {
		t.Errorf("the old order is sent as %+v", again)
	}
	s.sendResult(again, wire.Delivered) // the recorded result
	if got := f.releaseByID(r.ID); got.State != Done || got.Result.State != wire.Delivered {
		t.Errorf("release %+v", got)
	}
}

func TestTwoProcessesOnOneRegistry(t *testing.T) {
	data := t.TempDir()
	f := startServer(t, data)
	other, err := New(f.cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	bundle, err := other.Bundle(t.Context(), "https://"+f.addr, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	mine, err := f.server.Bundle(t.Context(), "https://"+f.addr, time.Hour)
	if err != nil || bundle.ServerPin != mine.ServerPin || bundle.Token == mine.Token {
		t.Errorf("the bundles differ in their pin, or not in their token: %v", err)
	}
	if status, body := f.call("POST", "/v1/enroll", newIdentity(t).enrollRequest(bundle.Token)); status != 200 {
		t.Errorf("enrolling with the other's token: status %d, %s", status, body)
	}
	if f.token, err = other.APIToken(t.Context(), "other"); err != nil {
		t.Fatal(err)
	}
	getJSON[[]jobView](f, "/v1/jobs")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var tokens [2][]byte
	var all sync.WaitGroup
	for n := range tokens {
		all.Go(func() {
			child := exec.CommandContext(t.Context(), self)
			child.Env = append(os.Environ(), childData+"="+data)
			child.Stderr = t.Output()
			var err error
			if tokens[n], err = child.Output(); err != nil {
				t.Error(err)
			}
		})
	}
	for range 50 { // meanwhile the server writes too
		if _, err := f.server.APIToken(t.Context(), "many"); err != nil {
			t.Error(err)
		}
	}
	all.Wait()
	for _, token := range tokens {
		f.token = string(token)
		getJSON[[]jobView](f, "/v1/jobs")
	}
}

func TestProcessesThatStartTogether(t *testing.T) {
	data := t.TempDir()
	var all sync.WaitGroup
	pins := make([]string, 8)
	for n := range pins {
		all.Go(func() {
			s, err := New(Config{DataDir: data, Site: someSite(t).Public()})
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			b, err := s.Bundle(t.Context(), "https://localhost:1", time.Hour)
			if err != nil {
				t.Error(err)
			}
			pins[n] = b.ServerPin
		})
	}
	all.Wait()
	for _, pin := range pins {
		if pin != pins[0] || pin == "" {
			t.Errorf("pins %v", pins)
		}
	}
}

func TestRegistryFile(t *testing.T) {
	data := filepath.Join(t.TempDir(), "a?b#c %41")
	r, err := OpenRegistry(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{data: os.ModeDir | 0o700, filepath.Join(data, registryFile): 0o600,
		filepath.Join(data, registryFile+"-wal"): 0o600} {
		info, err := os.Stat(path)
		if err != nil || info.Mode() != want {
			t.Errorf("%s: %v, %v", path, info, err)
		}
	}
	db := r.(*sqlite).reader.db
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"} {
		var got string
		if err := db.QueryRow("PRAGMA " + pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %s, want %s, %v", pragma, got, want, err)
		}
	}
	if _, err := r.(*sqlite).changeRow(t.Context(), "", `INSERT INTO schema (version) VALUES (?)`, len(migrations)+1); err != nil {
		t.Fatal(err)
	}
	r.Close()
	if r, err := OpenRegistry(t.Context(), data); err == nil {
		r.Close()
		t.Error("a registry of a newer version is opened")
	}
}

func TestForget(t *testing.T) {
	f := startServer(t, t.TempDir())
	s := f.connectScout(f.enrollScout(), parkedJob("a"), parkedJob("b"))
	released := f.postRelease(map[string]any{"all": true, "printer": "demo"})
	s.sendResult(s.receiveOrder(), wire.Delivered)
	s.receiveOrder()
	f.clock.advance(rememberFor + time.Second)
	f.server.forgetOld(t.Context())
	if status, _ := f.call("GET", "/v1/releases/"+released[0].ID, nil); status != 404 {
		t.Errorf("a finished order after 90 days: status %d", status)
	}
	if got := f.releaseByID(released[1].ID); got.State != Sent {
		t.Errorf("an unfinished order after 90 days: %+v", got)
	}
}
