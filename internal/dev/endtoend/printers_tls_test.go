//go:build unix

package endtoend

import (
	"fmt"
	"os"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// TestPrinterWithANegativeSerialNumber: RFC 5280 forbids it and printers have
// it. Go refuses such a certificate before it asks anybody; the server, which
// takes the pin, and the agent are built so that it does not.
func TestPrinterWithANegativeSerialNumber(t *testing.T) {
	ipptool := peers.Need(t, "ipptool")
	printer := startEve(t, bus(t), peers.Port(t), folder(t))
	certificate := peers.SelfSigned(t, "-newkey", "rsa:2048", "-set_serial", "-5")
	port := peers.TLSFront{To: fmt.Sprintf("localhost:%d", printer.port), Certificate: certificate, Min: "TLSv1.2", Max: "TLSv1.2"}.Start(t)
	d := startDemo(t, folder(t), "--printer", fmt.Sprintf("ipps://127.0.0.1:%d/ipp/print", port))
	doc := pdf(100_000)
	must(t, ipptool, "-tf", write(t, "letter.pdf", doc), d.IPPURL, "print-job.test")
	results, code := d.release(t)
	if code != 0 || results[0].State != "delivered" || results[0].Grade != "ipps-pinned" {
		t.Fatalf("exit %d: %+v", code, results)
	}
	os.Remove(only(t, printer.spool, ".prn"))
	sameFile(t, printer.spool, doc)
}
