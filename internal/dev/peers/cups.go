package peers

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// CUPS is a print server of a test's own: all of its files are in one folder, and
// it listens only on a socket there.
type CUPS struct {
	Dir    string
	socket string
}

const cupsdConf = `
Browsing No
WebInterface No
LogLevel debug
<Location />
  Order allow,deny
  Allow all
</Location>
<Policy default>
  JobPrivateAccess default
  JobPrivateValues default
  <Limit All>
    Order deny,allow
  </Limit>
</Policy>
`

// StartCUPS starts a CUPS, which ends with the test. It needs root.
func StartCUPS(tb testing.TB) *CUPS {
	tb.Helper()
	return StartCUPSWith(tb, CUPSSetup{Conf: cupsdConf})
}

// CUPSSetup configures a CUPS of a test's own.
type CUPSSetup struct {
	Conf  string            // cupsd.conf, without where it listens
	Files map[string]string // more files of its ServerRoot, by name: types, conversions
	// Filters are scripts that it has besides the filters of the system.
	Filters map[string]string
}

// StartCUPSWith starts a CUPS of that setup, which ends with the test. It needs
// root.
func StartCUPSWith(tb testing.TB, setup CUPSSetup) *CUPS {
	tb.Helper()
	NeedRoot(tb)
	for _, name := range []string{"lpadmin", "lp"} {
		Need(tb, name)
	}
	daemon := Need(tb, "cupsd")
	// Not tb.TempDir, which only its owner may enter: backends run as user lp.
	dir, err := os.MkdirTemp("", "cupsd")
	if err != nil {
		tb.Fatal(err)
	}
	c := &CUPS{Dir: dir, socket: filepath.Join(dir, "sock")}
	tb.Cleanup(func() { os.RemoveAll(dir) })
	if err := c.writeConfig(setup); err != nil {
		tb.Fatal(err)
	}
	cmd := exec.Command(daemon, "-f", "-c", filepath.Join(dir, "cupsd.conf"), "-s", filepath.Join(dir, "cups-files.conf"))
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		cmd.Wait()
		if tb.Failed() {
			log, _ := os.ReadFile(filepath.Join(dir, "ErrorLog"))
			tb.Logf("cupsd said:\n%s", log[max(0, len(log)-8000):])
		}
	})
	Await(tb, "cupsd listens", c.isListening)
	return c
}

func (c *CUPS) writeConfig(setup CUPSSetup) error {
	if err := os.Chmod(c.Dir, 0o755); err != nil {
		return err
	}
	var files strings.Builder
	for _, name := range []string{"ServerRoot", "StateDir", "CacheDir", "RequestRoot"} {
		sub := filepath.Join(c.Dir, name)
		if err := os.MkdirAll(sub, 0o755); err != nil {
			return err
		}
		fmt.Fprintln(&files, name, sub)
	}
	// cupsd lets filters, which run as user lp, write only within RequestRoot;
	// filters that convert something to PDF do.
	temp := filepath.Join(c.Dir, "RequestRoot", "tmp")
	if err := os.MkdirAll(temp, 0o755); err != nil {
		return err
	}
	fmt.Fprintln(&files, "TempDir", temp)
	for _, name := range []string{"ErrorLog", "AccessLog", "PageLog"} {
		fmt.Fprintln(&files, name, filepath.Join(c.Dir, name))
	}
	fmt.Fprintln(&files, "SystemGroup root")
	if len(setup.Filters) > 0 {
		bin, err := c.makeServerBin(setup.Filters)
		if err != nil {
			return err
		}
		fmt.Fprintln(&files, "ServerBin", bin)
	}
	for name, content := range setup.Files {
		if err := os.WriteFile(filepath.Join(c.Dir, "ServerRoot", name), []byte(content), 0o644); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(c.Dir, "cups-files.conf"), []byte(files.String()), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(c.Dir, "cupsd.conf"), []byte("Listen "+c.socket+"\n"+setup.Conf), 0o644)
}

func (c *CUPS) isListening() bool {
	conn, err := net.Dial("unix", c.socket)
	if err == nil {
		conn.Close()
	}
	return err == nil
}

// Environ returns the variable by which the commands of CUPS find it.
func (c *CUPS) Environ() string { return "CUPS_SERVER=" + c.socket }

// URI returns its address for ipptool, which does not use that variable.
func (c *CUPS) URI() string { return "ipp://" + url.QueryEscape(c.socket) + "/" }

// Run runs a command of CUPS with this CUPS and returns its output.
func (c *CUPS) Run(tb testing.TB, name string, args ...string) string {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, Need(tb, name), args...)
	cmd.Env = append(os.Environ(), c.Environ(), "CUPS_SERVERROOT="+filepath.Join(c.Dir, "ServerRoot"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		tb.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

// AddQueue makes a queue with the driverless driver and returns the printer
// description that CUPS made of the printer's answers.
func (c *CUPS) AddQueue(tb testing.TB, queue, uri string) (ppd []byte) {
	tb.Helper()
	if out := c.Run(tb, "lpadmin", "-p", queue, "-E", "-v", uri, "-m", "everywhere"); strings.Contains(out, "Unable") {
		tb.Errorf("lpadmin: %s", out)
	}
	c.AwaitQueue(tb, queue)
	ppd, err := os.ReadFile(filepath.Join(c.Dir, "ServerRoot", "ppd", queue+".ppd"))
	if err != nil {
		tb.Error(err)
	}
	return ppd
}

// AwaitQueue waits until cupsd has learned what a queue's printer supports. Until
// then cupsd sends documents without converting them.
func (c *CUPS) AwaitQueue(tb testing.TB, queue string) {
	tb.Helper()
	Await(tb, "cupsd has described the queue", func() bool {
		log, _ := os.ReadFile(filepath.Join(c.Dir, "ErrorLog"))
		return bytes.Contains(log, []byte(`Printer "`+queue+`" is now available.`))
	})
}

// Await calls yes until it returns true, for a minute: normally a tenth of that is
// enough.
func Await(tb testing.TB, what string, yes func() bool) {
	tb.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	late := time.After(time.Minute)
	for !yes() {
		select {
		case <-tick.C:
		case <-late:
			tb.Fatalf("waited in vain: %s", what)
		}
	}
}
