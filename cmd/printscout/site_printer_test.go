package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/printscout/printscout/delivery"
	"github.com/printscout/printscout/internal/cli"
	"github.com/printscout/printscout/internal/directory"
)

// rawPrinter answers on a port as one that names these languages, or closes
// the connection where there are none.
func rawPrinter(t *testing.T, languages ...string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { l.Close(); <-done })
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			answerPJL(c, languages)
		}
	}()
	return "socket://" + l.Addr().String()
}

func answerPJL(c net.Conn, languages []string) {
	defer c.Close()
	for in := bufio.NewScanner(c); in.Scan() && len(languages) > 0; {
		switch line := in.Text(); {
		case strings.HasPrefix(line, "@PJL ECHO"):
			fmt.Fprintf(c, "%s\r\n\f", line)
		case line == "@PJL INFO CONFIG":
			fmt.Fprintf(c, "%s\r\nLANGUAGES [%d ENUMERATED]\r\n\t%s\r\n\f", line, len(languages), strings.Join(languages, "\r\n\t"))
		}
	}
}

// siteCommands are commands of an administrator at a site of the test's own.
type siteCommands struct{ dir, password string }

func newSiteCommands(t *testing.T) siteCommands {
	t.Helper()
	dir := t.TempDir()
	_, password, err := directory.CreateSite(filepath.Join(dir, "site"), "Test", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "password")
	if err := os.WriteFile(file, []byte(password), 0o600); err != nil {
		t.Fatal(err)
	}
	return siteCommands{filepath.Join(dir, "site"), file}
}

func (s siteCommands) addPrinter(args ...string) (stdout, stderr string, err error) {
	var out, log bytes.Buffer
	root := newRoot()
	root.SetOut(&out)
	root.SetErr(&log)
	root.SetArgs(append([]string{"site", "printer", "add", "--site", s.dir, "--password-file", s.password}, args...))
	err = root.Execute()
	return out.String(), log.String(), err
}

func (s siteCommands) printers(t *testing.T) []directory.Printer {
	t.Helper()
	d, _, err := directory.LoadDirectory(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	return d.Printers
}

func TestAddARawPrinter(t *testing.T) {
	s, uri := newSiteCommands(t), rawPrinter(t, "PCL", "PDF")
	out, log, err := s.addPrinter("--json", "--location", "cellar", "--snmp-user", "scout", "--snmp-auth", "sha512", "--snmp-context", "Jetdirect", "store", uri)
	if err != nil {
		t.Fatal(err)
	}
	var p directory.Printer
	if err := json.Unmarshal([]byte(out), &p); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	if !slices.Equal(p.URIs, []string{uri}) || p.Floor != directory.GradeRaw || !p.PJL || p.Location != "cellar" ||
		!slices.Equal(p.Formats, []string{"application/vnd.hp-pcl", "application/pdf"}) {
		t.Errorf("%+v", p)
	}
	if p.SNMP == nil || *p.SNMP != (directory.SNMP{Version: "3", User: "scout", Auth: "SHA512", Context: "Jetdirect"}) {
		t.Errorf("%+v", p.SNMP)
	}
	for _, want := range []string{"may print a line", "without encryption"} {
		if !strings.Contains(log, want) {
			t.Errorf("no word of %q: %q", want, log)
		}
	}
	if in := s.printers(t); len(in) != 1 || in[0].ID != p.ID {
		t.Errorf("in the directory: %+v", in)
	}
	out, _, err = s.addPrinter("--formats", "application/postscript", "--snmp", "off", "attic", uri)
	if err != nil || !strings.Contains(out, "answers to PJL") || !strings.Contains(out, "application/postscript") {
		t.Errorf("%s, %v", out, err)
	}
	if in := s.printers(t); len(in) != 2 || in[1].SNMP == nil || in[1].SNMP.Version != directory.SNMPOff {
		t.Errorf("in the directory: %+v", in)
	}
}

func TestAddARawPrinterThatSaysNothing(t *testing.T) {
	s, uri := newSiteCommands(t), rawPrinter(t)
	_, _, err := s.addPrinter("store", uri)
	if program.Status(err, false) != cli.Failed || !strings.Contains(program.Hint(err), "--formats") {
		t.Errorf("%v, hint %q", err, program.Hint(err))
	}
	if in := s.printers(t); len(in) != 0 {
		t.Errorf("in the directory all the same: %+v", in)
	}
	out, _, err := s.addPrinter("--formats", "application/vnd.hp-pcl", "--allow-raw", "store", uri)
	if err != nil || !strings.Contains(out, "does not answer to PJL") {
		t.Errorf("%s, %v", out, err)
	}
	if in := s.printers(t); len(in) != 1 || in[0].PJL || in[0].SNMP != nil {
		t.Errorf("in the directory: %+v", in)
	}
}

func TestAddARawPrinterFails(t *testing.T) {
	s := newSiteCommands(t)
	for _, c := range []struct {
		args []string
		want int
	}{
		{[]string{"x", "socket://127.0.0.1:1/path"}, cli.Failed},
		{[]string{"x", "socket://"}, cli.Failed},
		{[]string{"--snmp", "3", "x", "socket://127.0.0.1"}, cli.Usage},
		{[]string{"--snmp", "2c", "--snmp-user", "u", "x", "socket://127.0.0.1"}, cli.Usage},
		{[]string{"--snmp-priv", "AES", "x", "socket://127.0.0.1"}, cli.Usage},
		{[]string{"--snmp-user", "u", "--snmp-community", "c", "x", "socket://127.0.0.1"}, cli.Usage},
		{[]string{"--snmp", "4", "--formats", "a/b", "x", rawPrinter(t, "PCL")}, cli.Failed},
	} {
		if _, _, err := s.addPrinter(c.args...); program.Status(err, false) != c.want {
			t.Errorf("%q: %v", c.args, err)
		}
	}
	if in := s.printers(t); len(in) != 0 {
		t.Errorf("in the directory: %+v", in)
	}
}

func TestRawBesideIPP(t *testing.T) {
	for in, want := range map[string]string{
		"ipps://p:443/ipp/print": "socket://p:9100", "ipp://p/": "socket://p:9100", "ipps://[::1]/ipp": "socket://[::1]:9100",
	} {
		if got, err := rawURI(in); got != want || err != nil {
			t.Errorf("%s: %s, %v", in, got, err)
		}
	}
	pin := directory.PinOf([]byte("key"))
	p := directory.NewPrinter("P", []string{"ipps://p/", "ipp://p/"}, pin, directory.GradeIPP)
	p.Location, p.Formats = "hall", []string{"application/pdf"}
	q := withRaw(p, delivery.RawIdentity{URI: "socket://p:9100", PJL: true, Formats: []string{"image/urf"}})
	if strings.Join(q.URIs, " ") != "ipps://p/ ipp://p/ socket://p:9100" || q.Floor != directory.GradeRaw || q.Pin != pin ||
		!q.PJL || q.Location != "hall" || !slices.Equal(q.Formats, p.Formats) {
		t.Errorf("%+v", q)
	}
}
