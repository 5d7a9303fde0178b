package simprinter

import (
	"strings"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

func (p *Printer) getPrinter(m *goipp.Message) *goipp.Message {
	a := ipp.NewResponse(m, goipp.StatusOk)
	p.mu.Lock()
	busy, queued, c := p.busy(), 0, p.condition
	for _, j := range p.jobs {
		if !j.ended() {
			queued++
		}
	}
	p.mu.Unlock()
	a.Printer = requestedOnly(m, p.withConfigured(p.printerAttributes(busy, queued, c)))
	return a
}

// withConfigured replaces the usual attributes by the configured ones.
func (p *Printer) withConfigured(attrs goipp.Attributes) goipp.Attributes {
	out := p.config.Attributes.DeepCopy()
	for _, a := range attrs {
		if _, is := ipp.Find(out, a.Name); !is {
			out.Add(a)
		}
	}
	return out
}

// stateAttributes returns the printer's state.
func (p *Printer) stateAttributes(busy bool, c Condition) goipp.Attributes {
	if c.State == 0 {
		c.State = ipp.PrinterIdle
		if busy {
			c.State = ipp.PrinterProcessing
		}
	}
	if c.Reasons == nil {
		c.Reasons = []string{"none"}
	}
	out := goipp.Attributes{
		ipp.Enum("printer-state", c.State),
		ipp.Keyword("printer-state-reasons", c.Reasons...),
		ipp.Boolean("printer-is-accepting-jobs", !c.Refuses),
	}
	if message := p.withEcho(c.Message); message != "" {
		out.Add(ipp.Text("printer-state-message", message))
	}
	return out
}

// upTime returns printer-up-time: seconds since the printer was switched on,
// from 1.
func (p *Printer) upTime() int { return int(time.Since(p.started)/time.Second) + 1 }

func (p *Printer) printerAttributes(busy bool, queued int, c Condition) goipp.Attributes {
	return append(append(p.identityAttributes(), p.stateAttributes(busy, c)...),
		ipp.Integer("queued-job-count", queued),
		ipp.Enum("operations-supported", opNumbers(p.config.Operations)...),
		ipp.MIME("document-format-supported", p.config.Formats...),
		ipp.MIME("document-format-default", firstFormat(p.config.Formats)),
		ipp.Keyword("compression-supported", p.compressionsSupported()...),
		ipp.Boolean("multiple-document-jobs-supported", p.config.ManyDocuments),
		ipp.Integer("multiple-operation-time-out", 60),
		ipp.Range("copies-supported", 1, 99),
		ipp.Keyword("sides-supported", "one-sided", "two-sided-long-edge", "two-sided-short-edge"),
		ipp.Keyword("media-supported", "iso_a4_210x297mm", "na_letter_8.5x11in"),
		ipp.Keyword("media-col-supported", "media-size", "media-source", "media-type"),
		ipp.Keyword("print-color-mode-supported", "auto", "color", "monochrome"),
		ipp.Enum("print-quality-supported", 3, 4, 5),
		ipp.Enum("orientation-requested-supported", 3, 4, 5, 6),
		ipp.Boolean("page-ranges-supported", true),
		ipp.Integer("number-up-supported", 1),
		ipp.Enum("finishings-supported", 3),
		ipp.Keyword("output-bin-supported", "face-down"),
		ipp.Resolution("printer-resolution-supported", 600),
		ipp.Keyword("job-sheets-supported", "none"),
	)
}

func (p *Printer) identityAttributes() goipp.Attributes {
	p.mu.Lock()
	uuid, serial, up := p.uuid, p.serial, p.upTime()
	p.mu.Unlock()
	out := goipp.Attributes{
		ipp.Integer("printer-up-time", up),
		ipp.Text("printer-serial-number", serial),
		ipp.Text("printer-device-id", "MFG:Print Scout;MDL:Software Printer;CMD:"+p.commandSets()+";SN:"+serial+";"),
		ipp.Name("printer-name", p.config.Name),
		ipp.Text("printer-info", p.withEcho(p.config.Name)),
		ipp.Text("printer-location", p.withEcho("this computer")),
		ipp.Text("printer-make-and-model", "Print Scout Software Printer"),
		ipp.URI("printer-uuid", "urn:uuid:"+uuid),
		ipp.Keyword("ipp-versions-supported", p.config.Versions...),
		goipp.MakeAttr("charset-configured", goipp.TagCharset, goipp.String("utf-8")),
		goipp.MakeAttr("charset-supported", goipp.TagCharset, goipp.String("utf-8")),
		goipp.MakeAttr("natural-language-configured", goipp.TagLanguage, goipp.String("en")),
		goipp.MakeAttr("generated-natural-language-supported", goipp.TagLanguage, goipp.String("en")),
		ipp.Keyword("pdl-override-supported", "not-attempted"),
	}
	return append(out, p.addressAttributes()...)
}

// addressAttributes returns the three parallel attributes of RFC 8011 §5.4.1
// to §5.4.3.
func (p *Printer) addressAttributes() goipp.Attributes {
	var uris, security, authentication []string
	for _, a := range []struct{ uri, security string }{{p.URI(), "tls"}, {p.PlainURI(), "none"}} {
		if a.uri != "" {
			uris, security = append(uris, a.uri), append(security, a.security)
			authentication = append(authentication, "none")
		}
	}
	more := "http" + strings.TrimSuffix(strings.TrimPrefix(p.AnyURI(), "ipp"), p.config.Path) + "/"
	return goipp.Attributes{
		ipp.URI("printer-more-info", more),
		ipp.URI("printer-uri-supported", uris...),
		ipp.Keyword("uri-security-supported", security...),
		ipp.Keyword("uri-authentication-supported", authentication...),
	}
}

func (p *Printer) compressionsSupported() []string {
	if p.config.Gzip {
		return []string{"none", "gzip"}
	}
	return []string{"none"}
}

// formatCommands are the names of formats in an IEEE 1284 id.
var formatCommands = map[string]string{
	"application/pdf": "PDF", "application/postscript": "POSTSCRIPT", "application/vnd.hp-pcl": "PCL",
	"application/vnd.hp-pclxl": "PCLXL", "image/jpeg": "JPEG", "image/pwg-raster": "PWGRaster", "image/urf": "URF",
}

// commandSets returns the formats by their names in the printer's IEEE 1284
// id.
func (p *Printer) commandSets() string {
	var out []string
	for _, f := range p.config.Formats {
		if c := formatCommands[f]; c != "" {
			out = append(out, c)
		}
	}
	return strings.Join(out, ",")
}

func opNumbers(ops []goipp.Op) []int {
	out := make([]int, len(ops))
	for i, op := range ops {
		out[i] = int(op)
	}
	return out
}

func firstFormat(s []string) string {
	if len(s) == 0 {
		return "application/octet-stream"
	}
	return s[0]
}
