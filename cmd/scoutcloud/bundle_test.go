package main

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/printscout/printscout/cloud"
	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/cli"
	"github.com/printscout/printscout/internal/directory"
)

// bundleFile makes a bundle with these flags and returns its data folder and
// the bundle.
func bundleFile(t *testing.T, flags ...string) (data string, b wire.Bundle) {
	t.Helper()
	folder := t.TempDir()
	data, siteDir, out := filepath.Join(folder, "data"), filepath.Join(folder, "site"), filepath.Join(folder, "bundle.json")
	if _, _, err := directory.CreateSite(siteDir, "Example", time.Now()); err != nil {
		t.Fatal(err)
	}
	args := append([]string{"token", "new", "--data", data, "--site", siteDir, "--url", "https://localhost:8443", "--out", out}, flags...)
	if a := runScoutcloud(t, args...); a.code != 0 {
		t.Fatalf("%+v", a)
	}
	made, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if b, err = wire.ParseBundle(made); err != nil {
		t.Fatal(err)
	}
	return data, b
}

// TestBundleForSeveralComputers is made, used, listed, approved and revoked
// with those that came by it.
func TestBundleForSeveralComputers(t *testing.T) {
	data, b := bundleFile(t, "--uses", "3", "--label", "floor-2", "--until", "2300-12-31")
	if b.Uses != 3 || b.Expires.Year() < 2300 {
		t.Errorf("%+v", b)
	}
	r, err := cloud.OpenRegistry(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	hash := sha256.Sum256([]byte(b.Token))
	for _, id := range []string{"s-1", "s-2"} {
		if _, err := r.Enroll(t.Context(), hash[:], cloud.Scout{ID: id, Name: id, Sign: []byte(id), Wrap: []byte{2}, Enrolled: time.Now()}); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	listed := func() issuedToken { return listJSON[issuedToken](t, "token", "list", "--data", data)[0] }
	if got := listed(); got.Name != "floor-2" || got.Uses != 3 || got.Used != 2 || got.Scouts != 2 || got.Pending != 2 || got.Revoked {
		t.Errorf("%+v", got)
	}
	if a := runScoutcloud(t, "token", "list", "--data", data); !strings.Contains(a.out, "2 of 3") || !strings.Contains(a.out, "2 (2 wait for approval)") || strings.Contains(a.out, b.Token) {
		t.Errorf("%+v", a)
	}
	if a := runScoutcloud(t, "scout", "approve", "s-1", "s-3", "--data", data); a.code != cli.Failed || !strings.Contains(a.err, "s-3") {
		t.Errorf("%+v", a)
	}
	if a := runScoutcloud(t, "scout", "approve", "s-1", "--data", data); a.code != 0 || a.out != "" || !strings.Contains(a.err, "approved 1") {
		t.Errorf("%+v", a)
	}
	states := map[string]string{}
	for _, s := range listJSON[listedScout](t, "scout", "list", "--data", data) {
		states[s.ID] = s.State + " by " + s.Bundle
	}
	if states["s-1"] != "approved by floor-2" || states["s-2"] != "pending by floor-2" {
		t.Errorf("%v", states)
	}
	if waiting := listJSON[listedScout](t, "scout", "list", "--pending", "--data", data); len(waiting) != 1 || waiting[0].ID != "s-2" {
		t.Errorf("%+v", waiting)
	}
	if a := runScoutcloud(t, "token", "revoke", "floor-2", "--data", data); a.code != 0 {
		t.Errorf("%+v", a)
	}
	if got := listed(); !got.Revoked || got.Scouts != 2 {
		t.Errorf("%+v", got)
	}
	if a := runScoutcloud(t, "token", "revoke", "floor-2", "--remove-scouts", "--data", data); a.code != 0 || !strings.Contains(a.err, "joined by it (2)") {
		t.Errorf("%+v", a)
	}
	if left := listJSON[listedScout](t, "scout", "list", "--data", data); len(left) != 0 {
		t.Errorf("%+v", left)
	}
}
