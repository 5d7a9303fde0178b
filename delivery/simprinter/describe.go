package simprinter

import (
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

func (p *Printer) anyURI() string {
	if uri := p.URI(); uri != "" {
		return uri
	}
	return p.PlainURI()
}

func (p *Printer) getPrinter(m *goipp.Message) *goipp.Message {
	a := ipp.NewResponse(m, goipp.StatusOk)
	p.mu.Lock()
	busy, queued := p.busy(), 0
	for _, j := range p.jobs {
		if !j.ended() {
			queued++
		}
	}
	p.mu.Unlock()
	a.Printer = requested(m, p.overridden(p.attributes(busy, queued)))
	return a
}

// overridden puts the configured attributes in the place of the usual ones.
func (p *Printer) overridden(attrs goipp.Attributes) goipp.Attributes {
	out := p.config.Attributes.DeepCopy()
	for _, a := range attrs {
		if _, is := ipp.Find(out, a.Name); !is {
			out.Add(a)
		}
	}
	return out
}

func (p *Printer) attributes(busy bool, queued int) goipp.Attributes {
	state := 3
	if busy {
		state = 4
	}
	return append(p.identity(),
		ipp.Enum("printer-state", state),
		ipp.Keyword("printer-state-reasons", "none"),
		ipp.Boolean("printer-is-accepting-jobs", true),
		ipp.Integer("queued-job-count", queued),
		ipp.Integer("printer-up-time", int(time.Since(p.started)/time.Second)+1),
		ipp.Enum("operations-supported", opNumbers(p.config.Operations)...),
		ipp.MIME("document-format-supported", p.config.Formats...),
		ipp.MIME("document-format-default", first(p.config.Formats)),
		ipp.Keyword("compression-supported", "none"),
		ipp.Boolean("multiple-document-jobs-supported", false),
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

func (p *Printer) identity() goipp.Attributes {
	out := goipp.Attributes{
		ipp.Name("printer-name", p.config.Name),
		ipp.Text("printer-info", p.config.Name),
		ipp.Text("printer-location", "this computer"),
		ipp.Text("printer-make-and-model", "Print Scout Software Printer"),
		ipp.URI("printer-uuid", "urn:uuid:"+p.uuid),
		ipp.Keyword("ipp-versions-supported", "1.1", "2.0"),
		goipp.MakeAttr("charset-configured", goipp.TagCharset, goipp.String("utf-8")),
		goipp.MakeAttr("charset-supported", goipp.TagCharset, goipp.String("utf-8")),
		goipp.MakeAttr("natural-language-configured", goipp.TagLanguage, goipp.String("en")),
		goipp.MakeAttr("generated-natural-language-supported", goipp.TagLanguage, goipp.String("en")),
		ipp.Keyword("pdl-override-supported", "not-attempted"),
	}
	return append(out, p.addresses()...)
}

// addresses are the three parallel attributes of RFC 8011 §5.4.1 to §5.4.3.
func (p *Printer) addresses() goipp.Attributes {
	var uris, security, authentication []string
	for _, a := range []struct{ uri, security string }{{p.URI(), "tls"}, {p.PlainURI(), "none"}} {
		if a.uri != "" {
			uris, security = append(uris, a.uri), append(security, a.security)
			authentication = append(authentication, "none")
		}
	}
	return goipp.Attributes{
		ipp.URI("printer-uri-supported", uris...),
		ipp.Keyword("uri-security-supported", security...),
		ipp.Keyword("uri-authentication-supported", authentication...),
	}
}

func opNumbers(ops []goipp.Op) []int {
	out := make([]int, len(ops))
	for i, op := range ops {
		out[i] = int(op)
	}
	return out
}

func first(s []string) string {
	if len(s) == 0 {
		return "application/octet-stream"
	}
	return s[0]
}
