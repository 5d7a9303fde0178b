package cloud

import (
	"bytes"
	"crypto/ecdh"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/printscout/printscout/cloudlink/wire"
)

// withWrap gives a scout a wrap key of its own; enrollScout gives it to the server.
func (i *identity) withWrap(t *testing.T) []byte {
	t.Helper()
	key, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	i.wrap = key.PublicKey().Bytes()
	return key.Bytes()
}

// TestPINIsSealedAtOnce orders releases with a PIN and looks for it in what
// the server answers, keeps and logs.
func TestPINIsSealedAtOnce(t *testing.T) {
	var said syncBuffer
	data := t.TempDir()
	f := startServer(t, data, func(c *Config) {
		c.Log = slog.New(slog.NewJSONHandler(&said, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	i := newIdentity(t)
	key := i.withWrap(t)
	f.enrolAs(i)
	s := f.connectScout(i, parkedJob("a"), parkedJob("b"))
	const secret = "0815-über-geheim"
	_, answer := f.call("POST", "/v1/releases", map[string]any{"all": true, "printer": "demo", "pin": secret})
	answers := answer
	var frames [][]byte
	for _, job := range []string{"a", "b"} {
		o := s.receiveOrder()
		if o.Job != job {
			t.Fatalf("order %+v", o)
		}
		given, err := wire.OpenPIN(key, o.ID, o.Job, o.PIN)
		if err != nil || string(given) != secret {
			t.Errorf("the scout opens %q, %v", given, err)
		}
		if _, err := wire.OpenPIN(key, o.ID, "other", o.PIN); err == nil {
			t.Error("it opens for another job")
		}
		frame, err := wire.Encode(o)
		if err != nil {
			t.Fatal(err)
		}
		frames = append(frames, frame)
		if job == "a" { // sent again, it is the same
			s.ws.Close()
			waitOffline(f, i)
			s = f.connectScout(i, parkedJob("a"), parkedJob("b"))
			if again := s.receiveOrder(); again.ID != o.ID || !bytes.Equal(again.PIN, o.PIN) {
				t.Errorf("sent again: %+v", again)
			}
		}
		s.sendResult(o, wire.NotSent)
		_, one := f.call("GET", "/v1/releases/"+o.ID, nil)
		answers = append(answers, one...)
	}
	for _, path := range []string{"/v1/releases", "/v1/jobs", "/v1/scouts"} {
		_, b := f.call("GET", path, nil)
		answers = append(answers, b...)
	}
	for _, form := range []string{`"pin`, `"k"`} {
		if bytes.Contains(answers, []byte(form)) {
			t.Errorf("%s is in %s", form, answers)
		}
	}
	all := append(frames, answers, said.Bytes())
	err := filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		all = append(all, b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range []string{secret, hex.EncodeToString([]byte(secret)), base64.StdEncoding.EncodeToString([]byte(secret))} {
		for n, where := range all {
			if bytes.Contains(where, []byte(form)) {
				t.Errorf("the PIN is in place %d", n)
			}
		}
	}
}

// TestSealedPINGoesWithItsOrder wants the registry to keep the sealed form no
// longer than it is needed.
func TestSealedPINGoesWithItsOrder(t *testing.T) {
	f := startServer(t, t.TempDir())
	i := f.enrollScout()
	s := f.connectScout(i, parkedJob("a"))
	kept := func() (n int) {
		if err := f.server.registry.(*sqlite).reader.db.QueryRow(`SELECT count(pin) FROM orders`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	f.postRelease(map[string]any{"jobs": []string{"a"}, "printer": "demo", "pin": "4711"})
	if kept() != 1 {
		t.Error("it is not kept")
	}
	s.sendResult(s.receiveOrder(), wire.Delivered)
	if kept() != 0 {
		t.Error("it is kept after its order has ended")
	}
	never := Order{ID: "never-sent", Scout: i.id, Job: "b", Printer: "p-1", PIN: []byte{1}}
	if err := f.server.registry.AddOrders(t.Context(), nil, []Order{never}); err != nil || kept() != 1 {
		t.Errorf("it is not kept: %v", err)
	}
	if ok, err := f.server.registry.ExpireOrder(t.Context(), never.ID, "over", f.clock.Now()); !ok || err != nil {
		t.Errorf("%v, %v", ok, err)
	}
	if kept() != 0 {
		t.Error("it is kept after its order has expired")
	}
}

func TestPINsThatAreNone(t *testing.T) {
	f := startServer(t, t.TempDir())
	f.connectScout(f.enrollScout(), parkedJob("a"))
	for name, c := range map[string]struct {
		body   string
		status int
	}{
		"empty":    {`{"jobs":["a"],"printer":"demo","pin":""}`, 400},
		"too long": {`{"jobs":["a"],"printer":"demo","pin":"` + strings.Repeat("7", 256) + `"}`, 400},
		"a number": {`{"jobs":["a"],"printer":"demo","pin":47110815}`, 400},
		"a list":   {`{"jobs":["a"],"printer":"demo","pin":["47110815"]}`, 400},
		"longest":  {`{"jobs":["a"],"printer":"demo","pin":"` + strings.Repeat("7", 255) + `"}`, 202},
		"none":     {`{"jobs":["a"],"printer":"demo","pin":null}`, 202},
	} {
		status, answer := f.call("POST", "/v1/releases", c.body)
		if status != c.status || bytes.Contains(answer, []byte("47110815")) || bytes.Contains(answer, []byte("77777777")) {
			t.Errorf("%s: status %d, %s", name, status, answer)
		}
	}
	bad := newIdentity(t)
	bad.wrap = make([]byte, 32) // of low order
	f.enrolAs(bad)
	f.connectScout(bad, parkedJob("b"))
	if status, answer := f.call("POST", "/v1/releases", `{"jobs":["a","b"],"printer":"demo","pin":"4711"}`); status != 409 || !bytes.Contains(answer, []byte("enroll")) {
		t.Errorf("to a key of no use: status %d, %s", status, answer)
	}
	if got := getJSON[[]releaseView](f, "/v1/releases"); len(got) != 2 {
		t.Errorf("releases %+v", got)
	}
}

// TestReleaseLeavesWaitingJobsOut orders all of them.
func TestReleaseLeavesWaitingJobsOut(t *testing.T) {
	f := startServer(t, t.TempDir())
	f.connectScout(f.enrollScout(), parkedJob("a"), wire.Job{ID: "w", User: "tag", State: "waiting", Expires: tomorrow})
	if got := f.postRelease(map[string]any{"all": true, "printer": "demo"}); len(got) != 1 || got[0].Job != "a" {
		t.Errorf("releases %+v", got)
	}
	if jobs := getJSON[[]jobView](f, "/v1/jobs"); len(jobs) != 2 || jobs[0].State == jobs[1].State {
		t.Errorf("jobs %+v", jobs)
	}
}

// TestMigration opens a registry of the first version that has orders.
func TestMigration(t *testing.T) {
	data := t.TempDir()
	db, err := sql.Open("sqlite", dataSource(filepath.Join(data, registryFile), ""))
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		`CREATE TABLE schema (version INTEGER NOT NULL) STRICT`, migrations[0], `INSERT INTO schema (version) VALUES (1)`,
		`INSERT INTO scouts (id, name, version, sign, wrap, enrolled) VALUES ('s', 'n', 'v', x'01', x'02', 3)`,
		`INSERT INTO orders (id, scout, job, printer, user, created, expires, state) VALUES ('o', 's', 'j', 'p', 'u', 1, 2, 'pending')`,
	} {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	db.Close()
	r, err := OpenRegistry(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	o, err := r.Order(t.Context(), "o")
	if err != nil || o.PIN != nil || o.Job != "j" || o.State != Pending {
		t.Errorf("%+v, %v", o, err)
	}
	if err := r.AddOrders(t.Context(), nil, []Order{{ID: "o2", Scout: "s", Job: "j", Printer: "p", PIN: []byte{1}}}); err != nil {
		t.Fatal(err)
	}
	if o, err := r.Order(t.Context(), "o2"); err != nil || len(o.PIN) != 1 {
		t.Errorf("%+v, %v", o, err)
	}
}

// syncBuffer takes what many goroutines log.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) Bytes() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Clone(b.buf.Bytes())
}
