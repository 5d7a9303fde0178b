package simprinter_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/delivery/simprinter"
	"github.com/printscout/printscout/internal/ipp"
)

// TestEchoesInEveryText looks for the echo in each text that a printer says.
func TestEchoesInEveryText(t *testing.T) {
	const echo = `Printed "T" for U`
	w := startPlain(t, simprinter.Config{Echo: echo, Raw: &simprinter.Raw{}, Condition: simprinter.Condition{Message: "Ready"}})
	id := w.mustPrint(testPDF(1))
	job, err := w.jobAttributes(id)
	if err != nil {
		t.Fatal(err)
	}
	for attrs, names := range map[*goipp.Attributes][]string{
		&job:                        {"job-state-message", "job-detailed-status-messages", "job-message-from-operator", "job-document-access-errors"},
		new(w.printerAttributes()):  {"printer-state-message", "printer-info", "printer-location"},
		new(w.refusal(t).Operation): {"status-message", "detailed-status-message"},
	} {
		for _, name := range names {
			if said := ipp.String(*attrs, name); !strings.Contains(said, echo) {
				t.Errorf("%s is %q", name, said)
			}
		}
	}
	said := w.sendRaw([]byte(uel + "@PJL ECHO x\r\n@PJL INFO STATUS\r\n@PJL INFO ID\r\n@PJL INFO X\r\n@PJL INQUIRE X\r\n" + uel))
	for _, want := range []string{"@PJL ECHO " + echo, "@PJL ECHO x\r\n\f", `DISPLAY="Ready ` + echo, `"Software Printer ` + echo, `"? ` + echo} {
		if !strings.Contains(said, want) {
			t.Errorf("by PJL it did not say %q but %q", want, said)
		}
	}
	w.p.SetFault(goipp.OpValidateJob, simprinter.Fault{HTTP: http.StatusServiceUnavailable})
	c := w.dial(w.p.PlainURI())
	b, err := ipp.NewRequest(ipp.Version20, goipp.OpValidateJob, w.p.PlainURI()).EncodeBytes()
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(c, "POST /ipp/print HTTP/1.1\r\nHost: x\r\nContent-Type: application/ipp\r\nContent-Length: %d\r\n\r\n%s", len(b), b)
	a, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	if body, err := io.ReadAll(a.Body); err != nil || !strings.Contains(a.Status, echo) || !strings.Contains(string(body), echo) || !strings.Contains(a.Header.Get("Server"), echo) {
		t.Errorf("by HTTP it said %q, %q, %q, %v", a.Status, a.Header, body, err)
	}
}

// refusal returns the answer to a request for a job that does not exist.
func (w *scenarioWorld) refusal(t *testing.T) *goipp.Message {
	t.Helper()
	m := ipp.NewRequest(ipp.Version20, goipp.OpGetJobAttributes, w.p.PlainURI())
	m.Operation.Add(ipp.Integer("job-id", 4711))
	a, err := w.client("").Do(t.Context(), m, nil)
	if err == nil || a == nil {
		t.Fatalf("%+v, %v", a, err)
	}
	return a
}
