package peers

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TLSFront is a TLS server with OpenSSL (stunnel) in front of a printer without TLS.
// It can have the protocols and ciphers of old printers.
type TLSFront struct {
	// To is the printer's host and port.
	To string
	// Certificate is a PEM file of a certificate and its key.
	Certificate string
	// Min and Max are stunnel's words for versions: TLSv1, TLSv1.2, TLSv1.3.
	Min, Max string
	// Ciphers is an OpenSSL cipher list for TLS 1.2 and before; empty is all ciphers.
	Ciphers string
}

// Start starts it on a port of loopback, which it returns. It ends with the test.
func (f TLSFront) Start(tb testing.TB) (port int) {
	tb.Helper()
	program := Need(tb, "stunnel4")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	given, err := l.(*net.TCPListener).File()
	if err != nil {
		tb.Fatal(err)
	}
	defer given.Close()
	port = l.Addr().(*net.TCPAddr).Port
	dir := tb.TempDir()
	file := filepath.Join(dir, "stunnel.conf")
	if err := os.WriteFile(file, []byte(f.stunnelConf(port)), 0o600); err != nil {
		tb.Fatal(err)
	}
	// It inherits the socket, as from systemd, so that no other program can take
	// the port first.
	cmd := exec.Command("sh", "-c", `LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" "$@"`, program, file)
	cmd.ExtraFiles = []*os.File{given}
	startSaying(tb, cmd, dir, "Configuration successful")
	return port
}

func (f TLSFront) stunnelConf(port int) string {
	ciphers := f.Ciphers
	if ciphers == "" {
		ciphers = "ALL"
	}
	// Level 0: by default Debian's OpenSSL refuses what old printers have.
	return fmt.Sprintf(`foreground = yes
pid =
[printer]
accept = 127.0.0.1:%d
connect = %s
cert = %s
securityLevel = 0
sslVersionMin = %s
sslVersionMax = %s
ciphers = %s:@SECLEVEL=0
`, port, f.To, f.Certificate, f.Min, f.Max, ciphers)
}

// SelfSigned makes a key and a certificate with `openssl req -x509` and further
// arguments, and returns a PEM file with both.
func SelfSigned(tb testing.TB, args ...string) (file string) {
	tb.Helper()
	program := Need(tb, "openssl")
	dir := tb.TempDir()
	key, cert := filepath.Join(dir, "key.pem"), filepath.Join(dir, "cert.pem")
	cmd := exec.Command(program, append([]string{"req", "-x509", "-nodes", "-subj", "/CN=localhost", "-days", "30", "-keyout", key, "-out", cert}, args...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		tb.Fatalf("openssl %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return joinPEM(tb, dir, cert, key)
}

// joinPEM concatenates PEM files.
func joinPEM(tb testing.TB, dir string, parts ...string) (file string) {
	tb.Helper()
	var all []byte
	for _, part := range parts {
		b, err := os.ReadFile(part)
		if err != nil {
			tb.Fatal(err)
		}
		all = append(all, b...)
	}
	file = filepath.Join(dir, "both.pem")
	if err := os.WriteFile(file, all, 0o600); err != nil {
		tb.Fatal(err)
	}
	return file
}

// freeTCP returns a TCP port of loopback that was free a moment ago: the programs
// cannot choose a free port themselves.
func freeTCP(tb testing.TB) int {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
