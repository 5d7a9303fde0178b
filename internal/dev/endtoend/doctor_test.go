//go:build unix

package endtoend

import (
	"archive/zip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// found is a result of doctor.
type found struct {
	ID      string `json:"id"`
	State   string `json:"state"`
	Summary string `json:"summary"`
}

// doctorOf returns what doctor says, by checkup, and its exit status.
func doctorOf(t *testing.T, name string, args ...string) (all map[string]found, code int) {
	t.Helper()
	r := command(t, name, append([]string{"doctor", "--json"}, args...)...)
	all = map[string]found{}
	for _, f := range decode[[]found](t, r.stdout) {
		all[f.ID] = f
	}
	return all, r.code
}

// TestDoctorAndBugReport has both doctors look at a computer and a server that
// are well, prints a job with a title, and looks for it in the bug report.
func TestDoctorAndBugReport(t *testing.T) {
	ipptool := peers.Need(t, "ipptool")
	t.Setenv("CUPS_SERVER", filepath.Join(folder(t), "none"))
	d := startDemo(t, folder(t))
	all, _ := doctorOf(t, printscout, "--control", d.Control)
	for _, id := range []string{"agent", "joined", "connected", "port", "jobs", "clock", "server-name", "server-tcp", "server-tls"} {
		if all[id].State != "pass" {
			t.Errorf("%+v", all[id])
		}
	}
	server, _ := doctorOf(t, scoutcloud, "--data", d.ServerDir, "--listen", strings.TrimPrefix(d.CloudURL, "https://"))
	for _, id := range []string{"data", "registry", "certificate", "tokens", "bundles"} {
		if server[id].State != "pass" {
			t.Errorf("%+v", server[id])
		}
	}
	test := write(t, "title.test", []byte(`{ NAME "Print" OPERATION Print-Job GROUP operation-attributes-tag ATTR charset attributes-charset utf-8 ATTR language attributes-natural-language en
		ATTR uri printer-uri $uri ATTR name requesting-user-name $user ATTR name job-name "Dismissal of Eve" ATTR mimeMediaType document-format application/pdf FILE $filename STATUS successful-ok }`))
	if r := command(t, ipptool, "-tf", write(t, "letter.pdf", pdf(2000)), d.IPPURL, test); r.code != 0 {
		t.Fatalf("printing: %s%s", r.stdout, r.stderr)
	}
	report := filepath.Join(folder(t), "report.zip")
	if r := d.scout(t, "bugreport", "--output", report); r.code != 0 || strings.TrimSpace(r.stdout) != report {
		t.Fatalf("exit %d: %s%s", r.code, r.stdout, r.stderr)
	}
	text := unzip(t, report)
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"Dismissal", "Eve", host} {
		if strings.Contains(text, secret) {
			t.Errorf("%q is in the report", secret)
		}
	}
	for _, kept := range []string{`"enrolled": true`, `"id": "server-tls"`, `"JobRetention"`} {
		if !strings.Contains(text, kept) {
			t.Errorf("%s is not in the report", kept)
		}
	}
}

// unzip returns the contents of all files of a zip file.
func unzip(t *testing.T, path string) string {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	var all strings.Builder
	for _, f := range z.File {
		part, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(&all, part); err != nil {
			t.Fatal(err)
		}
		part.Close()
	}
	return all.String()
}
