//go:build unix

package local

import (
	"strings"
	"testing"

	"github.com/printscout/printscout/delivery/simprinter"
	"github.com/printscout/printscout/internal/dev/peers"
)

func TestCommandIsOneThatAShellTakes(t *testing.T) {
	if got := (systemQueues{}).Command("ipp://localhost:8631/ipp/print"); got != "sudo lpadmin -p PrintScout -E -v 'ipp://localhost:8631/ipp/print' -m everywhere -o printer-op-policy=authenticated" {
		t.Error(got)
	}
	if got := (systemQueues{}).Command("ipp://x';reboot;'"); !strings.Contains(got, `'ipp://x'\'';reboot;'\'''`) {
		t.Error(got)
	}
}

// TestQueuesOfARealCUPS finds none, makes one, and finds it.
func TestQueuesOfARealCUPS(t *testing.T) {
	cups := peers.StartCUPSWith(t, peers.CUPSSetup{Conf: peers.StockConf(t)})
	_, server, _ := strings.Cut(cups.Environ(), "=")
	t.Setenv("CUPS_SERVER", server)
	peers.Need(t, "lpstat")
	printer, err := simprinter.Start(simprinter.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer printer.Close()
	uri := printer.PlainURI()
	if name, err := (systemQueues{}).Find(t.Context(), []string{uri}); name != "" || err != nil {
		t.Errorf("at first: %q, %v", name, err)
	}
	if err := (systemQueues{}).Make(t.Context(), uri); err != nil {
		t.Fatal(err)
	}
	if name, err := (systemQueues{}).Find(t.Context(), []string{"ipp://127.0.0.1:1/ipp/print", uri}); name != queueName || err != nil {
		t.Errorf("then: %q, %v", name, err)
	}
	t.Setenv("CUPS_SERVER", "/nonexistent/sock")
	if err := (systemQueues{}).Make(t.Context(), uri); err == nil || !strings.HasPrefix(err.Error(), "lpadmin: ") {
		t.Errorf("where no CUPS answers: %v", err)
	}
	if name, err := (systemQueues{}).Find(t.Context(), []string{uri}); err == nil || !strings.HasPrefix(err.Error(), "lpstat: ") {
		t.Errorf("where no CUPS answers: %q, %v", name, err)
	}
}
