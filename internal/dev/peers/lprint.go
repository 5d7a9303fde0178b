package peers

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// StartLPrint starts LPrint, a printer application for labels that uses PAPPL, and
// returns its port. It ends with the test. It has one printer, at /ipp/print/NAME,
// that sends ZPL to the address device, socket://HOST:PORT. LPrint listens on every
// address, so the test has to call Alone.
func StartLPrint(tb testing.TB, name, device string) (port int) {
	tb.Helper()
	program := Need(tb, "lprint")
	dir := tb.TempDir()
	port = freeTCP(tb)
	environ := append(os.Environ(), "HOME="+dir, "TMPDIR="+dir,
		"DBUS_SYSTEM_BUS_ADDRESS=unix:path="+filepath.Join(dir, "none")) // or it would announce its printer on the network
	cmd := exec.Command(program, "server", "-o", "server-port="+strconv.Itoa(port), "-o", "listen-hostname=localhost",
		"-o", "spool-directory="+filepath.Join(dir, "spool"), "-o", "log-file=-", "-o", "log-level=info")
	cmd.Env = environ
	startSaying(tb, cmd, dir, "Starting system")
	ctx, cancel := context.WithTimeout(tb.Context(), 30*time.Second)
	defer cancel()
	add := exec.CommandContext(ctx, program, "add", "-d", name, "-v", device, "-m", "zpl_4inch-203dpi-dt",
		"-u", "ipp://localhost:"+strconv.Itoa(port)+"/ipp/system")
	add.Env = environ
	if out, err := add.CombinedOutput(); err != nil {
		tb.Fatalf("lprint add: %v\n%s", err, out)
	}
	return port
}
