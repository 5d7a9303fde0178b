package main

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/printscout/printscout/internal/checkup"
	"github.com/printscout/printscout/internal/cli"
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/redact"
)

// planted are secrets of each kind, each by its own mark.
var planted = []string{
	"K4T6PWLMHQ3VCN7RXJ2D5YBGSA",   // token
	"hunter2pass",                  // password in a URL
	"MIIBplantedprivatekey",        // key
	"0a1b2c3d4e5f60718293a4b5c6d7", // part of a hash
	"c2VjcmV0LXNlY3JldC1zZWNyZXQ",  // part of base64
	"Dismissal of Eve",             // title
	"Payslip",                      // title in the log only
	"eve.adams",                    // user
	"Frank Ocelot",                 // user of a job
	"ws-planted-17",                // host
	"print.planted.example",        // server
	"Stadtwerke Planted",           // site
	"Third floor planted",          // printer
	"eve@planted.example",          // mail
	"10.99.88.77",                  // address
	"abandon ability able about above absent absorb abstract absurd abuse access accident", // words
	"4711471",      // pin
	"bearerplant1", // bearer
}

// everything is a text with all that is planted, as a log or a message has it.
func everything() string {
	return strings.Join([]string{
		`time=2026-11-28T09:00:00Z level=INFO msg="it is" token=K4T6PWLMHQ3VCN7RXJ2D5YBGSA user=eve.adams title="Payslip" pin=4711471`,
		"got K4T6PWLMHQ3VCN7RXJ2D5YBGSA by http://eve:hunter2pass@print.planted.example:8443/x from 10.99.88.77:1",
		"-----BEGIN PRIVATE KEY-----\nMIIBplantedprivatekey\n-----END PRIVATE KEY-----",
		"key 0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d and c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA==",
		"Dismissal of Eve printed by Frank Ocelot in /home/eve.adams/x at ws-planted-17 of Stadtwerke Planted, Third floor planted",
		"eve@planted.example said Authorization: Bearer bearerplant1",
		"abandon ability able about above absent absorb abstract absurd abuse access accident",
		`"nc" of the user eve.adams`,
	}, "\n")
}

// TestReportHasNoSecrets plants all of them in each part of a report, and looks
// for them in the file.
func TestReportHasNoSecrets(t *testing.T) {
	all := everything()
	status := control.Status{Version: "1", Enrolled: true, Site: "Stadtwerke Planted", Server: "https://print.planted.example:8443", LastError: all, Message: all, Identify: all,
		Answers: []control.Answer{{Message: all}}, Warnings: []string{all}, PrinterURIs: []string{"ipp://localhost:8631/ipp/print"}}
	r := report{
		Version: map[string]string{"commit": "abc"}, Status: status, Log: []byte(all),
		Settings: map[string]any{"PrinterLocation": map[string]any{"value": all, "origin": "file"}, "warnings": []string{all}},
		Results:  []checkup.Result{{ID: "bundle", Title: "No bundle lies about", State: checkup.Fail, Summary: all, Fix: all}},
		Known: redact.Known{Titles: []string{"Dismissal of Eve"}, Users: []string{"eve.adams", "Frank Ocelot"}, Hosts: []string{"ws-planted-17", "print.planted.example"},
			Sites: []string{"Stadtwerke Planted", "Third floor planted"}},
	}
	for range 2 { // with an agent, and without one
		raw, names, err := r.zip()
		if err != nil {
			t.Fatal(err)
		}
		text := unzipped(t, raw)
		for _, secret := range planted {
			if strings.Contains(strings.ToLower(text), strings.ToLower(secret)) {
				t.Errorf("%q is in the report", secret)
			}
		}
		for _, kept := range []string{"ipp://localhost:8631/ipp/print", `"id": "bundle"`, "level=INFO", "2026-11-28T09:00:00Z"} {
			if r.StatusError == nil && !strings.Contains(text, kept) {
				t.Errorf("%q is not in the report", kept)
			}
		}
		if len(names) != 6 || names[0] != "README.txt" {
			t.Errorf("it has %v", names)
		}
		r.StatusError = errors.New(all)
	}
}

// unzipped returns the names and the contents of all files, one after another.
func unzipped(t *testing.T, raw []byte) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, f := range z.File {
		part, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(part)
		part.Close()
		if err != nil {
			t.Fatal(err)
		}
		all.WriteString(f.Name + "\n" + string(content))
	}
	return all.String()
}

// TestReportOfAConfiguration runs the command with secrets in the configuration
// and the environment.
func TestReportOfAConfiguration(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "config.json")
	if err := os.WriteFile(config, []byte(`{"Token": "K4T6PWLMHQ3VCN7RXJ2D5YBGSA", "PrinterLocation": "Third floor planted", "PrinterName": "token=hunter2pass eve@planted.example", "ScoutName": "ws-planted-17", "ManagedBy": "Stadtwerke Planted", "SNMPKeysFile": "/home/eve.adams/keys.json", "StateDir": "`+dir+`/state"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PRINTSCOUT_CONTROL", filepath.Join(dir, "none"))
	t.Setenv("HTTPS_PROXY", "http://eve:hunter2pass@print.planted.example:1")
	t.Setenv("CUPS_SERVER", filepath.Join(dir, "none"))
	file := filepath.Join(dir, "report.zip")
	root := newRoot()
	root.SetOut(io.Discard)
	root.SetErr(io.Discard)
	if code := program.Run(t.Context(), root, []string{"bugreport", "--config", config, "--output", file}); code != cli.Done {
		t.Fatalf("exit status %d", code)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := unzipped(t, raw)
	for _, secret := range planted {
		if strings.Contains(text, secret) {
			t.Errorf("%q is in the report", secret)
		}
	}
	if !strings.Contains(text, "HTTPS_PROXY") || !strings.Contains(text, `"JobRetention"`) {
		t.Errorf("the report lacks what it should have:\n%s", text)
	}
}

func TestPeopleOfTheComputer(t *testing.T) {
	got := peopleOf("root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1::/:/x\nann:x:1000:1000:Ann Smith,,,:/home/ann:/bin/sh\nnobody:x:65534:65534:nobody:/:/x\nbroken\n:::\n")
	if strings.Join(got, "|") != "ann|Ann Smith" {
		t.Errorf("%q", got)
	}
}
