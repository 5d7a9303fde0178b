package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/printscout/printscout/cloud"
	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/cli"
	"github.com/printscout/printscout/internal/directory"
)

// answer is how a command went.
type answer struct {
	code     int
	out, err string
}

func runScoutcloud(t *testing.T, args ...string) answer {
	t.Helper()
	var out, errors bytes.Buffer
	root := newRoot()
	root.SetOut(&out)
	root.SetErr(&errors)
	root.SetArgs(args)
	err := root.ExecuteContext(t.Context())
	a := answer{program.Status(err, false), out.String(), errors.String()}
	if err != nil {
		a.err += err.Error()
	}
	return a
}

// listJSON reads a listing.
func listJSON[T any](t *testing.T, args ...string) (all []T) {
	t.Helper()
	a := runScoutcloud(t, append(args, "--json")...)
	if err := json.Unmarshal([]byte(a.out), &all); a.code != 0 || err != nil || all == nil {
		t.Fatalf("scoutcloud %v: %+v, %v", args, a, err)
	}
	return all
}

// TestTokensOfTheAPI needs neither a site nor an address.
func TestTokensOfTheAPI(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	made := map[string]answer{
		"panel":  runScoutcloud(t, "token", "--api", "panel", "--data", data),
		"script": runScoutcloud(t, "token", "new", "script", "--data", data, "--until", time.Now().AddDate(0, 0, 3).Format(time.DateOnly)),
		"brief":  runScoutcloud(t, "token", "new", "brief", "--data", data, "--valid", "1h"),
	}
	for name, a := range made {
		if a.code != 0 || len(strings.TrimSpace(a.out)) < 26 || strings.Count(a.out, "\n") != 1 {
			t.Errorf("%s: %+v", name, a)
		}
	}
	want := map[string]time.Duration{"panel": cloud.APITokenLife, "script": 96 * time.Hour, "brief": time.Hour}
	for _, g := range listJSON[issuedToken](t, "token", "list", "--data", data) {
		if left := time.Until(g.Expires); g.Kind != "api" || g.Expired || left > want[g.Name] || left < want[g.Name]-25*time.Hour {
			t.Errorf("%+v has %v left", g, left)
		}
	}
	if a := runScoutcloud(t, "token", "list", "--data", data); a.code != 0 || strings.Count(a.out, "\n") != 4 || strings.Contains(a.out, strings.TrimSpace(made["panel"].out)) {
		t.Errorf("%+v", a)
	}
	if a := runScoutcloud(t, "token", "revoke", "panel", "--data", data); a.code != 0 || a.out != "" || !strings.Contains(a.err, "revoked panel") {
		t.Errorf("%+v", a)
	}
	if a := runScoutcloud(t, "token", "revoke", "panel", "--data", data); a.code != cli.Failed || !strings.Contains(a.err, `"panel"`) {
		t.Errorf("revoked twice: %+v", a)
	}
	if left := listJSON[issuedToken](t, "token", "list", "--data", data); len(left) != 2 {
		t.Errorf("%+v", left)
	}
}

func TestBundlesAndScouts(t *testing.T) {
	folder := t.TempDir()
	data, siteDir := filepath.Join(folder, "data"), filepath.Join(folder, "site")
	if _, _, err := directory.CreateSite(siteDir, "Example", time.Now()); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(folder, "bundle.json")
	if a := runScoutcloud(t, "token", "--data", data, "--site", siteDir, "--url", "https://localhost:8443", "--out", out); a.code != 0 || a.out != "" {
		t.Fatalf("%+v", a)
	}
	made, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(out); err != nil || info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	bundle, err := wire.ParseBundle(made)
	if left := time.Until(bundle.Expires); err != nil || left > bundleLife || left < bundleLife-time.Hour {
		t.Errorf("%v left, %v", left, err)
	}
	given := listJSON[issuedToken](t, "token", "list", "--data", data)
	if len(given) != 1 || given[0].Kind != "bundle" {
		t.Fatalf("%+v", given)
	}
	if a := runScoutcloud(t, "token", "revoke", given[0].Name, "--data", data); a.code != 0 {
		t.Errorf("%+v", a)
	}
	if given := listJSON[issuedToken](t, "token", "list", "--data", data); len(given) != 0 {
		t.Errorf("%+v", given)
	}
	removeOneOfTwo(t, data)
}

func removeOneOfTwo(t *testing.T, data string) {
	t.Helper()
	r, err := cloud.OpenRegistry(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"s-1", "s-2"} {
		if err := r.AddBundle(t.Context(), []byte(id), cloud.Bundle{Uses: 1, Created: time.Now(), Expires: time.Now().Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Enroll(t.Context(), []byte(id), cloud.Scout{ID: id, Name: "pc-" + id, Sign: []byte{1}, Wrap: []byte{2}, Enrolled: time.Now()}); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if a := runScoutcloud(t, "scout", "list", "--data", data); a.code != 0 || strings.Count(a.out, "pc-s-") != 2 {
		t.Errorf("%+v", a)
	}
	if a := runScoutcloud(t, "scout", "remove", "s-1", "--data", data); a.code != 0 || a.out != "" {
		t.Errorf("%+v", a)
	}
	if left := listJSON[listedScout](t, "scout", "list", "--data", data); len(left) != 1 || left[0].ID != "s-2" {
		t.Errorf("%+v", left)
	}
	if a := runScoutcloud(t, "scout", "remove", "s-1", "--data", data); a.code != cli.Failed || !strings.Contains(a.err, `"s-1"`) {
		t.Errorf("%+v", a)
	}
}

func TestRegistryCommandsThatAreWrong(t *testing.T) {
	data := t.TempDir()
	for line, want := range map[string]int{
		"token list --data " + data + "/none":                      cli.Failed,
		"token revoke x --data " + data + "/none":                  cli.Failed,
		"scout list --data " + data + "/none":                      cli.Failed,
		"scout remove x --data " + data + "/none":                  cli.Failed,
		"scout remove --data " + data:                              cli.Usage,
		"token revoke --data " + data:                              cli.Usage,
		"token revoke a b --data " + data:                          cli.Usage,
		"token new a b --data " + data:                             cli.Usage,
		"token bogus --data " + data:                               cli.Usage,
		"scout bogus":                                              cli.Usage,
		"token new a --until yesterday --data " + data:             cli.Usage,
		"token new a --until 2020-01-01 --data " + data:            cli.Usage,
		"token new a --until 2999-01-01 --valid 1h --data " + data: cli.Usage,
		"token new a --valid -1h --data " + data:                   cli.Usage,
		"token new bundle-1 --data " + data:                        cli.Failed,
		"token new a --uses 2 --data " + data:                      cli.Usage,
		"token new a --label b --data " + data:                     cli.Usage,
		"token new --uses 0 --data " + data:                        cli.Usage,
		"token new --uses 100001 --data " + data:                   cli.Usage,
		"scout approve --data " + data:                             cli.Usage,
		"scout approve --all x --data " + data:                     cli.Usage,
		"scout approve --all --bundle b --data " + data:            cli.Usage,
		"scout approve x --data " + data:                           cli.Failed,
		"scout approve --bundle b --data " + data:                  cli.Failed,
		"scout approve --all --data " + data + "/none":             cli.Failed,
		"token list extra":                                         cli.Usage,
	} {
		if a := runScoutcloud(t, strings.Fields(line)...); a.code != want || a.err == "" {
			t.Errorf("scoutcloud %s: %+v, want exit %d", line, a, want)
		}
	}
	if entries, err := os.ReadDir(filepath.Join(data, "none")); err == nil {
		t.Errorf("a command that looks has made %v", entries)
	}
}

func TestOutputOfASecretIsClosedToOthers(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes are of Unix")
	}
	f, err := os.OpenFile(filepath.Join(t.TempDir(), "bundle.json"), os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := writeSecret("", f, []byte("secret")); err != nil {
		t.Fatal(err)
	}
	if info, err := f.Stat(); err != nil || info.Mode().Perm() != 0o600 || info.Size() != 6 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}
