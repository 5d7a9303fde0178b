package cloud

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
)

// releaseWithKey orders a release with an Idempotency-Key.
func (f *fixture) releaseWithKey(key, body string) (int, string) {
	f.t.Helper()
	req, err := http.NewRequestWithContext(f.t.Context(), "POST", "https://"+f.addr+"/v1/releases", strings.NewReader(body))
	if err != nil {
		f.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+f.token)
	req.Header.Set("Idempotency-Key", key)
	resp, err := f.client.Do(req)
	if err != nil {
		f.t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer bytes.Buffer
	if _, err := answer.ReadFrom(resp.Body); err != nil {
		f.t.Fatal(err)
	}
	return resp.StatusCode, answer.String()
}

func TestRepeatedRequestGetsTheSameAnswer(t *testing.T) {
	data := t.TempDir()
	f := startServer(t, data)
	i := f.enrollScout()
	s := f.connectScout(i, parkedJob("a"), parkedJob("b"))
	const body = `{"jobs":["a","b"],"printer":"demo","pin":"4711"}`
	status, first := f.releaseWithKey("key-1", body)
	if status != http.StatusAccepted || strings.Count(first, `"id"`) != 2 {
		t.Fatalf("status %d, %s", status, first)
	}
	s.sendResult(s.receiveOrder(), wire.Delivered)
	s.receiveOrder()
	s.sendMessages(wire.JobGone{ID: "a", Reason: "delivered"})
	s.waitUntilHandled()
	if status, again := f.releaseWithKey("key-1", body); status != http.StatusAccepted || again != first {
		t.Errorf("after the job has gone: status %d\n%s, not\n%s", status, again, first)
	}
	for _, other := range []string{`{"jobs":["b"],"printer":"demo"}`, strings.Replace(body, "4711", "4712", 1)} {
		if status, answer := f.releaseWithKey("key-1", other); status != http.StatusConflict {
			t.Errorf("another body: status %d, %s", status, answer)
		}
	}
	if status, answer := f.releaseWithKey("key-2", `{"jobs":["b"],"printer":"demo"}`); status != http.StatusAccepted || answer == first {
		t.Errorf("another key: status %d, %s", status, answer)
	}
	if status, _ := f.releaseWithKey("key-3", `{"jobs":["a"],"printer":"demo"}`); status != http.StatusNotFound {
		t.Errorf("a job that is gone: status %d", status)
	}
	mine := f.token
	var err error
	if f.token, err = f.server.APIToken(t.Context(), "another"); err != nil {
		t.Fatal(err)
	}
	if status, answer := f.releaseWithKey("key-1", `{"jobs":["b"],"printer":"demo"}`); status != http.StatusAccepted {
		t.Errorf("the same key of another token: status %d, %s", status, answer)
	}
	s.ws.Close()
	f.stop()

	again := startServer(t, data)
	again.token = mine
	if status, answer := again.releaseWithKey("key-1", body); status != http.StatusAccepted || answer != first {
		t.Errorf("after a restart: status %d, %s", status, answer)
	}
	again.clock.advance(requestsFor + time.Minute)
	if err := again.server.registry.ForgetRequests(t.Context(), again.clock.Now().Add(-requestsFor), requestsMost); err != nil {
		t.Fatal(err)
	}
	if status, _ := again.releaseWithKey("key-1", body); status != http.StatusNotFound {
		t.Errorf("after a day: status %d", status)
	}
}

func TestKeysThatAreNone(t *testing.T) {
	f := startServer(t, t.TempDir())
	for _, key := range []string{"", "a b", "ä", strings.Repeat("k", maxKey+1)} {
		if status, answer := f.releaseWithKey(key, `{"all":true,"printer":"demo"}`); status != http.StatusBadRequest {
			t.Errorf("key %q: status %d, %s", key, status, answer)
		}
	}
	if status, empty := f.releaseWithKey("nothing", `{"all":true,"printer":"demo"}`); status != http.StatusAccepted || !strings.Contains(empty, "[]") {
		t.Errorf("of no jobs: status %d, %s", status, empty)
	}
	f.connectScout(f.enrollScout(), parkedJob("a"))
	if status, empty := f.releaseWithKey("nothing", `{"all":true,"printer":"demo"}`); status != http.StatusAccepted || !strings.Contains(empty, "[]") {
		t.Errorf("of no jobs, again, when there is one: status %d, %s", status, empty)
	}
}

// TestRequestCutShort goes on with a request of which one batch is kept.
func TestRequestCutShort(t *testing.T) {
	f := startServer(t, t.TempDir())
	i := f.enrollScout()
	f.connectScout(i, parkedJob("a"), parkedJob("b")).ws.Close()
	waitOffline(f, i)
	const body = `{"all":true,"printer":"demo"}`
	req, _ := http.NewRequest("POST", "/", nil)
	req.Header.Set("Authorization", "Bearer "+f.token)
	req.Header.Set("Idempotency-Key", "cut")
	named, err := f.server.requestOf(req, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	kept := Order{ID: "kept", Scout: i.id, Job: "a", Printer: "p-1", Created: f.clock.Now(), Expires: f.clock.Now().Add(time.Minute)}
	if err := f.server.registry.AddOrders(t.Context(), named, []Order{kept}); err != nil {
		t.Fatal(err)
	}
	var answers [8]string
	var all sync.WaitGroup
	for n := range answers {
		all.Go(func() { _, answers[n] = f.releaseWithKey("cut", body) })
	}
	all.Wait()
	for _, answer := range answers {
		var made struct{ Releases []releaseView }
		if err := json.Unmarshal([]byte(answer), &made); err != nil || len(made.Releases) != 2 || made.Releases[0].ID != "kept" || answer != answers[0] {
			t.Errorf("%s, %v", answer, err)
		}
	}
	if list := getJSON[[]releaseView](f, "/v1/releases"); len(list) != 2 {
		t.Errorf("%d orders", len(list))
	}
}

func TestRequestsAreBounded(t *testing.T) {
	r, err := OpenRegistry(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	now := time.Now()
	for n := range 10 {
		q := Request{Key: []byte{byte(n)}, Body: []byte{1}, Created: now, Complete: true}
		if err := r.AddOrders(t.Context(), &q, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.ForgetRequests(t.Context(), now.Add(-time.Hour), 3); err != nil {
		t.Fatal(err)
	}
	for n, want := range []bool{6: false, 7: true, 9: true} {
		if _, _, err := r.Request(t.Context(), []byte{byte(n)}); n >= 6 && n != 8 && (err == nil) != want {
			t.Errorf("request %d: %v", n, err)
		}
	}
}

func TestReleaseOfAllWorksInBatches(t *testing.T) {
	f := startServer(t, t.TempDir())
	i, crowd := f.enrollScout(), f.enrollScout()
	s := f.connectScout(i, parkedJob("a"))
	var made []wire.Job
	for n := range wire.MaxJobs {
		j := parkedJob(fmt.Sprintf("made-up-%d", n))
		j.User = "tag-of-nobody"
		made = append(made, j)
	}
	f.connectScout(crowd, made...).ws.Close()
	waitOffline(f, crowd)
	if all := f.postRelease(map[string]any{"all": true, "printer": "demo"}); len(all) != wire.MaxJobs+1 {
		t.Errorf("%d orders", len(all))
	}
	s.sendResult(s.receiveOrder(), wire.NotSent)
	f.clock.advance(awayFor)
	if all := f.postRelease(map[string]any{"all": true, "printer": "demo"}); len(all) != 1 || all[0].Job != "a" {
		t.Errorf("%d orders though the scout has been away for %v", len(all), awayFor)
	}
	if jobs := getJSON[[]jobView](f, "/v1/jobs"); len(jobs) != wire.MaxJobs+1 {
		t.Errorf("%d jobs are listed", len(jobs))
	}
	if one := f.postRelease(map[string]any{"jobs": []string{"made-up-7"}, "printer": "demo"}); len(one) != 1 {
		t.Error("a job that is named is not ordered")
	}
	f.connectScout(crowd, made...)
	if all := f.postRelease(map[string]any{"all": true, "printer": "demo"}); len(all) != wire.MaxJobs+1 {
		t.Errorf("%d orders though the scout is back", len(all))
	}
}

func TestReleaseOfAllOfOne(t *testing.T) {
	f := startServer(t, t.TempDir())
	one, two := f.enrollScout(), f.enrollScout()
	jobs := func(tag string, ids ...string) (list []wire.Job) {
		for _, id := range ids {
			j := parkedJob(id)
			j.User = tag
			list = append(list, j)
		}
		return list
	}
	f.connectScout(one, append(jobs("ann", "a", "b"), jobs("ben", "c")...)...)
	f.connectScout(two, jobs("ann", "d")...)
	for _, test := range []struct {
		body map[string]any
		want string
	}{
		{map[string]any{"user": "ann"}, "a b d"}, {map[string]any{"scout": one.id}, "a b c"},
		{map[string]any{"user": "ann", "scout": two.id}, "d"}, {map[string]any{"user": "nobody"}, ""}, {map[string]any{}, "a b c d"},
	} {
		test.body["all"], test.body["printer"] = true, "demo"
		var got []string
		for _, r := range f.postRelease(test.body) {
			got = append(got, r.Job)
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%v: %v", test.body, got)
		}
	}
	if status, _ := f.call("POST", "/v1/releases", `{"jobs":["a"],"user":"ann","printer":"demo"}`); status != http.StatusBadRequest {
		t.Errorf("a user beside jobs: status %d", status)
	}
}

func TestPagesOfJobs(t *testing.T) {
	f := startServer(t, t.TempDir())
	i := f.enrollScout()
	var jobs []wire.Job
	for n := range 25 {
		j := parkedJob(fmt.Sprintf("j%02d", n))
		j.User, j.Created = fmt.Sprintf("tag-%d", n%2), time.Unix(int64(1000+n/5), 0)
		jobs = append(jobs, j)
	}
	s := f.connectScout(i, jobs...)
	page := func(path string) (ids []string, next string) {
		req, _ := http.NewRequest("GET", "https://"+f.addr+path, nil)
		req.Header.Set("Authorization", "Bearer "+f.token)
		resp, err := f.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		var views []jobView
		if err := json.NewDecoder(resp.Body).Decode(&views); err != nil {
			t.Fatal(err)
		}
		for _, v := range views {
			ids = append(ids, v.ID)
		}
		next, _, _ = strings.Cut(strings.TrimPrefix(resp.Header.Get("Link"), "<"), ">")
		return ids, next
	}
	walk := func(path string) (ids []string) {
		for path != "" {
			var some []string
			some, path = page(path)
			ids = append(ids, some...)
			s.sendMessages(wire.JobGone{ID: "j03"}) // jobs come and go meanwhile
			s.waitUntilHandled()
		}
		return ids
	}
	if ids := walk("/v1/jobs?limit=7&user=tag-0"); len(ids) != 13 || ids[0] != "j00" || ids[12] != "j24" {
		t.Errorf("of one user %v", ids)
	}
	if ids := walk("/v1/jobs?limit=4&scout=" + i.id); len(ids) != 24 || ids[23] != "j24" {
		t.Errorf("of one scout %v", ids)
	}
	if ids := walk("/v1/jobs"); len(ids) != 24 {
		t.Errorf("all %v", ids)
	}
	if ids := walk("/v1/jobs?scout=nobody"); len(ids) != 0 {
		t.Errorf("of nobody %v", ids)
	}
	for _, query := range []string{"limit=0", "limit=1001", "after=*", "after=eHh4"} {
		if status, _ := f.call("GET", "/v1/jobs?"+query, nil); status != http.StatusBadRequest {
			t.Errorf("%s: status %d", query, status)
		}
	}
}

func TestJobsSayWhenTheyExpire(t *testing.T) {
	f := startServer(t, t.TempDir())
	late := parkedJob("late")
	late.Expires = f.clock.Now().Add(100 * 365 * 24 * time.Hour)
	f.connectScout(f.enrollScout(), wire.Job{ID: "never", State: "parked"}, late, parkedJob("a"))
	jobs := getJSON[[]jobView](f, "/v1/jobs")
	if len(jobs) != 2 || jobs[1].ID != "late" || jobs[1].Expires.After(f.clock.Now().Add(longestStay)) {
		t.Errorf("jobs %+v", jobs)
	}
	f.clock.advance(longestStay)
	if f.server.index.dropExpired(f.clock.Now()); len(f.server.index.jobs) != 0 {
		t.Error("a job outlives every bound")
	}
}

// TestRegistryOfTheVersionBefore opens a registry that the version before has made.
func TestRegistryOfTheVersionBefore(t *testing.T) {
	data := t.TempDir()
	golden, err := os.ReadFile("testdata/registry-v3.db")
	if err == nil {
		err = os.WriteFile(filepath.Join(data, registryFile), golden, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	r, err := OpenExistingRegistry(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	const scout = "0196f1c2-7d7e-7a3b-9f00-000000000001"
	if s, err := r.Scout(t.Context(), scout); err != nil || s.Name != "pc-17" || s.Wrap[0] != 2 {
		t.Errorf("scout %+v, %v", s, err)
	}
	if name, err := r.APIToken(t.Context(), tokenHash("api-token-of-before"), time.Now()); err != nil || name != "lobby-panel" {
		t.Errorf("API token %q, %v", name, err)
	}
	tokens, err := r.APITokens(t.Context())
	if left := time.Until(tokens[0].Expires); err != nil || left < 364*24*time.Hour || left > 366*24*time.Hour {
		t.Errorf("its time ends in %v, %v", left, err)
	}
	if b, err := r.Bundles(t.Context(), time.Now()); err != nil || len(b) != 1 || !strings.HasPrefix(b[0].Name, "bundle-") {
		t.Errorf("unused bundles %+v, %v", b, err)
	}
	for id, want := range map[string]string{"order-1": Pending, "order-2": Sent, "order-3": Done, "order-4": Expired} {
		o, err := r.Order(t.Context(), id)
		if err != nil || o.State != want || (o.Result != nil) != (want == Done) || (len(o.PIN) == 64) != (want == Pending || want == Sent) {
			t.Errorf("%s: %+v, %v", id, o, err)
		}
	}
	if n, err := r.ServedRevision(t.Context(), "site-of-before"); err != nil || n != 7 {
		t.Errorf("served %d, %v", n, err)
	}
	if p, err := r.Successor(t.Context(), "site-of-before"); err != nil || p.Validate() != nil {
		t.Errorf("successor %+v, %v", p, err)
	}
	if err := r.RemoveScout(t.Context(), scout, time.Now()); err != nil {
		t.Error(err)
	}
}

// TestRegistryForgetsSentences of printers that scouts of before have sent.
func TestRegistryForgetsSentences(t *testing.T) {
	data := t.TempDir()
	path := filepath.Join(data, registryFile)
	golden, err := os.ReadFile("testdata/registry-v3.db")
	if err == nil {
		err = os.WriteFile(path, golden, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", dataSource(path, ""))
	if err != nil {
		t.Fatal(err)
	}
	const marker = "Payroll of Alice"
	old := `{"t":"result","o":"order-3","j":"job-3","s":"delivered","el":"I2","ev":["Printed \"` + marker + `\""]}`
	if _, err := db.Exec(`UPDATE orders SET result = ? WHERE id = 'order-3'`, []byte(old)); err != nil {
		t.Fatal(err)
	}
	// And one that is gone: what it said is in a free page.
	if _, err := db.Exec(`UPDATE orders SET result = ? WHERE id = 'order-4'`, []byte(strings.Repeat(old, 100))); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`DELETE FROM orders WHERE id = 'order-4'`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if raw, err := os.ReadFile(path); err != nil || bytes.Count(raw, []byte(marker)) < 50 {
		t.Fatalf("it is not there to begin with: %v", err)
	}
	r, err := OpenExistingRegistry(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	if o, err := r.Order(t.Context(), "order-3"); err != nil || o.Result == nil || o.Result.EvidenceLevel != "I2" {
		t.Errorf("%+v, %v", o, err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if raw, err := os.ReadFile(filepath.Join(data, f.Name())); err != nil || bytes.Contains(raw, []byte(marker)) {
			t.Errorf("it is still in %s, %v", f.Name(), err)
		}
	}
}
