package peers

import (
	"os"
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
