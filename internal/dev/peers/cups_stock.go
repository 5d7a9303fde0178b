package peers

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// stockConf is the cupsd.conf that Debian's cups-daemon starts with.
const stockConf = "/usr/share/cups/cupsd.conf.default"

// ofTheSystem are its lines that do not suit a CUPS of a test's own: where it
// listens, whom it tells of its printers, how much it logs.
var ofTheSystem = regexp.MustCompile(`(?m)^(Listen|Browsing|LogLevel) .*$`)

// StockConf is the cupsd.conf that CUPS ships with, its policies above all,
// for StartCUPSWith.
func StockConf(tb testing.TB) string {
	tb.Helper()
	b, err := os.ReadFile(NeedFile(tb, stockConf))
	if err != nil {
		tb.Fatal(err)
	}
	return "Browsing No\nLogLevel debug\n" + ofTheSystem.ReplaceAllString(string(b), "")
}

// serverBin is where Debian's CUPS has its filters and backends.
const serverBin = "/usr/lib/cups"

// makeServerBin makes a ServerBin with those of the system and filters of a test's
// own: cupsd runs none that lies elsewhere.
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
