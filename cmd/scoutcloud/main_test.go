package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/dev/clitest"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/outcome"
)

func TestMain(m *testing.M) { clitest.Main(m, "scoutcloud", program) }

func TestEveryCommandSaysHowItEnds(t *testing.T) { clitest.CheckTree(t, newRoot) }

func TestEqualStreams(t *testing.T) {
	long := strings.Repeat("x", 200_000)
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"", "", true}, {"a", "a", true}, {long, long, true},
		{"a", "", false}, {"", "a", false}, {long, long + "x", false}, {long + "x", long, false}, {long + "a", long + "b", false},
		{long[:64<<10], long[:64<<10], true}, {long[:64<<10], long[:64<<10+1], false},
	} {
		got, err := equalStreams(strings.NewReader(c.a), strings.NewReader(c.b))
		if got != c.want || err != nil {
			t.Errorf("%d and %d bytes: %v, %v", len(c.a), len(c.b), got, err)
		}
	}
}

func TestSecretsGoToNewFilesOfTheOwner(t *testing.T) {
	name := filepath.Join(t.TempDir(), "bundle.json")
	if err := writeSecret(name, nil, []byte("secret")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 && os.Getenv("OS") == "" {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if err := writeSecret(name, nil, []byte("other")); err == nil {
		t.Error("an existing file was overwritten")
	}
}

// TestDemoAtARawPrinter looks at the entry that the demo makes of one.
func TestDemoAtARawPrinter(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if c, err := l.Accept(); err == nil {
			defer c.Close()
			for in := bufio.NewScanner(c); in.Scan(); {
				if strings.HasPrefix(in.Text(), "@PJL ECHO") {
					fmt.Fprintf(c, "%s\r\n\f", in.Text())
				}
			}
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	var log bytes.Buffer
	d := &demo{dir: t.TempDir(), log: &log, real: "socket://" + l.Addr().String()}
	for _, step := range []func(context.Context, demoPaths) error{d.startPrinter, d.makeSite} {
		if err := step(t.Context(), demoPaths{}); err != nil {
			t.Fatal(err)
		}
	}
	site, _, err := directory.LoadDirectory(d.SiteDir)
	if err != nil {
		t.Fatal(err)
	}
	p, err := site.Find(printerName)
	if err != nil || !slices.Equal(p.URIs, []string{d.real}) || p.Floor != directory.GradeRaw || !p.PJL || !slices.Equal(p.Formats, simFormats) {
		t.Errorf("%+v, %v", p, err)
	}
	if !strings.Contains(log.String(), "may print a line") {
		t.Errorf("%q", log.String())
	}
}

func TestDemoTellsWhatIsKnown(t *testing.T) {
	var out bytes.Buffer
	(&reporter{out: &out}).printResult(&shownJob{Result: control.Result{Result: outcome.Result{State: "delivered", Protocol: "raw", Grade: "raw", EvidenceLevel: "R3"}, Evidence: []string{"The printer says that the job ended: OK."}}})
	for _, want := range []string{"delivered by raw, grade raw, evidence R3", "- The printer says"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q: %s", want, out.String())
		}
	}
}
