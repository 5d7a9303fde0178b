//go:build unix

package endtoend

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// ask is one request of ipptool's language; %s has its own attributes.
func ask(operation, own string) string {
	return fmt.Sprintf(`{
	OPERATION %s
	GROUP operation-attributes-tag
	ATTR charset attributes-charset utf-8
	ATTR naturalLanguage attributes-natural-language en
	ATTR uri printer-uri $uri
	ATTR name requesting-user-name $user
	%s
}
`, operation, own)
}

// ipptool runs requests against a printer, all of which have to pass.
func ipptool(t *testing.T, uri string, requests ...string) string {
	t.Helper()
	tool := peers.Need(t, "ipptool")
	file := write(t, "requests.test", []byte(strings.Join(requests, "")))
	return must(t, tool, "-tv", uri, file)
}

// TestSeveralDocumentsInAJob prints two in one job, with the agent started
// anew before its release.
func TestSeveralDocumentsInAJob(t *testing.T) {
	d := startDemo(t, folder(t))
	docs := [][]byte{peers.PDF(595, 842), pdf(700_000)}
	send := func(i int, last bool) string {
		return ask("Send-Document", fmt.Sprintf(`ATTR integer job-id $job-id
	ATTR mimeMediaType document-format application/pdf
	ATTR boolean last-document %v
	FILE %s
	STATUS successful-ok`, last, write(t, fmt.Sprintf("%d.pdf", i), docs[i])))
	}
	ipptool(t, d.IPPURL, ask("Create-Job", "ATTR name job-name both\n\tSTATUS successful-ok\n\tEXPECT job-id"), send(0, false), send(1, true),
		ask("Get-Documents", `ATTR integer job-id $job-id
	STATUS successful-ok
	EXPECT document-number WITH-VALUE 1,2`))
	jobs := d.jobs(t)
	if len(jobs) != 1 || jobs[0].Documents != 2 || jobs[0].Bytes != int64(len(docs[0])+len(docs[1])) || jobs[0].Title != "both" {
		t.Fatalf("%+v", jobs)
	}
	noTrace(t, docs[1], d.VaultDir, d.ServerDir)
	results, code := d.release(t)
	if code != 0 || len(results) != 1 || results[0].State != "delivered" {
		t.Fatalf("exit %d: %+v", code, results)
	}
	out := files(t, d.PrinterOut)
	if len(out) != 2 {
		t.Fatalf("%d documents came out", len(out))
	}
	for i, name := range out {
		b, err := os.ReadFile(name)
		if err != nil || !bytes.Equal(b, docs[i]) || !strings.Contains(filepath.Base(name), fmt.Sprintf("%d", i+1)) {
			t.Errorf("document %d is %s, %d bytes, %v", i+1, filepath.Base(name), len(b), err)
		}
	}
}

// TestPausedByAnAdministrator keeps jobs until the printer is resumed.
func TestPausedByAnAdministrator(t *testing.T) {
	d := startDemo(t, folder(t))
	peers.RunSuite(t, d.IPPURL, "print-job.test")
	ipptool(t, d.IPPURL, ask("Pause-Printer", "STATUS successful-ok"),
		ask("Get-Printer-Attributes", `STATUS successful-ok
	EXPECT printer-state WITH-VALUE 5
	EXPECT printer-state-reasons WITH-VALUE paused`))
	if r := d.scout(t, "job", "release", d.jobs(t)[0].ID, "--printer", "demo", "--wait"); r.code == 0 || !strings.Contains(r.stderr, "paused") {
		t.Errorf("released while it was paused: exit %d: %s", r.code, r.stderr)
	}
	peers.RunSuite(t, d.IPPURL, "print-job.test")
	ipptool(t, d.IPPURL, ask("Get-Jobs", `STATUS successful-ok
	EXPECT job-id COUNT 1`), ask("Resume-Printer", "STATUS successful-ok"), ask("Get-Jobs", `STATUS successful-ok
	EXPECT !job-id`))
	results, code := d.release(t)
	if code != 0 || len(results) != 2 {
		t.Errorf("exit %d: %+v", code, results)
	}
}
