package checkups

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/printscout/printscout/internal/checkup"
	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/dev/peers/run"
)

// withCUPSOf gives a bench a CUPS and a printer on loopback in the agent's place.
func withCUPSOf(t *testing.T, conf string) (*bench, *peers.CUPS, string) {
	t.Helper()
	cups := peers.StartCUPSWith(t, peers.CUPSSetup{Conf: conf})
	peers.Need(t, "ippeveprinter")
	printer, err := run.StartPrinter(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(printer.Stop)
	b := newBench(t)
	name, value, _ := strings.Cut(cups.Environ(), "=")
	b.env[name], b.env["CUPS_SERVERROOT"] = value, cups.Dir
	t.Setenv(name, value) // for the programs of CUPS
	b.System.Run = runProgram
	b.agent.status.PrinterURIs = []string{printer.URI}
	return b, cups, printer.URI
}

// TestQueueDisabledIsFixed stops our queue and another's: only ours is started
// again.
func TestQueueDisabledIsFixed(t *testing.T) {
	b, cups, uri := withCUPSOf(t, peers.StockConf(t))
	b.wants("print-system", checkup.Pass, "Print queues: 0")
	b.wants("queue", checkup.Fail, "No print queue leads to the agent")
	b.wants("queue-enabled", checkup.Info)
	cups.AddQueue(t, "printscout", uri)
	cups.Run(t, "lpadmin", "-p", "others", "-E", "-v", "ipp://127.0.0.1:9/ipp/print")
	b.wants("queue", checkup.Pass, "printscout leads to the agent")
	b.wants("queue-enabled", checkup.Pass)
	for _, name := range []string{"printscout", "others"} {
		cups.Run(t, "cupsreject", name)
		cups.Run(t, "cupsdisable", "-r", "out of paper", name)
	}
	b.repair(b.wants("queue-enabled", checkup.Fail, "is stopped", "refuses jobs", "Out of paper.", "cupsenable printscout"))
	b.wants("queue-enabled", checkup.Pass)
	others := cups.Run(t, "lpstat", "-p", "others", "-a", "others")
	if !strings.Contains(others, "disabled") || !strings.Contains(others, "not accepting") {
		t.Errorf("another's queue was touched:\n%s", others)
	}
	cups.Run(t, "lpadmin", "-p", "printscout", "-o", "printer-error-policy=stop-printer")
	b.repair(b.wants("queue-policy", checkup.Warn, `policy "default"`, "stops after one failed job"))
	b.wants("queue-policy", checkup.Pass)
	b.Settings.QueueChecksUsers = true
	b.wants("queue-names", checkup.Fail, "any user make a queue")
	b.Settings.QueueChecksUsers = false
	b.wants("queue-names", checkup.Info, "does not check names")
	b.wants("cups-version", checkup.Warn, "older than 2.4.17", "cannot see that")
	b.wants("cups-shared", checkup.Pass)
}

// TestHalfMadeQueueIsFixed makes a queue as a failed lpadmin -m everywhere
// leaves it.
func TestHalfMadeQueueIsFixed(t *testing.T) {
	b, cups, uri := withCUPSOf(t, peers.StockConf(t))
	cups.Run(t, "lpadmin", "-p", "PrintScout", "-E", "-v", uri)
	b.repair(b.wants("queue", checkup.Fail, "half made"))
	cups.AwaitQueue(t, "PrintScout")
	b.wants("queue", checkup.Pass, "The queue PrintScout leads")
}

// TestQueuesOfOthersAreLeftAlone has queues of our name that lead elsewhere, and
// queues that lead to us under other names.
func TestQueuesOfOthersAreLeftAlone(t *testing.T) {
	b, cups, uri := withCUPSOf(t, peers.StockConf(t))
	cups.Run(t, "lpadmin", "-p", "mine", "-E", "-v", uri)
	b.wants("queue", checkup.Pass, "mine leads to the agent", "not one that printscout install has made")
	b.wants("queues-beside", checkup.Warn, "mine leads to the agent too")
	cups.Run(t, "lpadmin", "-p", "printscout", "-E", "-v", "ipp://ann:secret@127.0.0.1:9/ipp/print")
	f := b.wants("queue", checkup.Fail, "leads to ipp://", "not to the agent")
	if strings.Contains(f.Summary, "secret") || len(f.Repairs) != 0 {
		t.Errorf("%+v", f)
	}
	b.wants("queue-enabled", checkup.Info)
	cups.Run(t, "lpadmin", "-p", "printscout", "-v", uri)
	cups.Run(t, "cupsdisable", "printscout")
	found := b.wants("queue-enabled", checkup.Fail)
	cups.Run(t, "lpadmin", "-p", "printscout", "-v", "ipp://127.0.0.1:9/ipp/print")
	if err := found.Repairs[0].Do(t.Context()); err == nil || !strings.Contains(err.Error(), "does not lead to the agent any more") {
		t.Errorf("a queue that was changed meanwhile: %v", err)
	}
}

// TestNamesAreChecked walks the three steps of docs/identity.md.
func TestNamesAreChecked(t *testing.T) {
	conf := strings.Replace(peers.StockConf(t), "<Policy default>", "<Policy default>\n<Limit CUPS-Create-Local-Printer>\nAuthType Default\nRequire user @SYSTEM\nOrder deny,allow\n</Limit>", 1)
	b, cups, uri := withCUPSOf(t, conf)
	b.Settings.QueueChecksUsers = true
	cups.Run(t, "lpadmin", "-p", "printscout", "-E", "-v", uri, "-o", "printer-op-policy=authenticated")
	b.wants("queue-names", checkup.Pass)
	cups.Run(t, "lpadmin", "-p", "beside", "-E", "-v", uri)
	b.wants("queue-names", checkup.Fail, "not all queues")
	b.wants("queues-beside", checkup.Fail)
	cups.Run(t, "lpadmin", "-p", "beside", "-o", "printer-op-policy=authenticated")
	b.wants("queue-names", checkup.Pass)
	b.wants("queues-beside", checkup.Pass)
	b.Settings.QueueChecksUsers = false
	b.wants("queue-names", checkup.Info, "set QueueChecksUsers to true")
}

// TestBrowsedQueues has queues as cups-browsed makes them.
func TestBrowsedQueues(t *testing.T) {
	b, cups, _ := withCUPSOf(t, peers.StockConf(t))
	b.wants("queue-browsed", checkup.Pass)
	if _, err := os.Stat("/usr/lib/cups/backend/implicitclass"); errors.Is(err, fs.ErrNotExist) {
		b.browsedByRecord(t)
		return
	}
	cups.Run(t, "lpadmin", "-p", "printscout_host", "-E", "-v", "implicitclass://printscout_host/")
	b.wants("queue-browsed", checkup.Warn, "printscout_host")
	cups.Run(t, "lpadmin", "-p", "printscout", "-E", "-v", "implicitclass://printscout/")
	b.wants("queue-browsed", checkup.Fail, "with our name")
	b.wants("queue", checkup.Fail, "leads to implicitclass:")
}

// browsedByRecord judges recorded queues where cups-browsed has no backend here.
func (b *bench) browsedByRecord(t *testing.T) {
	t.Helper()
	for device, want := range map[string]checkup.State{"implicitclass://printscout/": checkup.Fail, "ipp://elsewhere/": checkup.Pass} {
		c := newComputer(b.Config)
		c.queues.get(t.Context(), func(context.Context) ([]queue, error) { return []queue{{name: "printscout", device: device}}, nil })
		if f := c.lookAtBrowsedQueues(t.Context()); f.State != want {
			t.Errorf("%s: %+v", device, f)
		}
	}
	c := newComputer(b.Config)
	c.queues.get(t.Context(), func(context.Context) ([]queue, error) {
		return []queue{{name: "Printscout_host", device: "implicitclass://Printscout_host/"}}, nil
	})
	if f := c.lookAtBrowsedQueues(t.Context()); f.State != checkup.Warn {
		t.Errorf("%+v", f)
	}
}

// TestSharedQueueIsFixed shares our queue on a CUPS that listens beyond loopback,
// by its configuration: nothing listens there in this test.
func TestSharedQueueIsFixed(t *testing.T) {
	b, cups, uri := withCUPSOf(t, peers.StockConf(t))
	cups.Run(t, "lpadmin", "-p", "printscout", "-E", "-v", uri, "-o", "printer-is-shared=true")
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "cupsd.conf"), []byte("Listen /run/x\nListen localhost:631\nPort 631\nListen [::1]:631\nListen 10.1.2.3:631\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.env["CUPS_SERVERROOT"] = root
	b.repair(b.wants("cups-shared", checkup.Fail, "listens beyond this computer: 631.", "10.1.2.3:631", "is shared"))
	b.wants("cups-shared", checkup.Warn, "10.1.2.3:631")
}

func TestWithoutCUPS(t *testing.T) {
	b := newBench(t)
	b.env["CUPS_SERVER"] = filepath.Join(t.TempDir(), "none")
	b.wants("print-system", checkup.Fail, "install CUPS")
	for _, id := range []string{"queue", "queue-enabled", "queue-policy", "queues-beside", "queue-browsed"} {
		b.wants(id, checkup.Info, "CUPS does not answer")
	}
	b.wants("cups-version", checkup.Info)
	b.wants("queue-names", checkup.Info)
	b.env["CUPS_SERVER"] = "" // nor is there a socket of the system below Root
	b.wants("print-system", checkup.Fail, "there is no /run/cups/cups.sock")
}

func TestAddressesOfQueues(t *testing.T) {
	b := newBench(t)
	b.agent.err = errors.New("gone")
	b.Settings.Port, b.Settings.PrinterResources = 8700, []string{"print", "raster"}
	got := newComputer(b.Config).ourAddresses(t.Context())
	if !slices.Equal(got, []string{"ipp://localhost:8700/ipp/print", "ipp://localhost:8700/ipp/print/raster"}) {
		t.Errorf("%v", got)
	}
	for device, want := range map[string]bool{
		"ipp://127.0.0.1:8700/ipp/print": true, "http://[::1]:8700/ipp/print/": true, "ipp://LOCALHOST.:8700/ipp/print": true,
		"ipp://localhost:8701/ipp/print": false, "ipp://localhost/ipp/print": false, "ipps://localhost:8700/ipp/print": false,
		"ipp://10.0.0.1:8700/ipp/print": false, "socket://127.0.0.1:8700/ipp/print": false, "://": false,
	} {
		if got := sameAddress(device, got[0]); got != want {
			t.Errorf("%s: %v", device, got)
		}
	}
	if got := withoutUserinfo("ipp://a:b@c@h/x"); got != "ipp://h/x" {
		t.Error(got)
	}
}
