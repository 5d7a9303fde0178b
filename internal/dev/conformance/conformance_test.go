package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/dev/peers/run"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestQuick(t *testing.T) {
	for _, name := range []string{"ipptool", "ippeveprinter", "dbus-daemon"} {
		peers.Need(t, name)
	}
	var out bytes.Buffer
	file := filepath.Join(t.TempDir(), "table.md")
	if err := compareSuites(t.Context(), true, file, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| print-job | 1 / 0 / 0 |", "| validate-job | 1 / 0 / 0 |", "FAIL of scout: none"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, &out)
		}
	}
	if b, err := os.ReadFile(file); err != nil || !bytes.Contains(b, out.Bytes()) {
		t.Errorf("written: %q, %v", b, err)
	}
}

var sample = table{[]row{
	{name: "ipp-1.1", must: true, ours: run.Suite{Passed: 2}, theirs: run.Suite{Passed: 1, Failed: []run.Failure{{Test: "Get-Jobs", Why: []string{"RECEIVED: 7 bytes", "EXPECTED: a|b", "GOT: c", "EXPECTED: d"}}}}},
	{name: "ipp-2.1", ours: run.Suite{Failed: []run.Failure{{Test: "Notify"}}}},
}}

func TestTable(t *testing.T) {
	var b bytes.Buffer
	sample.writeMarkdown(&b)
	for _, want := range []string{
		"| ipp-1.1 | 2 / 0 / 0 | 0.00 s | 1 / 1 / 0 | 0.00 s |\n",
		"FAIL of scout:\n- ipp-2.1: Notify\n",
		"FAIL of ippeveprinter:\n- ipp-1.1: Get-Jobs (expected: a\\|b; d)\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, &b)
		}
	}
}

func TestFailed(t *testing.T) {
	if sample.hasFailed() {
		t.Error("only what must pass counts")
	}
	bad := table{[]row{{must: true, ours: run.Suite{Failed: []run.Failure{{Test: "x"}}}}}}
	if !bad.hasFailed() {
		t.Error("a failure of what must pass does not count")
	}
}

func TestWithin(t *testing.T) {
	for name, c := range map[string]struct{ document, want string }{
		"no document":  {"", begin + "T" + end},
		"no marks":     {"text", begin + "T" + end},
		"between them": {"before\n" + begin + "old" + end + "after", "before\n" + begin + "T" + end + "after"},
	} {
		if got := string(replaceTable([]byte(c.document), []byte("T"))); got != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}
