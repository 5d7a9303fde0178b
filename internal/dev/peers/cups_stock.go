package peers

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// stockConf is the default cupsd.conf of Debian's cups-daemon.
const stockConf = "/usr/share/cups/cupsd.conf.default"

// ofTheSystem matches its lines that a CUPS of a test's own must not have: where it
// listens, whether it announces its printers, how much it logs.
var ofTheSystem = regexp.MustCompile(`(?m)^(Listen|Browsing|LogLevel) .*$`)

// StockConf returns the cupsd.conf that CUPS ships with, in particular its policies,
// for StartCUPSWith.
func StockConf(tb testing.TB) string {
	tb.Helper()
	b, err := os.ReadFile(NeedFile(tb, stockConf))
	if err != nil {
		tb.Fatal(err)
	}
	return "Browsing No\nLogLevel debug\n" + ofTheSystem.ReplaceAllString(string(b), "")
}

// serverBin is the folder of the filters and backends of Debian's CUPS.
const serverBin = "/usr/lib/cups"

// makeServerBin makes a ServerBin with the system's programs and a test's filters:
// cupsd runs only filters that are there.
func (c *CUPS) makeServerBin(filters map[string]string) (dir string, err error) {
	dir = filepath.Join(c.Dir, "ServerBin")
	if err := os.MkdirAll(filepath.Join(dir, "filter"), 0o755); err != nil {
		return "", err
	}
	for _, pattern := range []string{"*", "filter/*"} {
		names, err := filepath.Glob(filepath.Join(serverBin, pattern))
		if err != nil {
			return "", err
		}
		for _, name := range names {
			to := filepath.Join(dir, name[len(serverBin):])
			if err := os.Symlink(name, to); err != nil && !os.IsExist(err) {
				return "", fmt.Errorf("making a folder of filters: %w", err)
			}
		}
	}
	for name, script := range filters {
		if err := os.WriteFile(filepath.Join(dir, "filter", name), []byte(script), 0o755); err != nil {
			return "", err
		}
	}
	return dir, nil
}
