package identity

import (
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/printscout/printscout/internal/dev/peers"
)

// TestCUPSIsTheSpooler prints through a real cupsd to a port of ours and looks
// at who comes: its backend, as root or as lp.
func TestCUPSIsTheSpooler(t *testing.T) {
	cups := peers.StartCUPS(t)
	l := listenOn(t, "127.0.0.1")
	if err := l.(*net.TCPListener).SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	cups.Run(t, "lpadmin", "-p", "q", "-E", "-v", "ipp://"+l.Addr().String()+"/ipp/print", "-m", "raw")
	file := filepath.Join(cups.Dir, "page.pdf")
	if err := os.WriteFile(file, peers.PDF(595, 842), 0o644); err != nil {
		t.Fatal(err)
	}
	cups.Run(t, "lp", "-d", "q", file)
	s := acceptOne(t, l)
	defer s.Close()
	p, err := askOf(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if !p.Spooler || p.Name != "lp" && p.Name != "root" {
		t.Errorf("the backend of cupsd is %+v", p)
	}
	t.Logf("%+v", p)
	cups.Run(t, "cancel", "-a", "-x")
}
