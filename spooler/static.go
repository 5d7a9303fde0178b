package spooler

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// staticAttributes holds what is the same in every response to
// Get-Printer-Attributes.
type staticAttributes struct {
	description goipp.Attributes
	template    goipp.Attributes
	database    goipp.Attributes // media-col-database, sent only if named
}

func (p *Printer) newStaticAttributes(r *resource) *staticAttributes {
	return &staticAttributes{
		description: slices.Concat(identityAttributes(&p.cfg, r), p.capabilities.colorAttributes(), supplyAttributes(), p.protocolAttributes(), p.capabilities.formatAttributes(r, p.limits), p.extraAttributes()),
		template:    slices.Concat(p.templateDefaults(), p.capabilities.papers.mediaAttributes()),
		database:    goipp.Attributes{p.capabilities.papers.mediaColDatabase()},
	}
}

func (s *staticAttributes) allAttributes() goipp.Attributes {
	return slices.Concat(s.description, s.template, s.database)
}

// identityAttributes returns what identifies the printer. The attributes that
// Windows derives its own names from (printer-uuid, printer-device-id) depend
// only on the configuration.
func identityAttributes(c *Config, r *resource) goipp.Attributes {
	return goipp.Attributes{
		ipp.Name("printer-name", r.name),
		ipp.Text("printer-info", r.info),
		ipp.Text("printer-location", c.Location),
		ipp.Text("printer-make-and-model", c.Make),
		ipp.URI("printer-uuid", r.uuid),
		ipp.Text("printer-device-id", deviceID(c.Make, r.commands)),
		ipp.Name("printer-dns-sd-name", ipp.Clean(r.info, 63)),
		ipp.Text("printer-organization", ""),
		ipp.Text("printer-organizational-unit", ""),
		ipp.Keyword("printer-kind", "document"),
		goipp.MakeAttr("printer-geo-location", goipp.TagUnknown, goipp.Void{}),
	}
}

// deviceID returns an IEEE 1284 device id. CMD must agree with
// document-format-supported.
func deviceID(model, commands string) string {
	model = strings.NewReplacer(";", " ", ":", " ").Replace(model)
	return "MFG:Print Scout;MDL:" + model + ";CMD:" + commands + ";CLS:PRINTER;"
}

// colorAttributes returns color and speed, which stand for any printer. Without
// color pages-per-minute-color is absent (RFC 8011 §5.4.37).
func (l *capabilities) colorAttributes() goipp.Attributes {
	attrs := goipp.Attributes{
		ipp.Boolean("color-supported", l.color),
		ipp.Integer("pages-per-minute", 60),
	}
	if l.color {
		attrs.Add(ipp.Integer("pages-per-minute-color", 60))
	}
	return attrs
}

// protocolAttributes returns which operations, versions and charsets are
// supported.
func (p *Printer) protocolAttributes() goipp.Attributes {
	var ops []int
	for op := range p.operations {
		ops = append(ops, int(op))
	}
	slices.Sort(ops)
	return goipp.Attributes{
		goipp.MakeAttr("charset-configured", goipp.TagCharset, goipp.String("utf-8")),
		goipp.MakeAttr("charset-supported", goipp.TagCharset, goipp.String("utf-8"), goipp.String("us-ascii")),
		goipp.MakeAttr("natural-language-configured", goipp.TagLanguage, goipp.String("en")),
		goipp.MakeAttr("generated-natural-language-supported", goipp.TagLanguage, goipp.String("en")),
		ipp.Keyword("ipp-versions-supported", "1.1", "2.0"),
		ipp.Enum("operations-supported", ops...),
		ipp.Keyword("uri-security-supported", "none"),
		ipp.Keyword("uri-authentication-supported", "requesting-user-name"),
		ipp.Keyword("which-jobs-supported", slices.Sorted(maps.Keys(whichJobs))...),
		ipp.Boolean("job-ids-supported", true),
		ipp.Boolean("multiple-document-jobs-supported", true),
		ipp.Integer("multiple-operation-time-out", int(max(p.limits.JobTimeout/time.Second, 1))),
		ipp.Keyword("multiple-operation-time-out-action", "abort-job"),
		ipp.Boolean("preferred-attributes-supported", false),
		ipp.Boolean("job-mandatory-attributes-supported", true),
		ipp.Keyword("job-creation-attributes-supported", slices.Sorted(maps.Keys(p.templates))...),
		ipp.Keyword("printer-get-attributes-supported", "document-format"),
		ipp.Keyword("pdl-override-supported", "attempted"),
		ipp.Boolean("job-account-id-supported", false),
		ipp.Boolean("job-accounting-user-id-supported", false),
	}
}

// formatAttributes returns which document formats are supported, and how.
func (l *capabilities) formatAttributes(r *resource, most Limits) goipp.Attributes {
	kilo := int(min(most.Document/1024, 1<<31-1))
	attrs := goipp.Attributes{
		ipp.MIME("document-format-supported", r.formats...),
		ipp.MIME("document-format-default", r.defaultFormat),
		ipp.MIME("document-format-preferred", r.preferredFormat),
		ipp.Keyword("compression-supported", slices.Sorted(maps.Keys(compressions))...),
		ipp.Range("job-k-octets-supported", 0, kilo),
		ipp.Resolution("pwg-raster-document-resolution-supported", resolutions...),
		ipp.Keyword("pwg-raster-document-sheet-back", "normal"),
		ipp.Keyword("pwg-raster-document-type-supported", l.rasterTypes()...),
		ipp.Keyword("urf-supported", l.urfKeywords()...),
	}
	if r.preferredFormat != formatPDF {
		return attrs
	}
	return append(attrs,
		ipp.Range("pdf-k-octets-supported", 0, kilo),
		// Documents are passed on as they are, so no password of theirs is asked for.
		ipp.Integer("document-password-supported", 0),
		ipp.Keyword("pdf-versions-supported", "adobe-1.3", "adobe-1.4", "adobe-1.5", "adobe-1.6", "iso-32000-1_2008"),
		ipp.Range("jpeg-k-octets-supported", 0, kilo),
		ipp.Range("jpeg-x-dimension-supported", 0, 65535),
		ipp.Range("jpeg-y-dimension-supported", 1, 65535),
	)
}

// templateDefaults returns the defaults and supported values of the job
// template attributes.
func (p *Printer) templateDefaults() goipp.Attributes {
	attrs := goipp.Attributes{
		ipp.Integer("copies-default", 1),
		ipp.Range("copies-supported", 1, maxCopies),
		ipp.Keyword("sides-default", p.capabilities.sides[0]),
		ipp.Keyword("sides-supported", p.capabilities.sides...),
		ipp.Keyword("print-color-mode-default", p.capabilities.colorModes[0]),
		ipp.Keyword("print-color-mode-supported", p.capabilities.colorModes...),
		ipp.Enum("print-quality-default", 4),
		ipp.Enum("print-quality-supported", qualities...),
		ipp.Resolution("printer-resolution-default", resolutions[0]),
		ipp.Resolution("printer-resolution-supported", resolutions...),
		ipp.Enum("orientation-requested-default", orientations[0]),
		ipp.Enum("orientation-requested-supported", orientations...),
		ipp.Enum("finishings-default", noFinishing),
		ipp.Enum("finishings-ready", p.capabilities.finishings...),
		ipp.Enum("finishings-supported", p.capabilities.finishings...),
		ipp.Keyword("output-bin-default", outputBins...),
		ipp.Keyword("output-bin-supported", outputBins...),
		ipp.Boolean("page-ranges-supported", true),
		ipp.Keyword("print-scaling-default", scalings[0]),
		ipp.Keyword("print-scaling-supported", scalings...),
		ipp.Keyword("print-content-optimize-default", contentOptimizations[0]),
		ipp.Keyword("print-content-optimize-supported", contentOptimizations...),
		ipp.Keyword("print-rendering-intent-default", renderingIntents[0]),
		ipp.Keyword("print-rendering-intent-supported", renderingIntents...),
		ipp.Keyword("multiple-document-handling-default", documentHandlings[0]),
		ipp.Keyword("multiple-document-handling-supported", documentHandlings...),
		ipp.Integer("number-up-default", numbersUp[0]),
		ipp.Integer("number-up-supported", numbersUp...),
		ipp.Keyword("overrides-supported", overrideMembers...),
		ipp.Keyword("job-sheets-default", jobSheets[0]),
		ipp.Keyword("job-sheets-supported", jobSheets...),
		ipp.Keyword("job-settable-attributes-supported", slices.Sorted(maps.Keys(p.templates))...),
	}
	if p.supportsHold() {
		attrs.Add(ipp.Keyword("job-hold-until-default", noHold))
		attrs.Add(ipp.Keyword("job-hold-until-supported", holdValues...))
	}
	if p.cfg.Passwords {
		attrs.Add(ipp.Integer("job-password-supported", passwordSize))
		attrs.Add(ipp.Keyword("job-password-encryption-supported", plainEncryption))
	}
	return attrs
}
