package simprinter

import (
	"net/http"
	"strings"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// withEcho returns a text of the printer followed by the echo, if it has one.
func (p *Printer) withEcho(text string) string {
	return strings.TrimSpace(text + " " + p.config.Echo)
}

// addEcho puts the echo into the messages that any answer may have (RFC 8011
// §4.1.6.2, §4.1.6.3).
func (p *Printer) addEcho(m *goipp.Message) {
	if p.config.Echo == "" {
		return
	}
	add := m.Operation.Add
	if len(m.Groups) > 0 {
		add = m.Groups[0].Attrs.Add
	}
	if ipp.String(m.Operation, "status-message") == "" {
		add(ipp.Text("status-message", p.withEcho(goipp.Status(m.Code).String())))
	}
	add(ipp.Text("detailed-status-message", p.config.Echo))
}

// echoAttributes returns texts of a job that the printer has only with an
// echo.
func (p *Printer) echoAttributes() goipp.Attributes {
	if p.config.Echo == "" {
		return nil
	}
	return goipp.Attributes{
		ipp.Text("job-detailed-status-messages", p.config.Echo),
		ipp.Text("job-message-from-operator", p.config.Echo),
		ipp.Text("job-document-access-errors", p.config.Echo),
	}
}

// reasonPhrase returns the reason phrase of an HTTP status.
func (x *httpExchange) reasonPhrase(code int) string {
	return strings.TrimSpace(http.StatusText(code) + " " + x.printer.config.Echo)
}
